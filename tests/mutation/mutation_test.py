"""Each rule of exactly-once, broken, is noticed by the simulation."""

import re
import subprocess
import unittest

from tests.mutation.mutant_build import (
    MUTANTS as SCRATCH, Unbuildable, build_all, mutated_sources)
from tests.mutation.mutants import MUTANTS, Edit, Mutant

SCHEDULES = 10_000
FIRST_SEED = 1

SEED = re.compile(r"^seed (\d+):$", re.MULTILINE)
# What the simulation says of a row that is lost or doubled.
WRONG_ROW = re.compile(r"^  \w+ \d+@\d+ (is missing|is there \d+ times)$",
                       re.MULTILINE)
# What it says of a window that is not as a recomputation would have it.
WRONG_WINDOW = re.compile(
    r"^  gold \w+ window \S+ (shows .* instead of .*|is there \d+ times"
    r"|is not what its newest run published)$", re.MULTILINE)


def simulate(program, seed, end):
    """Runs the seeds up to the first that violates something."""
    return subprocess.run(
        [program, "chaos", "--simulate", "--schedules", str(end - seed),
         "--seed", str(seed), "--stop-after", "1"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


class MutationTest(unittest.TestCase):
    """One test for each mutant; they are added below."""

    @classmethod
    def setUpClass(cls):
        cls.programs = build_all(MUTANTS)

    def assert_noticed(self, mutant):
        program = self.programs[mutant.name]
        if isinstance(program, Exception):
            raise program
        seed, end = FIRST_SEED, FIRST_SEED + SCHEDULES
        while seed < end:
            done = simulate(program, seed, end)
            found = SEED.search(done.stdout)
            if done.returncode != 1 or not found:
                break
            self.assertNotIn("the process ended with", done.stdout)
            # A partition that stops at a false alarm is wrong, too, but the
            # rows must tell.
            wrong = WRONG_WINDOW if mutant.of_gold else WRONG_ROW
            if (wrong.search(done.stdout)
                    or any(each in done.stdout for each in mutant.alarms)):
                return print(done.stdout.split("  repeat it:")[0], flush=True)
            seed = int(found[1]) + 1
        self.fail(f"{SCHEDULES} schedules do not notice that a rule is broken: "
                  f"{mutant.rule}\n{done.stdout}{done.stderr}")


def add_test(mutant):
    def test(self):
        self.assert_noticed(mutant)
    setattr(MutationTest, f"test_{mutant.name}_is_noticed", test)


for each in MUTANTS:
    add_test(each)


class StaleMutantTest(unittest.TestCase):
    def test_a_mutant_whose_text_is_gone_says_so(self):
        stale = Mutant("stale", "none", (
            Edit("kafka/cut_ledger.cpp", "no such text", ""),))
        with self.assertRaisesRegex(
                Unbuildable, r"mutant stale: its text occurs 0 times in "
                             r"kafka/cut_ledger\.cpp"):
            mutated_sources(stale)
        self.assertFalse((SCRATCH / "stale").exists())
