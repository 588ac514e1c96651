"""`sluice table reset`, while records keep coming and processes are killed."""

import json
import random
import threading
import time

from tests.cli.command_line import CommandLineTestCase
from tests.cli.table_test import SECOND_TABLE, TOPIC, event
from tests.stack import sluice
from tests.stack.process import Process

RECORDS = 1000


class TableResetTest(CommandLineTestCase):
    """Two tables of one topic, of which one is reset."""

    def setUp(self):
        super().setUp()
        self.topology = self.changed(("\ngold:\n", SECOND_TABLE))
        self.played = 0
        self.node = None
        self.start_node()

    def start_node(self):
        """With Kafka and ClickHouse inside: they are killed with it."""
        self.node = Process("sluice run",
                            [sluice.binary(), "run", self.topology, "--data",
                             self.folder / "data"],
                            self.folder / "node.log", env=self.env)
        self.addCleanup(self.node.stop)
        self.node.wait_until(
            "it runs", lambda: any(
                report["partitions"] and report["node"]["kafka_brokers"]
                for report in json.loads(
                    self.sluice("status", "--json").stdout)["nodes"]), 60)

    def write_records(self, count):
        path = self.folder / f"records-{self.played}.jsonl"
        path.write_text("".join(
            json.dumps(event(number)) + "\n"
            for number in range(self.played, self.played + count)))
        self.played += count
        return path

    def play(self, count):
        self.succeed("kafka", "play", self.write_records(count))

    def ask(self, sql):
        return self.succeed("query", self.topology, "--format", "TSV",
                            "--no-final", sql)

    def rows(self, table):
        """Of each partition: rows, identities, the last offset's successor and
        all epochs."""
        return self.ask("SELECT _partition, count(), uniqExact(_offset), "
                        "max(_offset) + 1, arraySort(groupUniqArray(_epoch)) "
                        f"FROM {table} GROUP BY 1 ORDER BY 1")

    def wait_for(self, table, partitions, epoch):
        """Waits until every record is there once, of that epoch."""
        expected = "".join(f"{partition}\t{count}\t{count}\t{count}\t[{epoch}]\n"
                           for partition, count in enumerate(partitions))
        self.node.wait_until(f"{table} is\n{expected}",
                             lambda: self.rows(table) == expected, 90)

    def reset(self, *options, code=0):
        done = self.sluice("table", "reset", self.topology, "copies", *options)
        self.assertEqual(done.returncode, code, done)
        return done

    def test_says_what_it_would_do_and_does_nothing(self):
        self.play(10)
        self.wait_for("copies", (5, 5), 0)
        done = self.reset(code=2)
        self.assertIn("nothing was done: repeat it with --yes", done.stderr)
        self.assertIn("its 10 rows go, and it is read again as epoch 2",
                      done.stdout)
        self.assertIn(f"{TOPIC}/0 offset 0 of 5\n", done.stdout)
        self.wait_for("copies", (5, 5), 0)
        with self.subTest("a mistake is told"):
            lines = self.refuse(2, "table", "reset", self.topology, "copie")
            self.assertIn("did you mean 'copies'?", lines[0])
        with self.subTest("a table of ClickHouse that is missing is named"):
            self.ask("DROP TABLE copies SYNC")
            self.assertIn("`copies` does not exist",
                          self.reset("--yes", code=1).stderr)

    def test_what_the_topic_does_not_bring_again_is_not_lost_unasked(self):
        self.play(10)
        self.wait_for("copies", (5, 5), 0)
        self.topology = self.changed(
            ("\ngold:\n", SECOND_TABLE.replace(
                "    mode: append\n", "    mode: append\n    start: latest\n")))
        done = self.reset("--yes", code=1)
        self.assertIn("reads nothing again that is there now", done.stdout)
        self.assertIn("--accept-loss resets it all the same", done.stderr)
        self.wait_for("copies", (5, 5), 0)
        self.reset("--yes", "--accept-loss")
        self.assertNotIn("\t[0]", self.rows("copies"))

    def start(self, *arguments):
        process = Process("sluice " + arguments[0],
                          [sluice.binary(), *arguments],
                          self.folder / "command.log", env=self.env)
        self.addCleanup(process.stop)
        return process

    def start_reset(self, seconds):
        """Runs the command, and kills it after a while."""
        command = self.start("table", "reset", self.topology, "copies",
                             "--yes")
        time.sleep(seconds)
        command.kill()

    def reset_again(self, chance):
        """As its message says: run it again. Returns the epoch."""
        self.start_reset(chance.uniform(0.02, 0.6))
        said = self.reset("--yes").stdout
        return int(said.split("begins again as epoch ")[1].split(";")[0])

    def test_every_row_is_there_once_whoever_is_killed(self):
        self.play(RECORDS)
        for table in ("events", "copies"):
            self.wait_for(table, (RECORDS // 2, RECORDS // 2), 0)
        for seed in range(3):
            chance = random.Random(seed)
            killer = threading.Timer(chance.uniform(0, 1.5), self.node.kill)
            killer.start()
            player = self.start("kafka", "play", self.write_records(200))
            self.start_reset(chance.uniform(0.1, 1.5))
            killer.join()
            player.kill()
            # A process ends with the thread that has started it.
            self.start_node()
            player = threading.Thread(target=self.play, args=(200,))
            player.start()
            epoch = self.reset_again(chance)
            player.join()
        self.play(10)
        self.succeed("status", "--wait-caught-up", "60s")
        ends = [int(line.split("\t")[3])
                for line in self.rows("events").splitlines()]
        self.assertGreater(sum(ends), RECORDS + 600)
        self.wait_for("events", ends, 0)
        self.wait_for("copies", ends, epoch)
        self.assertEqual(self.ask("SHOW TABLES LIKE '%reset%'"), "")
        self.assertIn(f"CHECK _epoch >= {epoch}",
                      self.ask("SHOW CREATE TABLE copies"))
        with self.subTest("apply does not mind the constraint"):
            self.assertNotIn("changed", self.succeed("apply", self.topology))
        with self.subTest("who starts later knows of it, and all goes on"):
            self.node.kill()
            self.start_node()
            self.play(10)
            ends = [end + 5 for end in ends]
            self.wait_for("copies", ends, epoch)
            self.wait_for("events", ends, 0)
