"""How the tests here reach the served embedded ClickHouse: its address is in
CLICKHOUSE_TEST_URL (http://127.0.0.1:PORT)."""

import os
import subprocess
import urllib.parse

URL = os.environ.get("CLICKHOUSE_TEST_URL", "")
DATABASE = "client_tests"
ADDRESS = urllib.parse.urlsplit(URL)


def curl(*arguments, data=None):
    """Returns status, headers (names in lower case) and body."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--include", *arguments],
        input=data,
        stdout=subprocess.PIPE,
        check=True,
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    return (
        int(lines[0].split()[1]),
        {name.lower(): value for name, value in headers.items()},
        body,
    )


def address(**parameters):
    parameters.setdefault("database", DATABASE)
    return f"{URL}/?{urllib.parse.urlencode(parameters)}"


def post(statement, **parameters):
    """A statement in the body; its result, which must be a success."""
    status, _, body = curl(
        "--data-binary", "@-", address(**parameters), data=statement
    )
    if status != 200:
        raise AssertionError(f"{status}: {body!r}")
    return body


def make_database():
    if not URL:
        raise RuntimeError("CLICKHOUSE_TEST_URL is not set: it names the "
                           "server to test")
    curl("--data-binary", f"CREATE DATABASE IF NOT EXISTS {DATABASE}", URL)
