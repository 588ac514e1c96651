"""Commands that run to their end: exit codes, messages, results."""

import json
import os

from tests.cli.command_line import COMMERCE, CommandLineTestCase
from tests.stack.process import free_port

TABLES = ("users", "events", "gold_user_activity", "_sluice_gold_runs",
          "_sluice_gold_state")


class CheckTest(CommandLineTestCase):
    def test_prints_the_plan_of_commerce(self):
        plan = self.succeed("check", COMMERCE)
        for part in ("topic postgres.public.users (debezium-json)",
                     "topic mongo.commerce.events (debezium-mongodb)",
                     "gold gold_user_activity", "@daily, next at ",
                     "CREATE TABLE IF NOT EXISTS `commerce`.`users`"):
            self.assertIn(part, plan)

    def test_lets_clickhouse_check_unless_it_is_offline(self):
        done = self.sluice("check", COMMERCE)
        self.assertNotIn("not checked", done.stderr)
        offline = self.sluice("check", COMMERCE, "--offline", env={
            "SLUICE_LIBCHDB": str(self.folder / "no.so")})
        self.assertEqual((offline.returncode, offline.stderr), (0, ""))

    def test_says_that_it_could_not_let_clickhouse_check(self):
        done = self.sluice("check", COMMERCE, env={
            "SLUICE_LIBCHDB": str(self.folder / "no.so")})
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("not checked with ClickHouse itself", done.stderr)

    def test_leaves_nothing_behind(self):
        self.succeed("check", COMMERCE, env={"TMPDIR": str(self.folder)})
        self.assertEqual(os.listdir(self.folder), ["runtime"])

    def test_prints_the_plan_as_json(self):
        plan = json.loads(self.succeed("check", COMMERCE, "--json"))
        self.assertEqual(plan["pipeline"], "commerce")
        self.assertEqual([table["name"] for table in plan["tables"]],
                         ["users", "events"])
        self.assertEqual(plan["gold"][0]["name"], "gold_user_activity")

    def test_never_prints_a_password(self):
        for option in ([], ["--json"]):
            plan = self.succeed("check", COMMERCE, *option, env={
                "CLICKHOUSE_URL": "https://clickhouse:8443",
                "CLICKHOUSE_PASSWORD": "open-sesame"})
            self.assertNotIn("open-sesame", plan)

    def assert_positions(self, path, lines, *parts):
        """One line for each part, in the file's order, with its position."""
        self.assertEqual(len(lines), len(parts), lines)
        for line, part in zip(lines, parts):
            self.assertRegex(line, f"^{path}:[0-9]+:[0-9]+: ")
            self.assertIn(part, line)

    def test_tells_all_mistakes_each_with_its_position(self):
        path = self.changed(("format: debezium-json", "fromat: debezium-json"),
                            ("every: 1 day", "every: 1 dya"))
        self.assert_positions(path, self.refuse(2, "check", path),
                              "fromat", "1 dya")

    def test_tells_all_types_that_cannot_be_written(self):
        path = self.changed(("user_id:    Int32", "user_id:    Int33"),
                            ("event_type: String", "event_type: Strin"))
        self.assert_positions(path, self.refuse(2, "check", path),
                              "Int33", "Strin")

    def test_tells_what_clickhouse_refuses_in_gold_sql(self):
        path = self.changed(("u.full_name AS full_name",
                             "u.fullname AS full_name"))
        lines = self.refuse(2, "check", path)
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], f"^{path}:[0-9]+:[0-9]+: ")
        self.assertIn("gold_user_activity", lines[0])
        self.assertIn("fullname", lines[0])

    def test_tells_a_result_column_that_is_not_declared(self):
        path = self.changed(("count() AS total_events", "count() AS total"))
        lines = self.refuse(2, "check", path)
        self.assertIn("total_events", lines[0])

    def test_tells_a_wrong_filter_and_a_wrong_expression(self):
        path = self.changed(
            ("    key: [user_id]\n",
             "    key: [user_id]\n    filter: user_idd > 0\n"),
            ("      email:      String\n",
             "      email:      String\n"
             "      size: {type: UInt64, computed: lengthh(email)}\n"))
        lines = self.refuse(2, "check", path)
        self.assertEqual(len(lines), 2, lines)
        self.assertTrue(any("user_idd" in line for line in lines), lines)
        self.assertTrue(any("lengthh" in line for line in lines), lines)


class ApplyTest(CommandLineTestCase):
    def test_dry_run_prints_statements_and_touches_nothing(self):
        data = self.folder / "data"
        text = self.succeed("apply", COMMERCE, "--dry-run", "--data", data)
        statements = [each for each in text.split(";\n\n") if each]
        self.assertEqual(len(statements), 1 + len(TABLES))
        self.assertEqual(statements[0],
                         "CREATE DATABASE IF NOT EXISTS `commerce`")
        self.assertFalse(data.exists())

    def test_creates_what_is_missing_and_then_has_nothing_to_do(self):
        data = self.folder / "data"
        done = self.succeed("apply", COMMERCE, "--data", data)
        for table in TABLES:
            self.assertIn(f"created table {table}\n", done)
        again = self.succeed("apply", COMMERCE, "--data", data)
        self.assertTrue(again.startswith("nothing to do"), again)

    def test_adds_a_column_and_refuses_to_change_a_type(self):
        data = self.folder / "data"
        self.succeed("apply", COMMERCE, "--data", data)
        more = self.changed(("      email:      String\n",
                             "      email:      String\n"
                             "      phone:      String\n"))
        done = self.succeed("apply", more, "--data", data)
        self.assertRegex(done, "^changed: ALTER TABLE .* ADD COLUMN .*phone")
        other = self.changed(("      email:      String\n",
                              "      email:      Int64\n"))
        lines = self.refuse(1, "apply", other, "--data", data)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("email", lines[0])

    def test_adds_the_epoch_to_tables_of_an_earlier_version(self):
        data = self.folder / "data"

        def query(sql):
            return self.succeed("query", COMMERCE, sql, "--data", data,
                                "--format", "TSV")

        self.succeed("apply", COMMERCE, "--data", data)
        for table in ("users", "events"):
            query(f"ALTER TABLE {table} DROP COLUMN _epoch")
            query(f"INSERT INTO {table} (user_id, _partition, _offset) "
                  "SELECT 1, 0, 5")
        done = self.succeed("apply", COMMERCE, "--data", data)
        for table in ("users", "events"):
            self.assertIn(f"changed: ALTER TABLE `commerce`.`{table}` ADD "
                          "COLUMN IF NOT EXISTS `_epoch` UInt16 DEFAULT 0 "
                          "AFTER `_offset`", done)
            query(f"INSERT INTO {table} (user_id, _partition, _offset, _epoch) "
                  "SELECT 2, 0, 5, 1")
            self.assertEqual(
                query("SELECT user_id, _partition, _offset, _epoch FROM "
                      f"{table} ORDER BY user_id"), "1\t0\t5\t0\n2\t0\t5\t1\n")
        again = self.succeed("apply", COMMERCE, "--data", data)
        self.assertTrue(again.startswith("nothing to do"), again)

    def test_names_a_clickhouse_that_does_not_answer(self):
        port = free_port()
        lines = self.refuse(1, "apply", COMMERCE, env={
            "CLICKHOUSE_URL": f"http://127.0.0.1:{port}"})
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(f"127.0.0.1:{port}", lines[0])


class QueryTest(CommandLineTestCase):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"

    def query(self, *arguments):
        return self.succeed("query", COMMERCE, "--data", self.data, *arguments)

    def test_says_that_nothing_runs_and_nothing_is_there(self):
        lines = self.refuse(1, "query", COMMERCE, "SELECT 1", "--data",
                            self.data)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(str(self.data), lines[0])
        self.assertFalse(self.data.exists())

    def test_hides_former_versions_and_deleted_rows_unless_told(self):
        self.succeed("apply", COMMERCE, "--data", self.data)
        insert = ("INSERT INTO users (user_id, full_name, _version, _deleted) "
                  "SELECT {}, '{}', {}, {}")
        for row in ((1, "Bob", 1, 0), (1, "Bob A.", 2, 0), (2, "Eve", 1, 0),
                    (2, "", 2, 1)):
            self.query(insert.format(*row))
        select = "SELECT user_id, full_name FROM users ORDER BY user_id"
        self.assertEqual(self.query(select),
                         "user_id\tfull_name\n1\tBob A.\n")
        self.assertEqual(
            self.query("SELECT count() FROM users", "--no-final", "--format",
                       "TSV"), "4\n")

    def test_tells_what_clickhouse_says_in_one_line(self):
        self.succeed("apply", COMMERCE, "--data", self.data)
        lines = self.refuse(1, "query", COMMERCE, "SELEC 1", "--data",
                            self.data)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("Syntax error", lines[0])
        lines = self.refuse(1, "query", COMMERCE, "SELECT * FROM nothing",
                            "--data", self.data)
        self.assertIn("sluice apply", lines[0])


class GoldTest(CommandLineTestCase):
    gold = "gold_user_activity"

    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        self.succeed("apply", COMMERCE, "--data", self.data)
        for sql in (
                "INSERT INTO users (user_id, full_name, _version) "
                "SELECT 1, 'Alice', 1",
                "INSERT INTO events (event_id, user_id, timestamp) "
                "SELECT toString(number), 1, '2026-02-20 10:00:00' "
                "FROM numbers(3)"):
            self.succeed("query", COMMERCE, sql, "--data", self.data)

    def run_gold(self, *arguments):
        return self.succeed("gold", "run", COMMERCE, self.gold, "--data",
                            self.data, *arguments)

    def totals(self):
        return self.succeed("query", COMMERCE, "--data", self.data,
                            "--format", "TSV",
                            f"SELECT user_id, total_events FROM {self.gold}")

    def test_runs_one_window_as_often_as_one_likes(self):
        for _ in range(2):
            self.assertIn("1 row in ", self.run_gold("--from", "2026-02-20"))
            self.assertEqual(self.totals(), "1\t3\n")
        ledger = self.succeed("gold", "ledger", COMMERCE, "--data", self.data)
        self.assertEqual(ledger.count("manual"), 2, ledger)
        self.assertEqual(len(self.succeed(
            "gold", "ledger", COMMERCE, self.gold, "--limit", 1, "--data",
            self.data).splitlines()), 2)

    def test_runs_every_window_of_a_range(self):
        done = self.run_gold("--from", "2026-02-18", "--to", "2026-02-21")
        self.assertEqual(len(done.splitlines()), 3, done)
        self.assertEqual(self.totals(), "1\t3\n")

    def test_dry_run_prints_the_sql_and_the_windows(self):
        done = self.run_gold("--from", "2026-02-20", "--to", "2026-02-22",
                             "--dry-run")
        self.assertNotIn("{window_start}", done)
        self.assertIn("2026-02-21T00:00:00Z/2026-02-22T00:00:00Z", done)
        self.assertEqual(self.totals(), "")

    def test_names_the_window_that_failed(self):
        self.succeed("query", COMMERCE, "DROP TABLE events", "--data",
                     self.data)
        lines = self.refuse(1, "gold", "run", COMMERCE, self.gold, "--from",
                            "2026-02-20", "--data", self.data)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("2026-02-20T00:00:00Z", lines[0])

    def test_refuses_a_gold_that_there_is_not(self):
        lines = self.refuse(2, "gold", "run", COMMERCE, "gold_user_activty",
                            "--from", "2026-02-20", "--data", self.data)
        self.assertIn("did you mean 'gold_user_activity'?", lines[0])

    def test_lists_golds_with_their_next_run(self):
        self.assertRegex(self.succeed("gold", "list", COMMERCE),
                         f"{self.gold} +1 day +events.timestamp +@daily +- +20")
