"""What a node says when something outside is missing: one clear line, and it
heals when that appears. What it cannot heal ends with one line and a code."""

import time
import unittest

from tests.live.commerce import EVENTS_TOPIC, USERS_TOPIC
from tests.live.with_stack import StackTestCase
from tests.live.workload import Events
from tests.stack import sluice
from tests.stack.kafka import Kafka
from tests.stack.process import accepts, free_port, wait_until
from tests.stack.sluice import COMMERCE, EmbeddedClickHouse, Node

# A condition that lasts is told when it begins, not at every attempt.
LINES_AT_MOST = 3


class NodeTest(StackTestCase):
    """A node that is started before the servers that it needs."""

    def setUp(self):
        self.events = Events(1)

    def start_node(self, kafka, clickhouse_url):
        return self.stack.start(Node(
            self.stack.folder / "node", COMMERCE,
            {"KAFKA_BROKERS": kafka, "CLICKHOUSE_URL": clickhouse_url}))

    def start_clickhouse(self, port=None):
        return self.stack.start(EmbeddedClickHouse(
            self.stack.folder / "clickhouse", port))

    def assert_told_once(self, node, address, words):
        """One line with the address and one of the words; a few seconds later
        still no more than a few; the node lives, and its status says so."""
        node.wait_for_line(f"{address}.*({words})|({words}).*{address}", 30)
        time.sleep(4)
        self.assertTrue(node.process.alive())
        self.assertLessEqual(len(node.lines(address)), LINES_AT_MOST,
                             node.process.output())
        health = node.status()["health"]
        self.assertNotEqual(health["state"], "running", health)
        self.assertTrue(any(address in reason
                            for reason in health["reasons"]), health)

    def assert_heals(self, node, broker, server, count=100):
        """What is played now arrives, and the status is healthy."""
        path = self.stack.folder / f"events-{count}.jsonl"
        path.write_text(self.events.lines(count), encoding="utf-8")
        node.run("kafka", "play", path, "--brokers", broker.address)
        client = server.client()
        node.process.wait_until(
            "the events are in silver", lambda: client.value(
                "SELECT sum(total_rows) FROM system.tables WHERE "
                "database = 'commerce' AND name = 'events'") == count, 60)
        wait_until("the node says it is well", lambda: node.status()
                   ["health"]["state"] == "running", 30)

    def test_an_unreachable_broker_is_told_and_waited_for(self):
        server = self.start_clickhouse()
        port = free_port()
        node = self.start_node(f"127.0.0.1:{port}", server.url)
        self.assert_told_once(node, f"127.0.0.1:{port}",
                              "unreachable|cannot|connect|refused")
        broker = self.stack.start(Kafka(self.stack.folder / "kafka", port))
        with broker.client() as client:
            for topic in (USERS_TOPIC, EVENTS_TOPIC):
                client.create_topic(topic, 4)
        self.assert_heals(node, broker, server)

    def test_an_unreachable_clickhouse_is_told_and_waited_for(self):
        broker = self.stack.kafka((USERS_TOPIC, EVENTS_TOPIC))
        port = free_port()
        node = self.start_node(broker.address, f"http://127.0.0.1:{port}")
        self.assert_told_once(node, f"127.0.0.1:{port}",
                              "unreachable|cannot|connect|refused")
        server = self.start_clickhouse(port)
        self.assert_heals(node, broker, server)

    def test_a_missing_topic_is_told_and_waited_for(self):
        broker = self.stack.kafka((USERS_TOPIC,))
        server = self.start_clickhouse()
        node = self.start_node(broker.address, server.url)
        self.assert_told_once(node, EVENTS_TOPIC,
                              "not exist|unknown|missing|no such")
        with broker.client() as client:
            client.create_topic(EVENTS_TOPIC, 4)
        self.assert_heals(node, broker, server)


class OneLineTest(StackTestCase):
    """Mistakes that end a command at once."""

    def setUp(self):
        runtime = self.stack.folder / "runtime"
        runtime.mkdir(mode=0o700)
        self.env = {"XDG_RUNTIME_DIR": str(runtime)}

    def assert_fails_in_one_line(self, *arguments, naming, env=None):
        done = sluice.run(*arguments, env={**self.env, **(env or {})},
                          seconds=60)
        self.assertGreater(done.returncode, 0, done)
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn(str(naming), lines[0])

    def test_a_port_in_use_is_named(self):
        server = self.stack.start(EmbeddedClickHouse(
            self.stack.folder / "clickhouse"))
        self.assertTrue(accepts(server.port))
        self.assert_fails_in_one_line(
            "clickhouse", "--port", server.port, "--data",
            self.stack.folder / "other", naming=server.port)

    def test_a_data_directory_in_use_is_named(self):
        server = self.stack.start(EmbeddedClickHouse(
            self.stack.folder / "clickhouse"))
        self.assert_fails_in_one_line(
            "clickhouse", "--port", free_port(), "--data",
            server.folder / "data", naming=server.folder / "data")

    def test_a_data_directory_that_cannot_be_made_is_named(self):
        occupied = self.stack.folder / "file"
        occupied.write_text("", encoding="utf-8")
        self.assert_fails_in_one_line("run", COMMERCE, "--data",
                                      occupied / "data",
                                      naming=occupied / "data")

    def test_a_topology_file_that_is_not_there_is_named(self):
        missing = self.stack.folder / "missing.yaml"
        self.assert_fails_in_one_line("check", missing, naming=missing)

    def test_a_file_to_play_that_is_not_there_is_named(self):
        missing = self.stack.folder / "missing.jsonl"
        self.assert_fails_in_one_line(
            "kafka", "play", missing, "--brokers",
            f"127.0.0.1:{free_port()}", naming=missing)

    def test_a_query_without_a_server_names_the_address(self):
        address = f"127.0.0.1:{free_port()}"
        self.assert_fails_in_one_line(
            "query", COMMERCE, "SELECT 1", naming=address,
            env={"CLICKHOUSE_URL": f"http://{address}",
                 "KAFKA_BROKERS": f"127.0.0.1:{free_port()}"})

    def test_status_without_a_node_says_so(self):
        self.assert_fails_in_one_line("status", "--json", naming="node")


if __name__ == "__main__":
    unittest.main(verbosity=2)
