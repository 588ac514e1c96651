"""The commerce system on Apache Kafka, PostgreSQL with Debezium, and ClickHouse
in a process of its own: silver and gold equal what PostgreSQL says."""

import os
import random
import time
import unittest

from tests.live.commerce import (EVENTS_TOPIC, PARTITIONS, USERS_TOPIC,
                                 Commerce, days, say)
from tests.live.with_stack import problems
from tests.stack.kafka_records import Record
from tests.stack.process import wait_until
from tests.stack.stack import exit_on_signals

SEED = int(os.environ.get("SLUICE_SEED") or random.SystemRandom().
           randrange(10 ** 9))


class CommerceTest(unittest.TestCase):
    """Each test goes on from where the one before left the system."""

    @classmethod
    def setUpClass(cls):
        exit_on_signals()
        say(f"SLUICE_SEED={SEED} repeats this workload")
        cls.system = Commerce(SEED)
        cls.addClassCleanup(cls.system.stack.close)
        say(f"start times in seconds: {cls.system.stack.start_seconds}")

    def run(self, result=None):
        result = result or self.defaultTestResult()
        before = problems(result)
        super().run(result)
        if problems(result) > before:
            self.system.stack.failed()
        return result

    def assert_silver_is_right(self):
        self.system.wait_caught_up()
        self.assertEqual(self.system.users_differ(), "")
        self.assertEqual(self.system.events_differ(), "")
        self.assertEqual(self.system.doubled_records(), 0)
        self.assertEqual(self.system.dead_letters(), [])
        self.assertEqual(self.system.lags(), {
            (topic, partition): 0 for topic in (USERS_TOPIC, EVENTS_TOPIC)
            for partition in range(PARTITIONS)})

    def assert_gold_is_right(self):
        gold = self.system.run_gold()
        self.assertEqual(self.system.gold_differs(gold), "")
        self.assertEqual({row[0] for row in gold},
                         {str(day) for day in days()})
        return gold

    def test_1_silver_and_gold_equal_what_postgresql_says(self):
        self.system.change_users(5_000)
        self.system.play_events(5_000)
        say(f"{self.system.changes.made} changes of users")
        self.assert_silver_is_right()
        self.assertGreater(len(self.system.users_in_postgres()), 500)
        gold = self.assert_gold_is_right()
        self.assertEqual(sorted(self.system.run_gold()), sorted(gold))

    def test_2_a_node_killed_amid_changes_loses_and_doubles_nothing(self):
        pauses = random.Random(SEED)
        join = self.system.in_the_background(
            rounds=15, changes=200, events=100, pause_s=0.3)
        try:
            for _ in range(3):
                time.sleep(pauses.uniform(0.8, 2.5))
                self.system.node.kill()
                self.system.node.start()
        finally:
            join()
        self.assert_silver_is_right()
        gold = self.assert_gold_is_right()
        self.assertEqual(sorted(self.system.run_gold()), sorted(gold))

    def test_3_a_killed_clickhouse_is_waited_for(self):
        join = self.system.in_the_background(
            rounds=10, changes=100, events=100, pause_s=0.2)
        try:
            time.sleep(1)
            self.system.server.kill()
            time.sleep(2)
            self.assertTrue(self.system.node.process.alive())
            self.system.server.start()
        finally:
            join()
        self.assert_silver_is_right()

    def test_4_a_broker_that_restarts_is_waited_for(self):
        self.system.kafka.stop()
        self.system.change_users(100)
        time.sleep(1)
        self.assertTrue(self.system.node.process.alive())
        self.system.kafka.start()
        self.system.play_events(100)
        self.assert_silver_is_right()

    def test_5_a_node_that_is_stopped_and_started_changes_nothing(self):
        before = self.system.clickhouse.rows(
            "SELECT * FROM users ORDER BY ALL")
        began = time.monotonic()
        self.assertEqual(self.system.node.stop(), 0)
        say(f"stopped in {time.monotonic() - began:.1f} s")
        self.system.node.start()
        self.system.node.process.wait_until(
            "it is caught up", lambda: set(self.lags_or_none().values()) ==
            {0}, 60)
        self.assertEqual(self.system.clickhouse.rows(
            "SELECT * FROM users ORDER BY ALL"), before)
        self.assert_silver_is_right()

    def lags_or_none(self):
        """A node that has just started may not answer yet."""
        try:
            return self.system.lags()
        except Exception:
            return {}

    def test_6_malformed_records_go_to_the_dead_letter_topic(self):
        malformed = (
            (USERS_TOPIC, b'{"user_id":1}', b"{not json"),
            (USERS_TOPIC, b'{"user_id":1}', b'{"no": "envelope"}'),
            (USERS_TOPIC, b'{"user_id":1}',
             b'{"op":"c","before":null,"after":{"user_id":"x"}}'),
            (EVENTS_TOPIC, b'{"id":"1"}',
             b'{"op":"c","after":"{\\"_id\\": broken"}'),
            (EVENTS_TOPIC, None, b"\xff\xfe\x00"))
        offsets = []
        with self.system.kafka.client() as client:
            for topic, key, value in malformed:
                offsets.append(client.produce(topic, 1, Record(
                    value, key, (("trace", b"t-1"),))))
        letters = wait_until(
            "all dead letters are there",
            lambda: (found := self.system.dead_letters())
            and len(found) >= len(malformed) and found, 60)
        self.assertEqual(len(letters), len(malformed))
        by_value = {letter.value: letter for letter in letters}
        for (topic, key, value), offset in zip(malformed, offsets):
            letter = by_value[value]
            self.assertEqual(letter.key, key)
            self.assertEqual(letter.header("trace"), b"t-1")
            self.assertEqual(letter.header("sluice.topic"), topic.encode())
            self.assertEqual(letter.header("sluice.partition"), b"1")
            self.assertEqual(letter.header("sluice.offset"),
                             str(offset).encode())
            self.assertTrue(letter.header("sluice.reason"))
        self.system.change_users(100)
        self.system.play_events(100)
        self.system.wait_caught_up()
        self.assertEqual(self.system.users_differ(), "")
        self.assertEqual(self.system.events_differ(), "")
        counted = {table["name"]: table["dead_letters"]
                   for table in self.system.node.status()["tables"]}
        self.assertEqual(counted, {"users": 3, "events": 2})


if __name__ == "__main__":
    unittest.main(verbosity=2)
