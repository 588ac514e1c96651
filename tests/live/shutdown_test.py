"""A node that is asked to end, under load: it finishes what it has begun and
leaves the group. When ClickHouse stands still it ends all the same, and the
next node loses and doubles nothing."""

import re
import signal
import time

from tests.live.commerce import say
from tests.live.load import (PARTITIONS, TABLES, TOPIC, Player,
                             rows_and_places)
from tests.live.with_stack import StackTestCase
from tests.stack.sluice import EmbeddedClickHouse, Node

TOPOLOGY = """
pipeline: shutdown
kafka:
  brokers: ${KAFKA_BROKERS}
  group: shutdown
  properties:
    session.timeout.ms: "SESSION_MS"
clickhouse:
  url: ${CLICKHOUSE_URL}
  database: shutdown
  # Longer than the node has to end: an INSERT is under way to the last.
  request_timeout: 60s
""" + TABLES
RECORDS_A_PLAY = 20_000
# Static members: without a leave, partitions would wait for this.
LONG_SESSION_MS = 45_000
SHORT_SESSION_MS = 6_000
DRAIN_S = 20
DEADLINE_S = 25


class ShutdownTest(StackTestCase):
    def start_system(self, session_ms):
        self.broker = self.stack.kafka((TOPIC,), PARTITIONS)
        self.server = self.stack.start(
            EmbeddedClickHouse(self.stack.folder / "clickhouse"))
        self.client = self.server.client("shutdown")
        self.topology = self.stack.folder / "shutdown.yaml"
        self.topology.write_text(
            TOPOLOGY.replace("SESSION_MS", str(session_ms)), encoding="utf-8")
        node = self.start_node("first")
        self.player = Player(node, self.broker, self.stack.folder,
                             RECORDS_A_PLAY)
        self.addCleanup(self.player.finish)
        node.process.wait_until(
            "the load is being written",
            lambda: self.client.value(
                "SELECT count() FROM system.tables WHERE database = "
                "'shutdown' AND total_rows > 0"), 120)
        time.sleep(2)
        return node

    def start_node(self, name):
        return self.stack.start(Node(
            self.stack.folder / name, self.topology,
            {"KAFKA_BROKERS": self.broker.address,
             "CLICKHOUSE_URL": self.server.url}))

    def stall(self):
        """ClickHouse stands still, with inserts under way."""
        self.server.process.signal(signal.SIGSTOP)
        self.addCleanup(self.server.process.signal, signal.SIGCONT)
        time.sleep(3)

    def assert_taken_over(self, within_s):
        """The next node has all partitions, soon; in the end it has all
        records, each once."""
        began = time.monotonic()
        second = self.start_node("second")
        second.wait_for_line("runs; status page", 60)
        second.process.wait_until(
            "it has the partitions", lambda: len(
                [each for each in second.status()["partitions"]
                 if each["state"] in ("running", "throttled")]) == PARTITIONS,
            within_s)
        say(f"taken over after {time.monotonic() - began:.1f} s")
        played = self.player.finish()
        second.wait_caught_up(240)
        self.assertEqual(rows_and_places(self.client), (played, played))

    def test_a_node_that_is_stopped_commits_all_that_it_has_written(self):
        first = self.start_system(LONG_SESSION_MS)
        began = time.monotonic()
        first.process.signal(signal.SIGTERM)
        self.assertEqual(first.process.wait(DEADLINE_S), 0)
        say(f"stopped under load in {time.monotonic() - began:.1f} s")
        written = dict(self.client.rows(
            "SELECT _partition, max(_offset) + 1 FROM load GROUP BY ALL"))
        with self.broker.client() as client:
            for partition in range(PARTITIONS):
                offset, metadata = client.position("shutdown", TOPIC,
                                                    partition)
                with self.subTest(partition=partition, metadata=metadata):
                    self.assertEqual(offset, written.get(partition, 0))
                    self.assertIsNone(re.search(r"\bc=", metadata),
                                      "a cut is left to the next owner")
        self.assert_taken_over(within_s=LONG_SESSION_MS / 1000 / 2)

    def test_a_second_signal_ends_it_at_once(self):
        first = self.start_system(SHORT_SESSION_MS)
        self.stall()
        first.process.signal(signal.SIGTERM)
        time.sleep(1)
        self.assertTrue(first.process.alive(), "cuts are in flight")
        first.process.signal(signal.SIGTERM)
        self.assertEqual(first.process.wait(2), 128 + signal.SIGTERM)
        self.server.process.signal(signal.SIGCONT)
        self.assert_taken_over(within_s=60)

    def test_the_deadline_ends_it_by_itself_and_the_group_is_left(self):
        first = self.start_system(LONG_SESSION_MS)
        self.stall()
        began = time.monotonic()
        first.process.signal(signal.SIGTERM)
        self.assertEqual(first.process.wait(DEADLINE_S + 5), 1)
        took = time.monotonic() - began
        say(f"ended by its deadline after {took:.1f} s")
        self.assertGreater(took, DRAIN_S)
        self.assertEqual(
            len(first.lines("has had its time and ends here")), 1)
        self.assertEqual(len(first.lines("is given up with cuts in flight")),
                         PARTITIONS)
        self.server.process.signal(signal.SIGCONT)
        self.assert_taken_over(within_s=LONG_SESSION_MS / 1000 / 2)
