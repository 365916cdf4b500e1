"""python3-requests."""

import sys

import requests

answer = requests.get(sys.argv[1], timeout=10)
print(answer.status_code, answer.json()["path"])
