"""The disk under the embedded ClickHouse is full: the node waits and says so,
and goes on when there is room."""

import time
import unittest

from tests.disk.small_disk import SmallDisk
from tests.live.load import (PARTITIONS, TABLES, TOPIC, line, metric,
                             rows_and_places)
from tests.live.with_stack import StackTestCase
from tests.stack.process import wait_until
from tests.stack.sluice import EmbeddedClickHouse, Node

TOPOLOGY = """
pipeline: full
kafka:
  brokers: ${KAFKA_BROKERS}
clickhouse:
  url: ${CLICKHOUSE_URL}
  database: full
""" + TABLES
BEFORE, AFTER = 1_000, 20_000
STAYS_FULL_S = 10


class FullDiskTest(StackTestCase):
    def setUp(self):
        self.disk = self.stack.start(
            SmallDisk(self.stack.folder / "clickhouse" / "data"))
        self.broker = self.stack.kafka((TOPIC,), PARTITIONS)
        self.server = self.stack.start(
            EmbeddedClickHouse(self.stack.folder / "clickhouse"))
        topology = self.stack.folder / "full.yaml"
        topology.write_text(TOPOLOGY, encoding="utf-8")
        self.node = self.stack.start(Node(
            self.stack.folder / "node", topology,
            {"KAFKA_BROKERS": self.broker.address,
             "CLICKHOUSE_URL": self.server.url}))
        self.client = self.server.client("full")

    def play(self, numbers):
        path = self.stack.folder / "records.jsonl"
        path.write_text("\n".join(map(line, numbers)) + "\n",
                        encoding="utf-8")
        self.node.run("kafka", "play", path, "--brokers", self.broker.address)

    def table(self):
        [table] = self.node.status()["tables"]
        return table

    def partitions(self):
        return len(self.node.status()["partitions"])

    def test_it_is_waited_for_and_nothing_is_lost_or_doubled(self):
        self.play(range(BEFORE))
        self.node.wait_for_line("runs; status page", 60)
        self.node.wait_caught_up(60)
        self.disk.fill()
        self.play(range(BEFORE, BEFORE + AFTER))
        wait_until("the status says that the table waits",
                   lambda: self.table()["state"] == "retrying", 60)
        reason = self.table()["reason"]
        self.assertRegex(reason, "(?i)no space left|not enough space|"
                         "NOT_ENOUGH_SPACE")

        time.sleep(STAYS_FULL_S)
        self.assertTrue(self.node.process.alive())
        self.assertTrue(self.server.process.alive())
        self.assertEqual(self.partitions(), PARTITIONS)
        self.assertEqual(self.node.status()["health"]["state"], "degraded")
        self.assertEqual(self.node.lines("taken from this node|failed:"), [])

        self.disk.clear()
        self.node.wait_caught_up(120)
        self.assertEqual(rows_and_places(self.client),
                         (BEFORE + AFTER, BEFORE + AFTER))
        self.assertEqual(metric(self.node, "sluice_dead_letters_total"), 0)
        wait_until("the node is well", lambda: self.node.status()["health"]
                   ["state"] == "running", 30)


if __name__ == "__main__":
    unittest.main(verbosity=2)
