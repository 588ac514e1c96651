"""All servers of a test together, in one folder that is kept on failure."""

import atexit
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from .connect import Connect
from .kafka import Kafka
from .postgres import Postgres


def exit_on_signals():
    """Lets SIGTERM, SIGHUP and SIGINT (which a shell's background jobs ignore)
    end this process as Ctrl-C does, so that whatever it started is stopped in
    order. (unittest takes SystemExit for a test's error, and goes on.)"""
    def leave(_number, _frame):
        raise KeyboardInterrupt
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, leave)


class Stack:
    """Starts servers and stops them in the opposite order: at close(), and at
    the end of the process at the latest. If the process is killed, the kernel
    ends them."""

    def __init__(self, name):
        self.folder = Path(tempfile.mkdtemp(
            prefix=f"sluice-{name}-", dir=os.environ.get("SLUICE_RUNS")))
        # PostgreSQL runs under an account of its own.
        self.folder.chmod(0o755)
        self.start_seconds = {}
        self._started = []
        self._failed = False
        atexit.register(self.close)

    def start(self, server, name=None):
        """Starts anything with start() and stop(), and takes care of it."""
        self._started.append(server)
        before = time.monotonic()
        server.start()
        self.start_seconds[name or type(server).__name__] = round(
            time.monotonic() - before, 1)
        return server

    def failed(self):
        """Something went wrong: the folder is to be kept."""
        self._failed = True

    def kafka(self, topics=(), partitions=4, name="kafka"):
        """A broker with these topics on it."""
        broker = self.start(Kafka(self.folder / name))
        with broker.client() as client:
            for topic in topics:
                client.create_topic(topic, partitions)
        return broker

    def postgres(self, schema=""):
        """A server on which the script `schema` has run."""
        server = self.start(Postgres(self.folder / "postgres"))
        server.execute(schema)
        return server

    def connect(self, kafka, postgres, prefix, tables, settings=None):
        return self.start(Connect(self.folder / "connect", kafka, postgres,
                                  prefix, tables, settings))

    def close(self):
        while self._started:
            self._started.pop().stop()
        atexit.unregister(self.close)
        if self._failed or os.environ.get("SLUICE_KEEP_RUNS"):
            print(f"logs and data are kept in {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def running(name):
    """A stack that is closed at the end, and kept when that is an error."""
    stack = Stack(name)
    try:
        yield stack
    except KeyboardInterrupt:
        raise
    except BaseException:
        stack.failed()
        raise
    finally:
        stack.close()
