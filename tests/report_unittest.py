"""Runs the unittest modules of one folder, or one of them, and writes the
counts as JSON: `python3 -m tests.report_unittest tests/live REPORT`."""

import importlib
import json
import sys
import time
import traceback
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class Timed(unittest.TextTestResult):
    """Prints each test with its time and collects what did not pass."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.passed = 0

    def startTest(self, test):
        self._began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        self.stream.writeln(f"    {time.monotonic() - self._began:.1f} s")
        super().stopTest(test)

    def addSuccess(self, test):
        self.passed += 1
        super().addSuccess(test)


def load(place):
    """All tests of a folder or of one file; a module that cannot be imported is
    a failure."""
    suite, broken = unittest.TestSuite(), []
    files = sorted(place.glob("**/*_test.py")) if place.is_dir() else [place]
    for path in files:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        try:
            module = importlib.import_module(name)
        except Exception:
            traceback.print_exc()
            broken.append(f"{name}: cannot be imported")
            continue
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(module))
    return suite, broken


def main():
    place, report = (Path(word).resolve() for word in sys.argv[1:])
    suite, broken = load(place)
    result = unittest.TextTestRunner(
        stream=sys.stderr, verbosity=2, resultclass=Timed).run(suite)
    failures = broken + [str(test) for test, _ in
                         result.failures + result.errors]
    failures += [f"{test}: unexpected success"
                 for test in result.unexpectedSuccesses]
    report.write_text(json.dumps({
        "passed": result.passed,
        "failed": len(failures),
        "skipped": len(result.skipped) + len(result.expectedFailures),
        "failures": failures,
    }), encoding="utf-8")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
