"""Real clients, with the variables that name the proxy and without: the same program ends as it does outside, and the
record says by which door it went. `CLIENTS` is the table of Tests/README.md."""

import dataclasses
import os
import pathlib
import pwd
import shutil

import pytest

from support import services
from support.names import SITE

CLIENTS_DIRECTORY = pathlib.Path(__file__).resolve().parent / "clients"
PROXY, DIRECT = "proxy", "transparent"
VARIABLES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "JAVA_TOOL_OPTIONS",
    "NODE_USE_ENV_PROXY",
    "RSYNC_PROXY",
    "GIT_SSH_COMMAND",
)
WITHOUT = ["env", *(word for name in VARIABLES for word in ("-u", name))]


@dataclasses.dataclass(frozen=True)
class Client:
    """A command, the host that it reaches, and the door by which it goes with the variables and without."""

    name: str
    command: str
    host: str
    port: int
    prints: str
    with_variables: str = PROXY
    without: str = DIRECT


WWW = "www.example.com"
CLIENTS = [
    Client("curl https", "curl -sS --cacert $CA https://www.example.com/curl", WWW, 443, '"path": "/curl"'),
    Client("curl http", "curl -sS http://www.example.com/curl", WWW, 80, '"path": "/curl"'),
    Client("wget https", "wget -q -O - --ca-certificate=$CA https://www.example.com/wget", WWW, 443, '"path": "/wget"'),
    Client("wget http", "wget -q -O - http://www.example.com/wget", WWW, 80, '"path": "/wget"'),
    Client(
        "git https",
        "rm -rf c && git -c http.sslCAInfo=$CA clone -q https://www.example.com/git/project.git c && cat c/greeting.txt",
        WWW,
        443,
        "hello from the repository",
    ),
    Client(
        "git https push",
        "rm -rf c && git -c http.sslCAInfo=$CA clone -q https://www.example.com/git/project.git c && cd c &&"
        " git -c http.sslCAInfo=$CA push -q origin HEAD:refs/heads/copy$$ && echo pushed",
        WWW,
        443,
        "pushed",
    ),
    Client(
        "git ssh",
        'rm -rf c && GIT_SSH_COMMAND="ssh $SSH_OPTIONS" git clone -q $LOGIN:$REPOSITORY c && cat c/greeting.txt',
        services.HOST,
        22,
        "hello from the repository",
        DIRECT,
    ),
    Client("ssh", "ssh $SSH_OPTIONS $LOGIN echo by ssh", services.HOST, 22, "by ssh", DIRECT),
    Client(
        "scp",
        "scp -q $SSH_OPTIONS $LOGIN:$REPOSITORY/HEAD copied && cat copied",
        services.HOST,
        22,
        "ref: refs/heads/main",
        DIRECT,
    ),
    Client(
        "rsync",
        'rsync -a -e "ssh $SSH_OPTIONS" $LOGIN:$REPOSITORY/HEAD synced && cat synced',
        services.HOST,
        22,
        "ref: refs/heads/main",
        DIRECT,
    ),
    Client(
        "python requests",
        "REQUESTS_CA_BUNDLE=$CA python3 $CLIENTS/with_requests.py https://www.example.com/requests",
        WWW,
        443,
        "200 /requests",
    ),
    Client(
        "python urllib",
        "SSL_CERT_FILE=$CA python3 $CLIENTS/with_urllib.py https://www.example.com/urllib",
        WWW,
        443,
        "200 /urllib",
    ),
    Client(
        "pip",
        "rm -rf d && python3 -m pip -q download --disable-pip-version-check --no-cache-dir --no-deps --cert $CA -d d"
        " -i https://www.example.com/files/simple/ greeting && ls d",
        WWW,
        443,
        "greeting-1.0-py3-none-any.whl",
    ),
    Client(
        "node fetch",
        "NODE_EXTRA_CA_CERTS=$CA node $CLIENTS/fetch.mjs https://www.example.com/fetch",
        WWW,
        443,
        "200 /fetch",
        DIRECT,
    ),
    Client(
        "node https",
        "NODE_EXTRA_CA_CERTS=$CA node $CLIENTS/https.js https://www.example.com/https",
        WWW,
        443,
        "200 /https",
        DIRECT,
    ),
    Client(
        "Java HttpClient",
        "java -Xshare:auto -XX:TieredStopAtLevel=1 -Djavax.net.ssl.trustStore=$CLIENTS/trust.p12"
        " -Djavax.net.ssl.trustStorePassword=changeit -cp $CLIENTS Get https://www.example.com/java",
        WWW,
        443,
        "200 true",
        DIRECT,
    ),
    Client(
        "psql",
        "psql -X -A -t -h db.example.com -U tester -d postgres -c 'select 6 * 7'",
        "db.example.com",
        5432,
        "42",
        DIRECT,
    ),
    Client(
        "WebSocket, wss",
        "SSL_CERT_FILE=$CA python3 $CLIENTS/with_websockets.py wss://www.example.com/socket",
        WWW,
        443,
        "hello",
        DIRECT,
    ),
    Client(
        "WebSocket, ws", "python3 $CLIENTS/with_websockets.py ws://www.example.com/socket", WWW, 80, "hello", DIRECT
    ),
    Client(
        "openssl s_client",
        "printf 'GET /openssl HTTP/1.0\\r\\nHost: www.example.com\\r\\n\\r\\n' | openssl s_client -quiet"
        " -verify_return_error -CAfile $CA -servername www.example.com -connect www.example.com:443 2>/dev/null",
        WWW,
        443,
        '"path": "/openssl"',
        DIRECT,
    ),
    Client(
        "openssl s_client -proxy",
        "printf 'GET /openssl HTTP/1.0\\r\\nHost: www.example.com\\r\\n\\r\\n' | openssl s_client -quiet"
        " -verify_return_error -CAfile $CA -servername www.example.com ${MEWS:+-proxy 127.0.0.1:3128} -connect www.example.com:443 2>/dev/null",
        WWW,
        443,
        '"path": "/openssl"',
        PROXY,
        PROXY,
    ),
    Client(
        "curl socks5h",
        "curl -sS ${MEWS:+-x socks5h://127.0.0.1:3128} --cacert $CA https://www.example.com/socks",
        WWW,
        443,
        '"path": "/socks"',
        "socks",
        "socks",
    ),
    Client(
        "curl socks4a",
        "curl -sS ${MEWS:+-x socks4a://127.0.0.1:3128} --cacert $CA https://www.example.com/socks",
        WWW,
        443,
        '"path": "/socks"',
        "socks",
        "socks",
    ),
]


@pytest.fixture(scope="module")
def servers(internet_of_the_tests):
    """The servers that are programs of their own, and the certificates and classes that clients need."""
    world = internet_of_the_tests
    repository = services.make_repository(world.repositories)
    services.make_index(world.files)
    clients = world.directory / "clients"
    shutil.copytree(CLIENTS_DIRECTORY, clients)
    services.run("javac", "-d", clients, clients / "Get.java")
    services.run(
        "keytool",
        "-importcert",
        "-noprompt",
        "-alias",
        "tests",
        "-file",
        world.authority,
        "-keystore",
        clients / "trust.p12",
        "-storetype",
        "PKCS12",
        "-storepass",
        "changeit",
    )
    with services.ssh_server(world) as (key, line), services.postgresql(world):
        yield {"repository": repository, "clients": clients, "key": key, "line": line}


@pytest.fixture
def equipped(sandbox, world, servers):
    """The sandbox with what the clients need in its home, and their profile."""
    ssh = sandbox.home / ".ssh"
    ssh.mkdir(mode=0o700)
    (ssh / "known_hosts").write_text(servers["line"])
    key = sandbox.workspace / "key"
    shutil.copy(servers["key"], key)
    key.chmod(0o600)
    user = pwd.getpwuid(os.getuid()).pw_name
    sandbox.environment |= {
        "CA": str(world.authority),
        "CLIENTS": str(servers["clients"]),
        "REPOSITORY": str(servers["repository"]),
        "LOGIN": f"{user}@{services.HOST}",
        "SSH_OPTIONS": f"-i {key} -o UserKnownHostsFile={ssh}/known_hosts -o StrictHostKeyChecking=yes -o BatchMode=yes -o LogLevel=ERROR",
    }
    passed = ["CA", "CLIENTS", "REPOSITORY", "LOGIN", "SSH_OPTIONS"]
    profile = sandbox.profile(
        [WWW, f"{WWW}:80", f"{services.HOST}:22", "db.example.com:5432"],
        read=[servers["clients"], f"{ssh}/known_hosts", *pathlib.Path("/etc").glob("java-*")],
        extra={"process": {"env": {"pass": passed}}},
    )
    return sandbox, profile


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
@pytest.mark.parametrize("variables", ["with variables", "without"])
def test_a_client_works_as_it_does_outside(equipped, client, variables):
    sandbox, profile = equipped
    outside = sandbox.outside("sh", "-c", client.command)
    assert outside.returncode == 0 and client.prints in outside.stdout, f"the control fails: {outside}"
    prefix, door = ([], client.with_variables) if variables == "with variables" else (WITHOUT, client.without)
    session = sandbox.run(*prefix, "sh", "-c", client.command, profile=profile)
    assert session.status == 0 and client.prints in session.stdout, session
    opened = session.opened()
    assert opened and {(record.door, record.host, record.port) for record in opened} == {
        (door, client.host, client.port)
    }, session
    assert not session.denials(), session


@pytest.mark.parametrize("variables", ["with variables", "without"])
@pytest.mark.parametrize(
    "command",
    [
        "curl -fsS -m 10 --cacert $CA https://evil.com/",
        "curl -fsS -m 10 http://evil.com/",
        "wget -q -T 10 -t 1 -O - http://evil.com/",
        "git clone -q https://evil.com/git/project.git x",
        "python3 $CLIENTS/with_requests.py http://evil.com/",
        "python3 $CLIENTS/with_urllib.py http://evil.com/",
        "node $CLIENTS/fetch.mjs http://evil.com/",
        "java -cp $CLIENTS Get http://evil.com/",
        "psql -h evil.com -U tester -d postgres -c 'select 1'",
        "ssh $SSH_OPTIONS evil.com true",
        "python3 $CLIENTS/with_websockets.py ws://evil.com/socket",
        "openssl s_client -connect evil.com:443 </dev/null",
    ],
)
def test_a_client_is_refused_at_once(equipped, world, command, variables):
    sandbox, profile = equipped
    watch = world.watch()
    prefix = [] if variables == "with variables" else WITHOUT
    session = sandbox.run(*prefix, "sh", "-c", command, profile=profile, timeout=25)
    assert session.status != 0, session
    assert session.denials() and not session.opened(), session
    assert {record.host for record in session.denials()} == {"evil.com"}, session
    watch.nothing()


def test_dig(equipped, world):
    sandbox, profile = equipped
    watch = world.watch()
    session = sandbox.run("dig", "+short", "+tries=1", "+time=3", WWW, "A", profile=profile)
    assert session.status == 0 and session.stdout.startswith(("198.18.", "198.19.")), session
    for arguments, expected in (
        ([WWW, "AAAA"], "NOERROR"),
        (["+tcp", WWW], "NOERROR"),
        (["evil.com"], "NXDOMAIN"),
        (["@8.8.8.8", "evil.com"], "NXDOMAIN"),
        (["-x", SITE], "NXDOMAIN"),
    ):
        session = sandbox.run("dig", "+tries=1", "+time=3", *arguments, profile=profile)
        assert session.status == 0 and f"status: {expected}" in session.stdout, session
        # Whose name an address is nobody is told, and it is no denial.
        assert bool(session.records("dns.denied")) == ("evil.com" in arguments), session
    for kind in ("TXT", "ANY"):
        session = sandbox.run("dig", "+tries=1", "+time=3", WWW, kind, profile=profile)
        assert "status: NOERROR" in session.stdout and "ANSWER: 0" in session.stdout, session
        assert [record.reason for record in session.records("dns.denied")] == ["question-type"], session
    watch.nothing()


def test_the_table_of_the_readme_is_this_one():
    """Each client stands there with its doors."""
    readme = pathlib.Path(__file__).resolve().parents[1] / "README.md"
    lines = readme.read_text().splitlines()
    for client in CLIENTS:
        assert f"| {client.name} | {client.with_variables} | {client.without} |" in lines, client.name
