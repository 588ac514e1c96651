"""`sluice chaos` on Apache Kafka: nothing lost, nothing doubled, and nothing
left behind."""

import os
import random
import signal
import sys
import unittest
from pathlib import Path

from tests.chaos.real_kafka import Chaos
from tests.live.with_stack import StackTestCase
from tests.stack.process import wait_until

SEED = int(os.environ.get("SLUICE_SEED") or random.SystemRandom().
           randrange(10 ** 9))
# One stack of disasters: each kind comes.
ROUNDS = 13
PATIENCE_S = 900
SHOP = Path(__file__).with_name("shop.yaml")
TOPICS = 4
# Of days and half days over a dozen days.
WINDOWS_AT_LEAST = 12


def children_of(pid):
    """Process ids of a process's children."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def exists(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class ChaosTest(StackTestCase):
    def test_tables_hold_what_kafka_does_and_golds_what_their_sql_yields(self):
        print(f"    SLUICE_SEED={SEED} repeats this run", file=sys.stderr)
        chaos = Chaos(self.stack, self.stack.kafka(), "--rounds", ROUNDS,
                      "--seed", SEED, "--keep", topology=SHOP)
        code = chaos.wait(PATIENCE_S)
        print(chaos.process.output(), file=sys.stderr)
        self.assertEqual(code, 0)
        report = chaos.report()
        self.assertEqual((report["lost"], report["doubled"],
                          report["windows_different"],
                          report["violations"]), (0, 0, 0, []))
        self.assertEqual(report["rounds"], ROUNDS)
        self.assertNotIn(0, report["disasters"].values())
        # Each topic feeds a table of the file and one over many partitions.
        self.assertEqual(len(report["tables"]), 2 * TOPICS)
        for table in report["tables"]:
            self.assertGreater(table["expected"], 100, table)
        self.assertEqual(report["quarantined"], report["poison_records"])
        self.assertEqual(sorted(gold["gold"] for gold in report["golds"]),
                         ["daily_sales", "orders_by_half_day",
                          "user_activity"])
        for gold in report["golds"]:
            self.assertGreaterEqual(gold["windows"], WINDOWS_AT_LEAST, gold)
            self.assertGreater(gold["rows"], 0, gold)
            self.assertEqual(gold["different"], 0, gold)
        # How many of them failed is up to the seed and the machine, too.
        self.assertGreaterEqual(report["gold_runs"]["done"],
                                report["windows_compared"])
        # Whether the others had to act is up to the seed and the machine.
        for mechanism in ("intents replayed", "rows found in silver"):
            self.assertGreater(report["mechanisms"][mechanism], 0, mechanism)

    def test_interrupted_it_leaves_nothing_and_says_how_far_it_came(self):
        chaos = Chaos(self.stack, self.stack.kafka(), "--rounds", 1000,
                      "--seed", SEED)

        def is_in_round_two():
            chaos.tend_broker()
            return "round 2:" in chaos.process.output()
        chaos.process.wait_until("rounds are played", is_in_round_two, 120)
        children = children_of(chaos.process.pid)
        self.assertGreater(len(children), 2)
        chaos.process.signal(signal.SIGINT)
        self.assertEqual(chaos.wait(30), 130)
        wait_until("its children are gone",
                   lambda: not any(map(exists, children)), 5)
        self.assertEqual(chaos.leftovers(), [])
        self.assertIn(" of 1000 rounds", chaos.process.output())
        self.assertTrue(chaos.report()["interrupted"])


if __name__ == "__main__":
    unittest.main()
