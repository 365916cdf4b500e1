"""An authority of the tests' own and a certificate for every name that they use."""

import subprocess

NAMES = (
    "example.com",
    "*.example.com",
    "*.sub.example.com",
    "example.org",
    "*.example.org",
    "evil.com",
    "*.evil.com",
    "allowed.test",
    "*.allowed.test",
    "xn--exmple-cua.com",
    "internal.corp.example",
    "localhost",
)


def make(directory, names=NAMES):
    """Makes them; gives the paths of the authority, the certificate and its key."""
    authority, key, certificate = (directory / name for name in ("authority.pem", "key.pem", "certificate.pem"))

    def openssl(*arguments):
        subprocess.run(("openssl", *map(str, arguments)), check=True, capture_output=True, timeout=60)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(
        "req",
        "-x509",
        *curve,
        "-keyout",
        directory / "authority.key",
        "-out",
        authority,
        "-days",
        30,
        "-subj",
        "/CN=Authority of the tests",
    )
    alternatives = ",".join([*(f"DNS:{name}" for name in names), "IP:93.184.216.34"])
    openssl(
        "req",
        "-x509",
        *curve,
        "-keyout",
        key,
        "-out",
        certificate,
        "-days",
        30,
        "-subj",
        "/CN=example.com",
        "-CA",
        authority,
        "-CAkey",
        directory / "authority.key",
        "-addext",
        f"subjectAltName={alternatives}",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    )
    return authority, certificate, key
