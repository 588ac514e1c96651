"""Which of several nodes runs gold: one at a time, by Kafka's group protocol,
and another one when it is stopped or killed."""

import time

from tests.live.commerce import say
from tests.live.load import TOPIC
from tests.live.with_stack import StackTestCase
from tests.stack.sluice import EmbeddedClickHouse, Node

TOPOLOGY = """
pipeline: leadership
kafka:
  brokers: ${KAFKA_BROKERS}
  group: leadership
  properties:
    # Of the group that reads the data: it forgets a killed node sooner than
    # the one that elects the leader.
    session.timeout.ms: "6000"
clickhouse:
  url: ${CLICKHOUSE_URL}
  database: leadership
tables:
  load:
    topic: load
    mode: append
    columns: {id: Int64, at: DateTime}
gold:
  daily:
    window: {every: 1 day, over: load.at}
    trigger: "@daily"
    key: [id]
    columns: {id: Int64, n: UInt64}
    sql: |
      SELECT id, count() AS n FROM load
      WHERE at >= {window_start} AND at < {window_end} GROUP BY id
"""
LEADS = "leads the gold runs from here on"
LEADS_NO_LONGER = "leads the gold runs no longer"
SESSION_S = 10
# Before an agreement Kafka waits for more members, and for heartbeats, 3 s each.
AGREEMENT_S = 10


class LeadershipTest(StackTestCase):
    def setUp(self):
        self.broker = self.stack.kafka((TOPIC,), 1)
        server = self.stack.start(
            EmbeddedClickHouse(self.stack.folder / "clickhouse"))
        self.env = {"KAFKA_BROKERS": self.broker.address,
                    "CLICKHOUSE_URL": server.url}
        self.topology = self.stack.folder / "leadership.yaml"
        self.topology.write_text(TOPOLOGY, encoding="utf-8")

    def start_node(self, name):
        node = self.stack.start(
            Node(self.stack.folder / name, self.topology, self.env))
        node.wait_for_line("runs; status page", 60)
        return node

    def assert_leads(self, node, within_s):
        began = time.monotonic()
        node.wait_for_line(LEADS, within_s)
        say(f"leads after {time.monotonic() - began:.1f} s")

    def test_another_node_leads_when_the_leader_is_killed_or_stopped(self):
        first = self.start_node("first")
        self.assert_leads(first, AGREEMENT_S)
        second = self.start_node("second")
        time.sleep(AGREEMENT_S)
        self.assertEqual(second.lines(LEADS), [])
        self.assertEqual(first.lines(LEADS_NO_LONGER), [],
                         "who comes later takes nothing away")
        first.kill()
        self.assert_leads(second, SESSION_S + AGREEMENT_S)
        third = self.start_node("third")
        time.sleep(AGREEMENT_S)
        self.assertEqual(third.lines(LEADS), [])
        self.assertEqual(second.stop(), 0)
        self.assertEqual(len(second.lines(LEADS_NO_LONGER)), 1)
        self.assert_leads(third, AGREEMENT_S)
