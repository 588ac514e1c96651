"""How runs are ordered, what is asked of a contender, and what is made of the
answers."""

import contextlib
import io
import time
import unittest

from bench.__main__ import SCENARIOS, arguments, plan_of
from bench.comparison import Entry, run_rounds
from bench.contenders.kafka_engine import variants
from bench.contenders.sluice import metric_sum
from bench.scenarios.freshness import Observer
from bench.scenarios.plan import Plan, half_load
from bench.scenarios.sustained import memory_curve
from bench.session import Filled, WrongResult, check, last_json
from bench.workloads import commerce, orders, topology
from tests.bench.figures_for_tests import results


class RoundsTest(unittest.TestCase):
    def setUp(self):
        self.order = []

    def entry(self, name, once=False):
        def run(_session, _filled):
            self.order.append(name)
            return name
        return Entry(name, name, run, once)

    def rounds(self, entries, deadline=None):
        run_rounds(None, None, entries, 2, lambda *_: None, deadline)
        return self.order

    def test_contenders_take_turns(self):
        self.assertEqual(self.rounds([self.entry("a"), self.entry("b", True)]),
                         ["a", "b", "a", "b"])

    def test_a_short_run_measures_some_only_once(self):
        self.assertEqual(self.rounds([self.entry("a"), self.entry("b", True)],
                                     time.monotonic() + 60), ["a", "b", "a"])

    def test_everything_is_measured_once_even_when_it_is_late(self):
        self.assertEqual(self.rounds([self.entry("a"), self.entry("b")],
                                     time.monotonic() - 1), ["a", "b"])


class _Answers:
    """A ClickHouse that says what it is told to."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.asked = []

    def rows(self, sql):
        self.asked.append(sql)
        return self._answers.pop(0)


class ObserverTest(unittest.TestCase):
    def test_each_look_asks_for_what_was_not_seen(self):
        observer = Observer("orders")
        clickhouse = _Answers([(0, 99), (2, 49)], [])
        observer.look(clickhouse)
        observer.look(clickhouse)
        self.assertEqual([each[:2] for each in observer.observations],
                         [(0, 99), (2, 49)])
        self.assertIn("_partition = 0 AND _offset > 99", clickhouse.asked[1])
        self.assertIn("_partition = 1 AND _offset > -1", clickhouse.asked[1])
        self.assertIn("_partition = 2 AND _offset > 49", clickhouse.asked[1])


class CheckTest(unittest.TestCase):
    def filled(self):
        table = orders()
        return Filled((table,), "none", 10, 6100, "1", {table.topic: {
            "rows": 9, "checksum": "18446744073709551615"}}, {})

    def test_the_right_table_passes(self):
        check(self.filled(), _Answers([(9, "18446744073709551615")]), "Sluice")

    def test_a_wrong_one_fails_the_contender_by_name(self):
        for found in ((9, "18446744073709551614"), (8, "1")):
            with self.subTest(found), self.assertRaisesRegex(
                    WrongResult, f"^Sluice: orders has {found[0]} rows"):
                check(self.filled(), _Answers([found]), "Sluice")


class HalfLoadTest(unittest.TestCase):
    PLAN = Plan(messages=1, sustained=1, rounds=1, history_rows=1,
                live_seconds=1, live_rate=7)

    def test_it_is_half_of_the_longest_run(self):
        self.assertEqual(half_load(results(
            sluice=[(50, 1)], sustained=[(80, 1)]), self.PLAN), 40)
        self.assertEqual(half_load(results(sluice=[(50, 1)]), self.PLAN), 25)

    def test_without_one_it_is_what_the_caller_says(self):
        self.assertEqual(half_load(results(), self.PLAN), 7)


class MemoryCurveTest(unittest.TestCase):
    def test_growth_is_of_the_second_half_and_the_start_is_left_out(self):
        probes = [{"resident_bytes": 999}] + [
            {"resident_bytes": each} for each in
            (10, 50, 40, 45, 42, 60, 41, 44, 43)]
        curve = memory_curve(probes)
        self.assertEqual(curve["peak_resident_bytes"], 999)
        self.assertEqual(curve["growth_bytes"], 10)

    def test_too_few_looks_make_no_curve(self):
        self.assertIsNone(memory_curve([{}, {"resident_bytes": 1}]))


class TextsTest(unittest.TestCase):
    def test_metrics_are_summed_over_their_labels(self):
        text = ("# HELP sluice_x y\nsluice_x{table=\"a b\"} 2\n"
                "sluice_x{table=\"c\"} 3.5\nsluice_xy 100\n")
        self.assertEqual(metric_sum(text, "sluice_x"), 5.5)
        self.assertEqual(metric_sum(text, "sluice_z"), 0)

    def test_what_librdkafka_says_before_the_figures_is_passed_over(self):
        self.assertEqual(last_json('%4|177|GETPID| retrying\n{"a": 1}\n'),
                         {"a": 1})

    def test_topologies_have_a_section_for_each_table(self):
        text = topology("p", commerce(), "k:1", {"url": "embedded"},
                        {"flush": "100ms"})
        for line in ("pipeline: p", "  brokers: k:1", "  url: embedded",
                     "  flush: 100ms", "  users:", "  events:",
                     "    format: debezium-mongodb"):
            self.assertIn(line, text.splitlines())

    def test_a_table_is_read_as_its_mode_wants(self):
        users, events = commerce()
        self.assertIn("FROM users FINAL", users.totals_sql())
        self.assertNotIn("FINAL", events.totals_sql())
        self.assertIn("note", orders(wide=True).totals_sql())

    def test_every_variant_of_the_kafka_engine_has_its_own_name(self):
        names = [variant.name for variant in variants()]
        self.assertEqual(len(names), len(set(names)))


class ArgumentsTest(unittest.TestCase):
    def test_a_quick_run_is_small_unless_it_is_told_otherwise(self):
        whole, quick = (plan_of(arguments(words)) for words in
                        ([], ["--quick"]))
        self.assertEqual((whole.sustained, whole.history_rows,
                          whole.backlog_windows, whole.rounds),
                         (15_000_000, 100_000_000, 10_000, 3))
        for field in ("messages", "sustained", "history_rows", "rounds",
                      "changes", "backlog_windows"):
            self.assertLess(getattr(quick, field), getattr(whole, field))
        told = plan_of(arguments(["--quick", "--sustained", "7", "--history",
                                  "8", "--backlog", "9"]))
        self.assertEqual((told.sustained, told.history_rows,
                          told.backlog_windows), (7, 8, 9))

    def test_every_scenario_has_a_name_of_its_own(self):
        names = [each.NAME for each in SCENARIOS]
        self.assertEqual(len(names), len(set(names)))

    def test_counts_may_have_underscores(self):
        self.assertEqual(arguments(["--messages", "10_000"]).messages, 10_000)

    def test_mistakes_end_with_2(self):
        for words in (["--only", "slice"], ["--messages", "0"],
                      ["--codec", "zip"], ["--runs", "x"]):
            with self.subTest(words), self.assertRaises(SystemExit) as end, \
                    contextlib.redirect_stderr(io.StringIO()):
                arguments(words)
            self.assertEqual(end.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
