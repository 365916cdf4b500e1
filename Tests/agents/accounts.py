"""The services at which a user of Claude Code logs in, and the user who does."""

import json
import os
import re
import subprocess
import urllib.parse

from internet_of_agents import ACCOUNTS, MESSAGES, send

TOKEN, RENEWED = "sk-ant-oat01-of-the-tests", "sk-ant-oat01-renewed"
EMAIL = "tester@example.com"
ACCOUNT, ORGANIZATION = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
CODE = "code-of-the-tests"
ANSWERS = {
    "/v1/oauth/token": {
        "token_type": "Bearer",
        "access_token": TOKEN,
        "refresh_token": "sk-ant-ort01-of-the-tests",
        "expires_in": 28800,
        "scope": "user:inference user:profile user:sessions:claude_code",
        "account": {"uuid": ACCOUNT, "email_address": EMAIL},
        "organization": {"uuid": ORGANIZATION, "name": "Tests"},
    },
    "/api/oauth/profile": {
        "account": {"uuid": ACCOUNT, "email": EMAIL, "full_name": "Tester", "display_name": "Tester"},
        "organization": {
            "uuid": ORGANIZATION,
            "name": "Tests",
            "organization_type": "claude_max",
            "rate_limit_tier": "default_claude_max_5x",
        },
    },
    "/api/oauth/claude_cli/roles": {"organization_uuid": ORGANIZATION, "organization_name": "Tests"},
    # Whether the services can be reached at all, before the first session.
    "/api/hello": {"message": "hello"},
    "/v1/oauth/hello": {"message": "hello"},
}


def answer(handler, body=b""):
    """Answers one request; a code that is none gives no token."""
    found = ANSWERS.get(handler.path)
    if handler.path == "/v1/oauth/token":
        found = token(handler.server.world, json.loads(body or b"{}"))
    send(handler, json.dumps(found or {"error": "invalid_grant"}).encode(), "application/json", 200 if found else 400)


def token(world, request):
    """A token for a code, or for what an earlier one can be renewed by: once, as at the service."""
    whole = ANSWERS["/v1/oauth/token"]
    renews = request.get("refresh_token")
    if renews is None:
        world.spent.clear()
        return whole if request.get("code") == CODE else None
    if renews in world.spent:
        return None
    world.spent.add(renews)
    return {**whole, "access_token": RENEWED, "refresh_token": f"{renews}-again"}


def serve(world):
    """Has the services answer whoever logs in."""
    for name in (ACCOUNTS, MESSAGES):
        world.services[name] = answer


def log_in(home, world):
    """Logs the user of a home in by the real program: it names a page, and takes the code that stands at its end."""
    serve(world)
    process = subprocess.Popen(
        ["claude", "auth", "login"],
        env=home.environment | {"CLAUDE_CODE_FULL_SIGN_IN_LINK": "1", "BROWSER": "/bin/true"},
        cwd=home.workspace,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        try:
            said = b""
            while b"Paste code" not in said and (part := os.read(process.stdout.fileno(), 65536)):
                said += part
            page = re.search(rb"https://\S+", said)
            assert page, said
            (state,) = urllib.parse.parse_qs(urllib.parse.urlsplit(page[0].decode()).query)["state"]
            said += process.communicate(f"{CODE}#{state}\n".encode(), timeout=120)[0]
        finally:
            process.kill()
    assert process.returncode == 0 and b"Login successful" in said, said
