"""Medians, ratios and goals."""

import unittest

from bench.goals import GOALS, judge
from bench.spread import (SPREAD_OF_ONE, ratio_of, relative_spread,
                          summary)
from tests.bench.figures_for_tests import figures, results


def goal(told, beginning):
    [found] = [each for each in told if each["goal"].startswith(beginning)]
    return found


class SpreadTest(unittest.TestCase):
    def test_the_middle_run_counts(self):
        self.assertEqual(summary([3, 1, 8])["median"], 3)
        self.assertEqual(summary([3, 1, 8])["spread"], 7 / 3)
        self.assertEqual(relative_spread([0, 0]), 0)

    def test_one_run_tells_nothing_of_its_spread(self):
        self.assertIsNone(relative_spread([5]))
        ratio = ratio_of(summary([5]), summary([5, 5]))
        self.assertAlmostEqual(ratio["spread"], SPREAD_OF_ONE / 2)

    def test_the_errors_of_a_ratio_are_independent(self):
        ratio = ratio_of(summary([85, 100, 115]), summary([40, 50, 60]))
        self.assertEqual(ratio["value"], 2)
        self.assertAlmostEqual(ratio["spread"], 0.25)

    def test_a_ratio_to_nothing_is_refused(self):
        with self.assertRaises(ZeroDivisionError):
            ratio_of(summary([1]), summary([0]))


class RatiosTest(unittest.TestCase):
    def test_the_better_form_of_the_kafka_engine_counts_for_each_figure(self):
        ratios = results(sluice=[(600, 900)],
                         kafka_engine_tuple=[(100, 300)],
                         kafka_engine_extract=[(200, 150)]).ratios()
        self.assertAlmostEqual(ratios["sluice_vs_kafka_engine_wall"]["value"],
                               3)
        self.assertAlmostEqual(
            ratios["sluice_vs_kafka_engine_per_core"]["value"], 3)

    def test_what_was_not_measured_has_no_ratio(self):
        self.assertEqual(results(sluice=[(1, 1)]).ratios(), {})
        self.assertEqual(set(results(sluice=[(1, 1)],
                                     bare_consumer=[(2, 2)]).ratios()),
                         {"sluice_vs_bare_consumer_wall",
                          "sluice_vs_bare_consumer_per_core"})

    def test_a_line_keeps_the_largest_memory_in_use_of_each_run(self):
        made = results()
        made.add("sluice", "Sluice", "orders", [figures(10, probes=(
            {"memory_in_use_bytes": 5}, {}, {"memory_in_use_bytes": 7}))])
        self.assertEqual(made.median("sluice", "memory_in_use_bytes"), 7)
        self.assertEqual(made.median("sluice", "first_row_seconds"), 1.5)


class GoalsTest(unittest.TestCase):
    def test_goals_are_met_missed_or_not_measured(self):
        made = results(sluice=[(60, 60)], bare_consumer=[(100, 100)],
                       sustained=[(999_999, 1)])
        made.data["freshness"]["default"] = {"p99_seconds": 1.2}
        told = judge(made)
        self.assertEqual(len(told), len(GOALS))
        self.assertIs(goal(told, "against the bare")["met"], True)
        self.assertIs(goal(told, "messages a second, sust")["met"], False)
        self.assertIs(goal(told, "freshness p99 at half load, def")["met"],
                      True)
        self.assertIsNone(goal(told, "cost of a message, 50")["met"])

    def test_memory_is_judged_in_mebibytes(self):
        made = results()
        made.data["scenarios"]["memory"] = {
            "peak_resident_bytes": 257 << 20, "growth_bytes": -1}
        told = judge(made)
        self.assertEqual(goal(told, "memory outside")["value"], 257)
        self.assertIs(goal(told, "memory outside")["met"], False)
        self.assertIs(goal(told, "growth")["met"], True)


if __name__ == "__main__":
    unittest.main()
