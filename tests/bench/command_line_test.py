"""How bench/run ends."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from bench import __main__ as command
from bench.session import WrongResult
from tests.bench.figures_for_tests import results


def run(*words, measured):
    """Exit code, and what was printed, when measuring gives `measured` or
    throws it."""
    out, err = io.StringIO(), io.StringIO()
    answer = {"side_effect": measured} if isinstance(
        measured, BaseException) else {"return_value": measured}
    with mock.patch.object(command, "measure_all", **answer), \
            mock.patch.object(command, "exit_on_signals"), \
            mock.patch.object(sys, "argv", ["bench/run", *map(str, words)]), \
            contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = command.main()
    return code, out.getvalue(), err.getvalue()


# What results() has in its settings.
AS_STORED = ("--messages", 1000)


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.stored = Path(folder.name, "stored.json")

    @staticmethod
    def measured(per_second):
        return results(sluice=[(per_second, per_second)] * 2,
                       bare_consumer=[(100, 100)] * 2)

    def store(self, per_second):
        self.assertEqual(run("--quick", "--json", self.stored,
                             measured=self.measured(per_second))[0], 0)

    def test_a_wrong_table_ends_with_1_and_its_contender_is_named(self):
        code, _, err = run("--quick", measured=WrongResult(
            "Sluice over HTTP: orders has 3 rows"))
        self.assertEqual(code, 1)
        self.assertIn("Sluice over HTTP: orders has 3 rows", err)

    def test_figures_are_written(self):
        self.store(60)
        stored = json.loads(self.stored.read_text(encoding="utf-8"))
        self.assertEqual(stored["ratios"]["sluice_vs_bare_consumer_wall"],
                         0.6)

    def test_a_worse_ratio_ends_with_1(self):
        self.store(60)
        for per_second, wanted in ((59, 0), (80, 0), (40, 1)):
            with self.subTest(per_second):
                code, out, _ = run("--quick", *AS_STORED, "--compare",
                                   self.stored,
                                   measured=self.measured(per_second))
                self.assertEqual(code, wanted)
                self.assertEqual("WORSE" in out, wanted == 1)

    def test_a_comparison_of_nothing_is_no_success(self):
        self.store(60)
        code, _, err = run("--quick", *AS_STORED, "--compare", self.stored,
                           measured=results(python=[(1, 1)]))
        self.assertEqual(code, 1)
        self.assertIn("no ratio", err)

    def test_a_longer_run_is_not_compared_with_a_short_one(self):
        self.store(60)
        code, _, err = run("--compare", self.stored, measured=AssertionError())
        self.assertEqual(code, 2)
        self.assertIn("measure both alike", err)

    def test_an_unusable_file_is_told_before_anything_is_measured(self):
        code, _, err = run("--compare", self.stored, measured=AssertionError())
        self.assertEqual(code, 2)
        self.assertIn("cannot be read", err)

    def test_an_interrupted_run_ends_as_a_shell_expects(self):
        self.assertEqual(run("--quick", measured=KeyboardInterrupt())[0], 130)


if __name__ == "__main__":
    unittest.main()
