"""Older ClickHouse versions as Python packages (chdb). Each script runs in a
process of its own; the data stay in a folder."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.stack.python_packages import interpreter

RUN = """
import sys, chdb
result = chdb.query(sys.stdin.read(), "TabSeparated", path=sys.argv[1])
sys.stdout.write(result.data() if result else "")
"""


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
    """One engine version on the data in `folder`."""

    def __init__(self, version, folder):
        self._python = prepare(version)
        self._folder = folder

    def run(self, *statements):
        """Runs statements one after the other, up to the first that fails, and
        returns the rows of the last SELECT as tuples of strings."""
        # chdb writes down SET and USE and repeats them later, the former with
        # mistakes: no server does either.
        for name in ("set_statements", "default_database"):
            Path(self._folder, name).unlink(missing_ok=True)
        script = ";\n".join(statements)
        done = subprocess.run(
            [self._python, "-I", "-c", RUN, self._folder], input=script,
            text=True, encoding="utf-8", capture_output=True, check=False)
        # 23.10 tells errors on standard error alone.
        if done.returncode != 0 or "DB::Exception" in done.stderr:
            raise EngineError(f"{done.stderr.strip()[-800:]}\nin:\n{script}")
        return [tuple(line.split("\t"))
                for line in done.stdout.split("\n")[:-1]]
