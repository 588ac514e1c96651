"""What is made of the measurements of gold."""

import unittest

from bench import text_table
from bench.goals import judge
from bench.scenarios import gold_backlog, gold_history, marks
from bench.workloads import order_totals, orders, topology
from tests.bench.figures_for_tests import figures, results
from tests.stack.process import StackError


class MarksTest(unittest.TestCase):
    @staticmethod
    def rounds(*speeds, records=10, cuts=40):
        return [(figures(plain, plain), figures(marked, marked / 2),
                 {"records": records, "marked": cuts, "cuts": cuts})
                for plain, marked in speeds]

    def test_each_round_is_compared_with_itself(self):
        told = marks.summarise(self.rounds((100, 97), (50, 50), (200, 100)))
        self.assertAlmostEqual(told["throughput_ratio"], 0.97)
        self.assertAlmostEqual(told["cpu_ratio"], 0.485)
        self.assertEqual(told["records_per_cut"], 0.25)

    def test_the_round_with_the_most_records_counts(self):
        told = marks.summarise(self.rounds((1, 1)) + self.rounds(
            (1, 1), records=80))
        self.assertEqual(told["records_per_cut"], 2)

    def test_marks_that_were_not_on_are_no_success(self):
        with self.assertRaisesRegex(StackError, "no cut was marked"):
            marks.summarise(self.rounds((1, 1), records=0))

    def test_gold_that_ran_meanwhile_is_no_success(self):
        class Ran:
            @staticmethod
            def metrics():
                return 'sluice_gold_runs_total{gold="x"} 2\n'
        with self.assertRaisesRegex(StackError, "2 gold runs"):
            marks.control_log(Ran())

    def test_the_two_take_turns_in_being_first(self):
        self.assertEqual([marks.in_turn("a", "b", number) for number in
                          range(3)], [("a", "b"), ("b", "a"), ("a", "b")])


class HistoryTest(unittest.TestCase):
    def test_days_are_spread_and_none_is_today(self):
        self.assertEqual(gold_history.days_to_change(1000, 4),
                         [125, 375, 625, 875])
        days = gold_history.days_to_change(10, 10)
        self.assertEqual(days, list(range(10)))

    def test_each_run_is_compared_with_the_one_beside_it(self):
        def costs(*seconds):
            return [{"seconds": each, "read_rows": 100, "read_bytes": 1}
                    for each in seconds]
        told = gold_history.summarise(costs(1, 2, 9), costs(1.1, 3, 9))
        self.assertEqual(told["seconds"],
                         {"few": 2, "many": 3, "ratio": 1.1})
        self.assertEqual(told["read_rows"]["ratio"], 1)


class BacklogTest(unittest.TestCase):
    HOUR = gold_backlog.HOUR_S
    TODAY = 1000 * HOUR

    def runs(self, *hours):
        """Runs of 500 ms, one a second, of windows that begin so many hours
        after today does."""
        return [(self.TODAY + hour * self.HOUR, number * 1000, 500)
                for number, hour in enumerate(hours)]

    def told(self, *hours, ages=((1.0, 0.5),)):
        return gold_backlog.summarise(self.runs(*hours), ages, self.TODAY)

    def test_only_the_backlog_has_an_order_and_a_rate(self):
        told = self.told(-5, 0, -4, 1, -3)
        self.assertEqual((told["windows"], told["out_of_order"]), (3, 0))
        self.assertAlmostEqual(told["windows_per_second"], 3 / 4.5)

    def test_a_newer_window_before_an_older_one_is_noticed(self):
        self.assertEqual(self.told(-3, -5, 0, -4)["out_of_order"], 1)

    def test_today_may_be_as_old_as_a_refresh_and_what_it_takes(self):
        told = self.told(-1, 0, ages=[(3.5, 0.5)] * 200 + [(99.0, 0.5)])
        self.assertEqual(told["bound_seconds"],
                         gold_backlog.REFRESH_S + 1.0)
        self.assertEqual(told["staleness_p99_seconds"], 3.5)
        self.assertEqual(told["staleness_max_seconds"], 99.0)

    def test_a_today_that_was_never_run_is_no_success(self):
        with self.assertRaisesRegex(StackError, "was not run"):
            self.told(-1)


class GoalsTest(unittest.TestCase):
    def test_the_scenarios_are_judged(self):
        made = results()
        made.data["scenarios"] = {
            "marks": {"throughput_ratio": 0.96, "records_per_cut": 0.2},
            "gold-history": {"time_ratio": 1.1, "read_rows_ratio": 1.3},
            "gold-backlog": {"out_of_order": 0, "staleness_ratio": 0.9}}
        met = {each["goal"].split(",")[0]: each["met"]
               for each in judge(made) if each["met"] is not None}
        self.assertEqual(list(met.values()),
                         [False, True, True, False, True, True], met)


class TablesTest(unittest.TestCase):
    def test_what_was_measured_has_its_lines(self):
        self.assertEqual(text_table.gold_rows({"memory": {}}), [])
        rows = dict(text_table.gold_rows({
            "marks": {"throughput_ratio": 0.981, "cpu_ratio": 0.97,
                      "records_per_cut": 0.25},
            "gold-history": {"few_days": 10, "days": 1000,
                             "seconds": {"few": 0.1, "many": 0.11},
                             "read_rows": {"few": 120_000, "many": 130_000}},
            "gold-backlog": {"windows": 10_000, "windows_per_second": 9.04,
                             "staleness_p99_seconds": 6.2,
                             "bound_seconds": 6.5}}))
        self.assertEqual(len(rows), 8)
        self.assertEqual(rows["a changed row, 1,000 days of history"],
                         "0.11 s, 130,000 rows read")
        self.assertEqual(rows["10,000 changed windows, run again"], "9.04 /s")


class TopologyTest(unittest.TestCase):
    def test_gold_is_a_section_of_its_own(self):
        text = topology("p", (orders(),), "k:1", {"url": "embedded"},
                        golds=order_totals("1 day", "trigger: change\n"))
        lines = text.splitlines()
        at = lines.index("gold:")
        self.assertEqual(lines[at + 1:at + 4], [
            "  order_totals:",
            "    window: {every: 1 day, over: orders.created_at}",
            "    trigger: change"])
        self.assertIn("      WHERE created_at >= {window_start} AND "
                      "created_at < {window_end}", lines)


if __name__ == "__main__":
    unittest.main()
