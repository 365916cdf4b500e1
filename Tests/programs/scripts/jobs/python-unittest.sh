# The standard library's own test runner on a package with a test.
set -e
python3 -m unittest -q
python3 -m unittest -q test.test_json 2> json
