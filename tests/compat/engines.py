"""Older ClickHouse versions as Python packages, each in a process of its own:
two of them in one process would be two copies of one library."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.stack.python_packages import interpreter


@dataclass(frozen=True)
class EngineVersion:
    """A ClickHouse version and the PyPI packages that bring it."""
    clickhouse: str
    requirements: tuple[str, ...]


ENGINES = (
    EngineVersion("24.8", ("chdb==2.1.1",)),
    EngineVersion("23.10", ("chdb==1.0.2",)),
)


class EngineError(Exception):
    """What ClickHouse answered instead of a result."""


def prepare(version):
    """The python that has this engine; fetched at its first use."""
    return interpreter(f"clickhouse-{version.clickhouse}",
                       *version.requirements)


class Engine:
    """One engine with its data in `folder`; use it in a `with`."""

    def __init__(self, version, folder):
        self._process = subprocess.Popen(
            [prepare(version), "-I", Path(__file__).with_name("serve.py"),
             folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def execute(self, sql):
        """Runs one statement; returns its output as text."""
        self._process.stdin.write(json.dumps(sql) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise EngineError(f"the engine died (exit code "
                              f"{self._process.wait()}) of: {sql}")
        answer = json.loads(line)
        if "error" in answer:
            raise EngineError(f"{answer['error']} in: {sql}")
        return answer["output"]

    def rows(self, sql):
        """The rows of a SELECT, each a tuple of strings."""
        return [tuple(line.split("\t"))
                for line in self.execute(sql).split("\n")[:-1]]
