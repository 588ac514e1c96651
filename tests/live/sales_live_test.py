"""The differential of gold: orders and items change at random in PostgreSQL,
the node that follows them is killed again and again, and daily_sales_stats
equals the same aggregate computed by PostgreSQL."""

import os
import random
import time
import unittest

from tests.live.commerce import say
from tests.live.sales import Sales, wait_for_answers
from tests.live.with_stack import problems
from tests.stack.stack import exit_on_signals

SEED = int(os.environ.get("SLUICE_SEED") or random.SystemRandom().
           randrange(10 ** 9))


class SalesTest(unittest.TestCase):
    """Each test goes on from where the one before left the system."""

    @classmethod
    def setUpClass(cls):
        exit_on_signals()
        say(f"SLUICE_SEED={SEED} repeats this workload")
        cls.sales = Sales(SEED)
        cls.addClassCleanup(cls.sales.stack.close)

    def run(self, result=None):
        result = result or self.defaultTestResult()
        before = problems(result)
        super().run(result)
        if problems(result) > before:
            self.sales.stack.failed()
        return result

    def assert_gold_is_right(self):
        self.assertEqual(self.sales.wait_for_silver(), "")
        self.sales.wait_until_gold_rests()
        self.sales.say_what_was_done()
        self.assertEqual(self.sales.gold_differs(), "", f"seed {SEED}")
        self.assertNotEqual(self.sales.gold_in_postgres(), [])
        self.assertEqual(self.sales.doubled_records(), 0)
        self.assertEqual(self.sales.dead_letters(), [])

    def test_1_what_changes_one_after_the_other_is_right_each_time(self):
        for _ in range(2):
            self.sales.change(25)
            self.assert_gold_is_right()

    def test_2_a_node_killed_amid_changes_leaves_no_day_wrong(self):
        pauses = random.Random(SEED)
        stop = self.sales.in_the_background(transactions=6, pause_s=0.15)
        try:
            for _ in range(2):
                time.sleep(pauses.uniform(0.3, 2))
                self.sales.kill_node()
                wait_for_answers(self.sales)
                # Runs go on once the group has forgotten the killed leader.
                self.sales.wait_for_a_run(self.sales.runs())
                time.sleep(pauses.uniform(0, 1))
                self.sales.kill_node()
        finally:
            stop()
        self.assert_gold_is_right()

    def test_3_a_killed_node_shows_no_day_twice_when_it_starts_again(self):
        self.sales.kill_node()
        wait_for_answers(self.sales)
        self.assertEqual(self.sales.gold_differs(), "", f"seed {SEED}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
