"""Runs suites of tests or lint checks, counts them, and ends with one line
'N passed, N failed'. Called by scripts/test and scripts/lint."""

import argparse
import json
import sys
from pathlib import Path

from tests.lint_suites import LINT_SUITES
from tests.suite import run_suite
from tests.test_suites import TEST_SUITES

KINDS = {"test": TEST_SUITES, "lint": LINT_SUITES}


def arguments():
    suites = KINDS.get(sys.argv[1] if len(sys.argv) > 1 else "", ())
    kind = sys.argv[1] if suites else "test|lint"
    parser = argparse.ArgumentParser(
        prog=f"scripts/{kind}", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="suites:\n" + "\n".join(
            f"  {suite.name:10} {suite.what}" for suite in suites))
    parser.add_argument("kind", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("suites", nargs="*", metavar="SUITE",
                        help="which suites to run (default: all)")
    parser.add_argument("--tally", type=Path, metavar="FILE",
                        help="add the counts to those in FILE, and end with "
                        "the sum")
    parser.add_argument("--list", action="store_true",
                        help="only print the names of the suites")
    options = parser.parse_args()
    names = [suite.name for suite in suites]
    unknown = set(options.suites) - set(names)
    if unknown:
        parser.error(f"no such suite: {', '.join(sorted(unknown))}; "
                     f"there are {', '.join(names)}")
    return options


def add_up(tally, outcomes):
    """Passed, failed and skipped tests of this run, and of those before that
    wrote to the same tally."""
    counts = [sum(getattr(outcome.result, what) for outcome in outcomes)
              for what in ("passed", "failed", "skipped")]
    if tally is None:
        return counts
    if tally.exists() and tally.stat().st_size:
        earlier = json.loads(tally.read_text(encoding="utf-8"))
        counts = [now + then for now, then in zip(counts, earlier)]
    tally.write_text(json.dumps(counts), encoding="utf-8")
    return counts


def main():
    options = arguments()
    chosen = [suite for suite in KINDS[options.kind]
              if not options.suites or suite.name in options.suites]
    if options.list:
        print("\n".join(suite.name for suite in chosen))
        return 0
    outcomes = []
    for suite in chosen:
        print(f"== {suite.name}: {suite.what}", flush=True)
        outcomes.append(run_suite(suite))
        print(outcomes[-1].line(), flush=True)
    print("\n".join(["", "summary", *(outcome.line()
                                      for outcome in outcomes)]))
    failures = [failure for outcome in outcomes
                for failure in outcome.result.failures]
    if failures:
        print("\nfailed:")
        for failure in failures:
            print(f"  {failure}")
    passed, failed, skipped = add_up(options.tally, outcomes)
    also = f", {skipped} skipped" if skipped else ""
    print(f"\n{passed} passed, {failed} failed{also}", flush=True)
    return 1 if any(outcome.result.failed for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
