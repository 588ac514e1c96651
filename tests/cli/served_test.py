"""Commands that serve, and those that talk to what is served."""

import json
import urllib.parse
import urllib.request

from tests.cli.command_line import COMMERCE, CommandLineTestCase
from tests.stack import sluice
from tests.stack.process import Process, free_port


class ServedTest(CommandLineTestCase):
    def serve(self, verb, *arguments):
        """Starts a verb that serves; returns it and the address it prints."""
        log = self.folder / f"{verb}.log"
        log.unlink(missing_ok=True)
        process = Process(
            f"sluice {verb}",
            [sluice.binary(), verb, "--data", self.folder / verb, *arguments],
            log)
        self.addCleanup(process.stop)
        lines = process.wait_until(
            "it prints its address",
            lambda: process.output().splitlines(), 60)
        return process, lines[-1]

    def test_clickhouse_serves_what_apply_and_query_use(self):
        process, url = self.serve("clickhouse")
        with urllib.request.urlopen(
                f"{url}/?query={urllib.parse.quote('SELECT 1')}") as reply:
            self.assertEqual(reply.read(), b"1\n")
        env = {"CLICKHOUSE_URL": url}
        self.succeed("apply", COMMERCE, env=env)
        self.assertEqual(self.succeed(
            "query", COMMERCE, "SELECT count() FROM users", "--format", "TSV",
            env=env), "0\n")
        self.assertEqual(process.stop(), 0, process.output())

    def post(self, url, statement):
        with urllib.request.urlopen(url, statement.encode()) as reply:
            return reply.read().decode()

    def test_check_asks_the_server_what_inserts_rest_on(self):
        _, url = self.serve("clickhouse")
        env = {"CLICKHOUSE_URL": url}
        self.succeed("apply", COMMERCE, env=env)
        fine = self.sluice("check", COMMERCE, env=env)
        self.assertEqual((fine.returncode, fine.stderr), (0, ""))
        self.post(url, "CREATE MATERIALIZED VIEW commerce.counted ENGINE = "
                       "SummingMergeTree ORDER BY user_id AS "
                       "SELECT user_id FROM commerce.events")
        warned = self.sluice("check", COMMERCE, env=env)
        self.assertEqual(warned.returncode, 0, warned.stderr)
        self.assertIn("warning: view commerce.counted of table events writes "
                      "to commerce.`.inner_id.", warned.stderr)
        self.post(url, "ALTER TABLE commerce.users MODIFY SETTING "
                       "non_replicated_deduplication_window = 3")
        lines = self.refuse(2, "check", COMMERCE, env=env)
        self.assertTrue(any(
            "table users in ClickHouse: non_replicated_deduplication_window "
            "= 3 is smaller than the 8 blocks" in line for line in lines),
            lines)
        self.succeed("check", COMMERCE, "--offline", env=env)

    def test_check_counts_the_partitions_of_a_kafka_that_answers(self):
        _, brokers = self.serve("kafka", "--topic", "postgres.public.users:32")
        done = self.sluice("check", COMMERCE, "--json",
                           env={"KAFKA_BROKERS": brokers})
        self.assertEqual(done.returncode, 0, done.stderr)
        users = json.loads(done.stdout)["tables"][0]
        self.assertEqual(users["inserts"], {
            "partitions": 32, "inserts_per_second": 10.0, "cut_age_ms": 3200})

    def test_check_plans_without_servers_that_do_not_answer(self):
        nowhere = f"127.0.0.1:{free_port()}"
        done = self.sluice("check", COMMERCE, env={
            "KAFKA_BROKERS": nowhere, "CLICKHOUSE_URL": f"http://{nowhere}"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the partitions of topics are not known", done.stderr)
        self.assertIn(f"not checked on http://{nowhere}", done.stderr)
        self.assertIn("per second and partition of the topic", done.stdout)

    def test_clickhouse_names_a_port_that_is_in_use(self):
        _, url = self.serve("clickhouse")
        port = url.rsplit(":", 1)[1]
        lines = self.refuse(1, "clickhouse", "--data", self.folder / "other",
                            "--port", port)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(port, lines[0])

    def test_kafka_keeps_what_is_played_over_a_restart(self):
        records = self.folder / "records.jsonl"
        records.write_text("".join(
            json.dumps({"topic": "users", "key": str(number),
                        "value": "v"}) + "\n" for number in range(5)))
        play = ("kafka", "play", records, "--if-empty", "--brokers")
        process, brokers = self.serve("kafka", "--topic", "users:2")
        self.assertEqual(self.succeed(*play, brokers),
                         "played 5 records onto users\n")
        self.assertIn("users is not empty", self.succeed(*play, brokers))
        self.assertEqual(process.stop(), 0, process.output())
        _, brokers = self.serve("kafka")
        self.assertIn("users is not empty", self.succeed(*play, brokers))

    def test_play_names_a_topic_that_there_is_not(self):
        records = self.folder / "records.jsonl"
        records.write_text('{"topic": "users", "value": "v"}\n')
        _, brokers = self.serve("kafka", "--topic", "other")
        lines = self.refuse(1, "kafka", "play", records, "--brokers", brokers)
        self.assertIn("users", lines[-1])

    def test_play_plays_nothing_of_files_with_a_mistake(self):
        records = self.folder / "records.jsonl"
        records.write_text('{"topic": "users", "value": "v"}\nnot JSON\n')
        _, brokers = self.serve("kafka", "--topic", "users")
        lines = self.refuse(2, "kafka", "play", records, "--brokers", brokers)
        self.assertIn(f"{records}:2", lines[0])
        records.write_text('{"topic": "users", "value": "v"}\n')
        self.assertIn("played 1 record onto users", self.succeed(
            "kafka", "play", records, "--if-empty", "--brokers", brokers))

    def test_a_data_directory_that_cannot_be_made_is_named(self):
        occupied = self.folder / "file"
        occupied.write_text("")
        for arguments in (("clickhouse",), ("kafka",), ("run", COMMERCE)):
            lines = self.refuse(1, *arguments, "--data", occupied / "data")
            self.assertIn(str(occupied / "data"), lines[-1])


class StatusTest(CommandLineTestCase):
    def test_says_that_nothing_runs(self):
        done = self.sluice("status", "--json")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout), {"nodes": []})
        self.assertIn("sluice run FILE", done.stderr)

    def test_names_an_address_that_does_not_answer(self):
        url = f"http://127.0.0.1:{free_port()}"
        self.assertIn(url, self.refuse(1, "status", "--url", url)[0])

    def test_says_what_it_waited_for(self):
        lines = self.refuse(1, "status", "--wait-caught-up", "500ms")
        self.assertIn("not caught up after 500ms", lines[0])
        self.assertIn("no node is running", lines[1])


class NodeTest(CommandLineTestCase):
    def test_a_node_is_found_and_waited_for_and_asked(self):
        records = sluice.ROOT / "config" / "demo" / "commerce.jsonl"
        data = self.folder / "data"
        node = Process("sluice run",
                       [sluice.binary(), "run", COMMERCE, "--data", data],
                       self.folder / "node.log", env=self.env)
        self.addCleanup(node.stop)
        self.succeed("status", "--wait-caught-up", "90s")
        self.succeed("kafka", "play", records)
        self.succeed("status", "--wait-caught-up", "90s")
        # The answer is final: nothing has to be asked twice.
        self.assertEqual(self.succeed(
            "query", COMMERCE, "--format", "TSV",
            "SELECT (SELECT count() FROM events), "
            "(SELECT count() FROM users)"), "5\t3\n")
        report = json.loads(self.succeed("status", "--json"))["nodes"][0]
        self.assertGreater(report["node"]["clickhouse_port"], 0)
        self.assertEqual(report["node"]["data_directory"], str(data))
        self.assertIn("commerce: node ", self.succeed(
            "status", "--url", report["node"]["status_url"]))
        self.succeed("gold", "run", COMMERCE, "gold_user_activity", "--from",
                     "2026-02-20")
        self.assertEqual(self.succeed(
            "query", COMMERCE, "--format", "TSV",
            "SELECT user_id, full_name, total_events, last_event_at "
            "FROM gold_user_activity ORDER BY user_id"),
            "1\tAlice Smith\t2\t2026-02-20 14:34:07\n"
            "2\tBob A. Jones\t2\t2026-02-20 14:34:07\n"
            "3\tCharlie Brown\t1\t2026-02-20 14:34:07\n")
        self.assertEqual(node.stop(), 0, node.output())
        # Stopped, its data are still there to be asked.
        self.assertEqual(self.succeed(
            "query", COMMERCE, "SELECT count() FROM events", "--format", "TSV",
            "--data", data), "5\n")
