"""Commands to one table of a running pipeline."""

import json

from tests.cli.command_line import COMMERCE, CommandLineTestCase
from tests.stack import sluice
from tests.stack.process import Process

TOPIC = "mongo.commerce.events"
SECOND_TABLE = """
  copies:
    topic: mongo.commerce.events
    format: debezium-mongodb
    mode: append
    order_by: [user_id]
    columns:
      user_id: Int32

gold:
"""


def event(number):
    """A Debezium MongoDB insert."""
    after = json.dumps({"_id": {"$oid": f"{number:024x}"}, "user_id": number,
                        "event_type": "view", "ts": {"$date": 1771598047000},
                        "metadata": {}})
    return {"topic": TOPIC, "partition": number % 2,
            "key": f'{{"id":"{number}"}}',
            "value": json.dumps({"op": "c", "before": None, "after": after})}


class TableTest(CommandLineTestCase):
    def kafka(self, *topics):
        """An embedded broker alone; returns the environment that names it."""
        options = [word for topic in topics for word in ("--topic", topic)]
        process = Process("sluice kafka",
                          [sluice.binary(), "kafka", "--data",
                           self.folder / "kafka", *options],
                          self.folder / "kafka.log")
        self.addCleanup(process.stop)
        lines = process.wait_until(
            "it prints its address", lambda: process.output().splitlines(), 60)
        return {"KAFKA_BROKERS": lines[-1]}

    def test_a_command_is_appended_to_the_control_log(self):
        env = self.kafka("commerce.control:1")
        for verb in ("pause", "resume"):
            self.assertIn(f"told pipeline commerce to {verb} table events",
                          self.succeed("table", verb, COMMERCE, "events",
                                       env=env))
        # Read as what it is not, the log shows that they are there.
        as_letters = self.changed((
            "kafka:\n", "kafka:\n  dead_letter_topic: commerce.control\n"))
        done = self.sluice("dlq", "list", as_letters, env=env)
        self.assertIn("2 records on the topic are none of Sluice's",
                      done.stderr)

    def test_mistakes_are_told_before_anything_is_asked(self):
        lines = self.refuse(2, "table", "pause", COMMERCE, "event")
        self.assertEqual(lines, ["sluice: pipeline commerce has no table "
                                 "'event': did you mean 'events'?"])

    def test_a_control_log_that_is_none_is_refused(self):
        env = self.kafka("other")
        lines = self.refuse(1, "table", "pause", COMMERCE, "events", env=env)
        self.assertIn("commerce.control does not exist", lines[-1])

    def test_a_control_log_of_several_partitions_is_refused(self):
        env = self.kafka("commerce.control:2")
        lines = self.refuse(1, "table", "pause", COMMERCE, "events", env=env)
        self.assertIn("has 2 partitions", lines[-1])

    def test_without_a_node_the_embedded_kafka_is_not_there(self):
        lines = self.refuse(1, "table", "resume", COMMERCE, "events")
        self.assertIn("none is running here", lines[0])


class RunningTableTest(CommandLineTestCase):
    """Two tables of one topic, of which one is paused."""

    def setUp(self):
        super().setUp()
        self.topology = self.changed(("\ngold:\n", SECOND_TABLE))
        self.played = 0
        self.node = None

    def start_node(self):
        self.node = Process("sluice run",
                            [sluice.binary(), "run", self.topology, "--data",
                             self.folder / "data"],
                            self.folder / "node.log", env=self.env)
        self.addCleanup(self.node.stop)
        self.node.wait_until(
            "it runs", lambda: any(
                report["partitions"] and report["node"]["kafka_brokers"]
                for report in self.reports()), 60)

    def reports(self):
        return json.loads(self.sluice("status", "--json").stdout)["nodes"]

    def state(self, table):
        return {each["name"]: each for report in self.reports()
                for each in report["tables"]}[table]

    def play(self, count):
        path = self.folder / "records.jsonl"
        path.write_text("".join(
            json.dumps(event(number)) + "\n"
            for number in range(self.played, self.played + count)))
        self.played += count
        self.succeed("kafka", "play", path)

    def rows(self, table):
        """Rows of a table, none of which may stand twice."""
        rows, places = self.succeed(
            "query", self.topology, "--format", "TSV", "--no-final",
            "SELECT count(), uniqExact(_partition, _offset, user_id) "
            f"FROM {table}").split()
        self.assertEqual(rows, places)
        return int(rows)

    def wait_for_rows(self, table, count):
        self.node.wait_until(f"{table} has {count} rows",
                             lambda: self.rows(table) == count, 60)

    def held(self):
        return [each for report in self.reports()
                for partition in report["partitions"]
                for each in partition["held"]]

    def test_a_paused_table_stands_still_and_loses_nothing(self):
        self.start_node()
        self.play(10)
        for table in ("events", "copies"):
            self.wait_for_rows(table, 10)
        self.succeed("table", "pause", self.topology, "copies")
        self.node.wait_until(
            "the table is paused",
            lambda: self.state("copies")["state"] == "paused", 30)
        self.assertIn("paused by `sluice table pause` (",
                      self.state("copies")["reason"])

        with self.subTest("the other table of its topic goes on"):
            self.play(10)
            self.wait_for_rows("events", 20)
            self.assertEqual(self.rows("copies"), 10)
            self.assertEqual(self.state("events")["state"], "running")
            self.node.wait_until("status shows what is held back",
                                 lambda: len(self.held()) == 2, 10)
            self.assertEqual(
                {(each["table"], each["state"], each["frontier"])
                 for each in self.held()}, {("copies", "paused", 5)})

        for ending in ("stop", "kill"):
            with self.subTest("also over a restart", ending=ending):
                getattr(self.node, ending)()
                self.start_node()
                self.node.wait_until(
                    "the table is still paused",
                    lambda: self.state("copies")["state"] == "paused", 30)
                self.assertEqual(self.rows("events"), self.played)
                self.assertEqual(self.rows("copies"), 10)

        with self.subTest("after its resume it has every row, once"):
            self.succeed("table", "resume", self.topology, "copies")
            self.wait_for_rows("copies", self.played)
            self.play(10)
            for table in ("events", "copies"):
                self.wait_for_rows(table, self.played)
            self.succeed("status", "--wait-caught-up", "30s")
            self.assertEqual(self.held(), [])
