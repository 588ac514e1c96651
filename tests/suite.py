"""What a suite is and what became of it."""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class NotRun(Exception):
    """A suite could not run for a reason outside of the project."""


@dataclass
class Result:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    # What failed, each in a few words.
    failures: list[str] = field(default_factory=list)
    # Further counts, for people: tests by module.
    notes: str = ""

    def fail(self, what):
        self.failed += 1
        self.failures.append(what)
        return self


@dataclass(frozen=True)
class Suite:
    name: str
    what: str
    run: Callable[[], Result]


@dataclass
class Outcome:
    suite: Suite
    result: Result
    seconds: float
    not_run: str = ""

    def line(self):
        if self.not_run:
            return f"{self.suite.name:8} did not run: {self.not_run}"
        counts = f"{self.result.passed} passed, {self.result.failed} failed"
        if self.result.skipped:
            counts += f", {self.result.skipped} skipped"
        notes = f"  ({self.result.notes})" if self.result.notes else ""
        return f"{self.suite.name:8} {self.seconds:6.1f} s  {counts}{notes}"


def run_suite(suite):
    """Runs one suite; whatever it throws but NotRun is a failure of it."""
    before = time.monotonic()
    not_run = ""
    try:
        result = suite.run()
        if result.passed + result.failed == 0:
            result.fail(f"{suite.name}: no test was executed")
    except NotRun as reason:
        result, not_run = Result(), str(reason)
        # On CI a suite that did not run must not look like one that passed.
        if os.environ.get("CI") == "true":
            result.fail(f"{suite.name}: {reason}")
    except Exception as error:
        result = Result().fail(f"{suite.name}: {error}")
    return Outcome(suite, result, time.monotonic() - before, not_run)


def command(*words, env=None, quiet=False):
    """Runs a command from the root of the project; returns whether it ended
    with 0. `quiet`: its output is shown only when it did not."""
    done = subprocess.run(
        [str(word) for word in words], cwd=ROOT, stdin=subprocess.DEVNULL,
        env={**os.environ, **(env or {})}, check=False, text=True,
        errors="replace", stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None)
    if quiet and done.returncode != 0:
        print(done.stdout, flush=True)
    return done.returncode == 0
