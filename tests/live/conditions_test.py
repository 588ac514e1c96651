"""What a node finds in Kafka that only a person can decide: it stops those
partitions with one clear line, loses and doubles nothing, and goes on as it is
told."""

import json
import re

from tests.live.load import TOPIC, rows_and_places
from tests.live.with_stack import StackTestCase
from tests.stack.process import wait_until
from tests.stack.sluice import EmbeddedClickHouse, Node

PARTITIONS = 2
GROUP = "conditions"
KEYED = "keyed"
TOPOLOGY = """
pipeline: PIPELINE
kafka:
  brokers: ${KAFKA_BROKERS}
  group: conditions
  properties:
    topic.metadata.refresh.interval.ms: "1000"
clickhouse:
  url: ${CLICKHOUSE_URL}
  database: conditions
recovery: RECOVERY
tables:
  load:
    topic: load
    mode: append
    columns: {id: Int64, filler: String}
  keyed:
    topic: keyed
    mode: latest
    key: [id]
    columns: {id: Int64, filler: String}
"""


def record(topic, number):
    value = {"before": None, "after": {"id": number, "filler": "x"},
             "source": {"connector": "postgresql", "ts_ms": 1, "lsn": number},
             "op": "c", "ts_ms": 1}
    return {"topic": topic, "partition": number % PARTITIONS,
            "key": json.dumps({"id": number}), "value": json.dumps(value)}


class ConditionsTest(StackTestCase):
    def setUp(self):
        self.broker = self.stack.kafka((TOPIC, KEYED), PARTITIONS)
        server = self.stack.start(
            EmbeddedClickHouse(self.stack.folder / "clickhouse"))
        self.env = {"KAFKA_BROKERS": self.broker.address,
                    "CLICKHOUSE_URL": server.url}
        self.client = server.client("conditions")
        self.nodes = 0

    def start_node(self, pipeline="conditions", **recovery):
        """A node with these answers to what may be found."""
        self.nodes += 1
        topology = self.stack.folder / f"topology-{self.nodes}.yaml"
        topology.write_text(TOPOLOGY.replace("PIPELINE", pipeline).replace(
            "RECOVERY", json.dumps(recovery)), encoding="utf-8")
        node = self.stack.start(Node(
            self.stack.folder / f"node-{self.nodes}", topology, self.env))
        node.wait_for_line("runs; status page", 60)
        return node

    def play(self, node, numbers, topic=TOPIC):
        path = self.stack.folder / "records.jsonl"
        path.write_text("".join(json.dumps(record(topic, number)) + "\n"
                                for number in numbers), encoding="utf-8")
        node.run("kafka", "play", path, "--brokers", self.broker.address)

    def write_and_stop(self, count, topic=TOPIC):
        """A first life, in which all went well."""
        node = self.start_node()
        self.play(node, range(count), topic)
        node.wait_caught_up(60)
        self.assertEqual(node.stop(), 0)

    def wait_for_condition(self, node, words, *places):
        """These partitions stand still, and the status says why. (From time
        to time they look again: then they are not, for a moment.)"""
        told = set()

        def all_told():
            report = node.status()
            reasons = " ".join(report["health"]["reasons"])
            told.update((each["topic"], each["partition"])
                        for each in report["partitions"]
                        if each["state"] == "stopped"
                        and re.search(words, each["reason"])
                        and each["reason"] in reasons)
            return told.issuperset(places)
        wait_until(f"{places} stand still: {words}", all_told, 60)

    def rows_of(self, partition):
        return self.client.value("SELECT count() FROM load WHERE "
                                 f"_partition = {partition}")

    def commit(self, partition, offset, metadata):
        with self.broker.client() as client:
            client.commit(GROUP, TOPIC, partition, offset, metadata)

    def committed(self, partition):
        with self.broker.client() as client:
            return client.position(GROUP, TOPIC, partition)

    def test_offsets_that_were_set_back_by_hand(self):
        self.write_and_stop(100)
        self.commit(0, 10, "")
        node = self.start_node()
        self.wait_for_condition(node, "silver ahead", (TOPIC, 0))
        self.play(node, range(100, 200))
        wait_until("the other partition goes on",
                   lambda: self.rows_of(1) == 100, 60)
        self.assertEqual(self.rows_of(0), 50)
        self.assertEqual(node.stop(), 0)
        self.assertEqual(self.committed(0)[0], 10, "the offset stays")

        node = self.start_node(silver_ahead="skip_existing")
        node.wait_caught_up(60)
        self.assertEqual(rows_and_places(self.client), (200, 200))

    def test_metadata_that_is_damaged_or_not_ours_is_never_overwritten(self):
        self.write_and_stop(100)
        strange = ("sluice/2 e=0 c=rubbish", "somebody else's words")
        for partition, metadata in enumerate(strange):
            self.commit(partition, 50, metadata)
        node = self.start_node()
        self.wait_for_condition(node, "has bad cuts", (TOPIC, 0))
        self.wait_for_condition(node, "is not from this version of Sluice",
                                (TOPIC, 1))
        self.play(node, range(100, 200))
        self.assertEqual(node.stop(), 0)
        self.assertEqual(rows_and_places(self.client), (100, 100))
        for partition, metadata in enumerate(strange):
            self.assertEqual(self.committed(partition), (50, metadata))
            self.commit(partition, 50, "")

        node = self.start_node()
        node.wait_caught_up(60)
        self.assertEqual(rows_and_places(self.client), (200, 200))

    def test_a_second_pipeline_with_the_same_group(self):
        self.write_and_stop(100)
        before = [self.committed(partition) for partition in (0, 1)]
        other = self.start_node(pipeline="other")
        self.wait_for_condition(
            other, "two pipelines cannot share a consumer group", (TOPIC, 0),
            (TOPIC, 1))
        self.assertEqual(other.stop(), 0)
        self.assertEqual([self.committed(partition) for partition in (0, 1)],
                         before)
        self.assertEqual(rows_and_places(self.client), (100, 100))

    def test_a_topic_that_is_deleted_and_created_again_amid_the_run(self):
        node = self.start_node()
        self.play(node, range(100))
        node.wait_caught_up(60)
        with self.broker.client() as client:
            client.delete_topic(TOPIC)
            client.create_topic(TOPIC, PARTITIONS)
        self.play(node, range(1000, 1020))
        # A broker forgets a deleted topic's offsets, unless they are committed
        # once more in the meantime.
        self.wait_for_condition(node, "topic replaced|silver ahead",
                                (TOPIC, 0), (TOPIC, 1))
        self.assertEqual(rows_and_places(self.client), (100, 100))
        # Amid a rebalance, the group may take its time to be left: the deadline.
        self.assertIn(node.process.stop(30), (0, 1))

        node = self.start_node(topic_replaced="new_epoch",
                               silver_ahead="new_epoch")
        node.wait_caught_up(60)
        self.assertEqual(rows_and_places(self.client), (120, 120))
        self.assertEqual(self.client.value(
            "SELECT count() FROM load WHERE id >= 1000 AND _epoch = 1"), 20)

    def test_partitions_that_are_added_to_a_keyed_tables_topic(self):
        self.write_and_stop(20, KEYED)
        with self.broker.client() as client:
            client.add_partitions(KEYED, PARTITIONS + 1)
        node = self.start_node()
        self.wait_for_condition(node, "partitions added", (KEYED, 0),
                                (KEYED, 1))
        self.play(node, range(20, 40), KEYED)
        self.assertEqual(self.client.value("SELECT count() FROM keyed"), 20)
        self.assertEqual(node.stop(), 0)

        node = self.start_node(partitions_added="continue")
        node.wait_caught_up(60)
        self.assertEqual(self.client.value(
            "SELECT count() FROM keyed FINAL"), 40)
