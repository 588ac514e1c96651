"""PostgreSQL: a cluster of its own, with logical decoding."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from .process import Process, StackError, accepts, free_port

ACCOUNT = "postgres"

# What COPY escapes in its text format.
ESCAPES = {"\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
           "v": "\v", "N": ""}
ESCAPED = re.compile(r"\\(.)")


def _program(name):
    """PostgreSQL's server programs are not on the PATH in Debian."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
                   key=lambda path: int(path.parts[-3]))
    path = found[-1] if found else shutil.which(name)
    if not path:
        raise StackError(f"no {name}: run scripts/install-dependencies --test")
    return path


class Postgres:
    """A server on the loopback that trusts everyone, with its data below
    `folder`. Durability is off: these tests break other things."""

    def __init__(self, folder, database="commerce"):
        self.folder = folder
        self.port = free_port()
        self.database = database
        self.user = ACCOUNT
        # initdb and postgres refuse to run as root.
        self._account = ACCOUNT if os.geteuid() == 0 else None
        self._process = None

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        data = self.folder / "data"
        if not data.is_dir():
            self._initialise(data)
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "", "wal_level": "logical",
            "max_wal_senders": 4, "max_replication_slots": 4,
            "fsync": "off", "full_page_writes": "off",
            "timezone": "UTC", "log_min_messages": "warning",
        }
        # The log stands in a folder of the account that writes it; SIGINT is
        # the fast shutdown, SIGQUIT the immediate one.
        self._process = Process(
            "PostgreSQL",
            [_program("postgres"), "-D", data,
             *(word for key, value in settings.items()
               for word in ("-c", f"{key}={value}"))],
            self.folder / "postgres.log", user=self._account, cwd=self.folder,
            stop_signal=signal.SIGINT, death_signal=signal.SIGQUIT)
        self._process.wait_until("it accepts connections", self._ready, 60)
        if not self.query("SELECT 1 FROM pg_database WHERE datname = "
                          f"'{self.database}'", database="postgres"):
            self.execute(f'CREATE DATABASE "{self.database}"',
                         database="postgres")

    def stop(self):
        if self._process:
            self._process.stop()

    def execute(self, script, database=None):
        """Runs a script of any length and stops at its first error. Returns
        what psql prints."""
        psql = subprocess.run(
            [*self._psql(database), "-f", "-"], input=script.encode(),
            capture_output=True, check=False)
        if psql.returncode != 0:
            raise StackError("psql: "
                             f"{psql.stderr.decode(errors='replace').strip()}")
        return psql.stdout.decode()

    def query(self, sql, database=None):
        """The values of a query with one column, as text. By COPY, as psql
        leaves characters out of what it prints (U+10FFFF)."""
        output = self.execute(f"COPY ({sql}) TO STDOUT;", database)
        # splitlines() would also split at characters that text may contain.
        return [ESCAPED.sub(lambda found: ESCAPES[found[1]], line)
                for line in output.split("\n")[:-1]]

    def _psql(self, database):
        return [shutil.which("psql") or _program("psql"), "-X", "-q", "-A",
                "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                str(self.port), "-U", self.user, "-d",
                database or self.database]

    def _ready(self):
        return accepts(self.port) and subprocess.run(
            [*self._psql("postgres"), "-c", "SELECT 1"], capture_output=True,
            check=False).returncode == 0

    def _initialise(self, data):
        self.folder.mkdir(parents=True)
        if self._account:
            shutil.chown(self.folder, self._account, self._account)
        process = Process(
            "initdb",
            [_program("initdb"), "-D", data, "-U", self.user, "--auth=trust",
             "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
             "--no-instructions"],
            self.folder / "initdb.log", user=self._account, cwd=self.folder)
        if process.wait(60) != 0:
            raise StackError(f"initdb: {process.output()}")
