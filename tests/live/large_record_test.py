"""Records larger than a partition's share of the node's memory, and than one
fetch: they come through, or a clear condition says what to do."""

import json

from tests.live.load import PARTITIONS, TABLES, TOPIC, line, metric
from tests.live.with_stack import StackTestCase
from tests.stack.kafka_records import Record
from tests.stack.process import wait_until
from tests.stack.sluice import EmbeddedClickHouse, Node

# Of which half is for payloads, divided among the partitions: 8 MiB each. One
# fetch asks for 512 KiB.
TOPOLOGY = """
pipeline: large
kafka:
  brokers: ${KAFKA_BROKERS}
clickhouse:
  url: ${CLICKHOUSE_URL}
  database: large
tuning:
  memory: 64MiB
""" + TABLES
LARGE = 12 << 20
# No decoder takes it.
HUGE = 20 << 20
TOPIC_LIMIT = 32 << 20


def record(number, filler_bytes):
    whole = json.loads(line(number, filler_bytes))
    return Record(whole["value"].encode(), whole["key"].encode())


class LargeRecordTest(StackTestCase):
    def setUp(self):
        self.broker = self.stack.kafka()
        with self.broker.client() as client:
            client.create_topic(TOPIC, PARTITIONS,
                                max_message_bytes=TOPIC_LIMIT)
        server = self.stack.start(
            EmbeddedClickHouse(self.stack.folder / "clickhouse"))
        topology = self.stack.folder / "large.yaml"
        topology.write_text(TOPOLOGY, encoding="utf-8")
        self.node = self.stack.start(Node(
            self.stack.folder / "node", topology,
            {"KAFKA_BROKERS": self.broker.address,
             "CLICKHOUSE_URL": server.url}))
        self.node.wait_for_line("runs; status page", 60)
        self.client = server.client("large")

    def produce(self, partition, *records):
        with self.broker.client() as client:
            for each in records:
                client.produce(TOPIC, partition, each)

    def test_a_record_larger_than_its_share_of_the_memory_comes_through(self):
        sizes = (8, LARGE, 16, LARGE + 8, 24)
        self.produce(1, *(record(size, size) for size in sizes))
        self.node.wait_caught_up(120)
        self.assertEqual(
            self.client.rows("SELECT id, length(filler) FROM load "
                             "ORDER BY _offset"),
            [(size, size) for size in sizes])

    def test_a_dead_letter_larger_than_its_topic_takes_waits_for_a_person(
            self):
        broken = b"{not json" + b" " * (2 << 20)
        huge = record(4, HUGE)
        self.produce(0, record(1, 8), Record(broken, b"key"), huge,
                     record(2, 8))
        self.produce(1, record(3, 8))

        def trouble():
            return [reason for reason in self.node.status()["health"]["reasons"]
                    if reason.startswith("dead letters")]
        [reason] = wait_until("the status says so", trouble, 60)
        self.assertIn("large.dlq", reason)
        self.assertIn("raise the topic's max.message.bytes", reason)
        self.assertTrue(self.node.process.alive())
        wait_until("the other partition goes on",
                   lambda: (3,) in self.client.rows("SELECT id FROM load"), 60)

        with self.broker.client() as client:
            self.assertLessEqual(
                client.position("large", TOPIC, 0)[0], 1,
                "its cut is not finished")
            client.set_topic("large.dlq", max_message_bytes=TOPIC_LIMIT)
        self.node.wait_caught_up(120)
        self.assertEqual(trouble(), [])
        self.assertEqual(self.client.rows("SELECT id FROM load ORDER BY id"),
                         [(1,), (2,), (3,)])
        with self.broker.client() as client:
            self.assertEqual({letter.value for letter in
                              client.read_all("large.dlq")},
                             {broken, huge.value})
        self.assertEqual(metric(self.node, "sluice_dead_letters_total"), 2)
