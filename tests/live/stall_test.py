"""ClickHouse stands still for a minute under full load: the node's memory stays
flat, it keeps its partitions, and nothing is lost or doubled."""

import signal
import threading
import time

from tests.live.commerce import say
from tests.live.load import (PARTITIONS, TABLES, TOPIC, line, metric,
                             rows_and_places)
from tests.live.with_stack import StackTestCase
from tests.stack.sluice import EmbeddedClickHouse, Node

STALL_S = 60
RECORDS = 120_000
PLAYS = 4
BUDGET = 64 << 20

TOPOLOGY = """
pipeline: stall
kafka:
  brokers: ${KAFKA_BROKERS}
  properties:
    max.poll.interval.ms: "10000"
    session.timeout.ms: "6000"
clickhouse:
  url: ${CLICKHOUSE_URL}
  database: stall
  # Shorter than the stall: inserts are given up with an unknown outcome.
  request_timeout: 15s
tuning:
  memory: 64MiB
""" + TABLES


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for field in status:
            if field.startswith("VmRSS:"):
                return int(field.split()[1]) << 10
    return 0


class StallTest(StackTestCase):
    def start_system(self):
        broker = self.stack.kafka((TOPIC,), PARTITIONS)
        server = self.stack.start(
            EmbeddedClickHouse(self.stack.folder / "clickhouse"))
        topology = self.stack.folder / "stall.yaml"
        topology.write_text(TOPOLOGY, encoding="utf-8")
        node = self.stack.start(Node(
            self.stack.folder / "node", topology,
            {"KAFKA_BROKERS": broker.address, "CLICKHOUSE_URL": server.url}))
        return broker, server, node

    def play_in_the_background(self, broker, node):
        """The same records again and again: their offsets tell them apart."""
        path = self.stack.folder / "load.jsonl"
        path.write_text("\n".join(map(line, range(RECORDS))) + "\n",
                        encoding="utf-8")

        def work():
            for _ in range(PLAYS):
                node.run("kafka", "play", path, "--brokers", broker.address,
                         seconds=300)
        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def stall(self, server, node):
        """Resident memory, once a second through the stall."""
        server.process.signal(signal.SIGSTOP)
        try:
            curve = []
            for _ in range(STALL_S):
                time.sleep(1)
                curve.append(resident_bytes(node.pid))
                self.assertLessEqual(
                    metric(node, "sluice_memory_in_use_bytes"), BUDGET)
            return curve
        finally:
            server.process.signal(signal.SIGCONT)

    def test_memory_stays_flat_and_nothing_is_lost(self):
        broker, server, node = self.start_system()
        load = self.play_in_the_background(broker, node)
        client = server.client("stall")
        node.process.wait_until(
            "the load is being written",
            lambda: client.value("SELECT count() FROM system.tables WHERE "
                                 "database = 'stall' AND total_rows > 0"), 120)
        before = resident_bytes(node.pid)
        curve = self.stall(server, node)
        load.join()
        node.wait_caught_up(240)
        say(f"resident MiB: {before >> 20} at the start, "
            f"{max(curve) >> 20} peak, {curve[-1] >> 20} at the end of "
            f"{STALL_S} s; {[each >> 20 for each in curve[::5]]}")

        self.assertEqual(rows_and_places(client),
                         (RECORDS * PLAYS, RECORDS * PLAYS))
        # What was on its way fills up within seconds; then nothing grows.
        settled = max(curve[:15])
        self.assertLess(max(curve[15:]) - settled, 16 << 20, curve)
        self.assertLess(max(curve) - before, 2 * BUDGET, curve)
        self.assertEqual(node.lines("taken from this node|no longer ours"), [],
                         "the node lost partitions")
        self.assertEqual(metric(node, "sluice_commits_refused_total"), 0)
