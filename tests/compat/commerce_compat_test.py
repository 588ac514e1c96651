"""What `sluice` sends for the commerce system, on the oldest ClickHouse that it
supports and one in between: DDL, tokens, FINAL, and the gold statements."""

import re
import shutil
import tempfile
import unittest
from pathlib import Path

from tests.compat.engines import ENGINES, Engine
from tests.stack import sluice
from tests.stack.sluice import COMMERCE

# One version per line of the same key, as a partition delivers them.
USERS = (
    # user_id, full_name, offset, deleted
    (1, "Alice Smith", 0, 0),
    (2, "Bob Jones", 1, 0),
    (3, "Charlie Brown", 2, 0),
    (2, "Bob A. Jones", 3, 0),
    (4, "Dora", 4, 0),
    (4, "", 5, 1),
)
EVENTS = ((1, "00:00:00.000"), (1, "14:34:07.123"), (2, "23:59:59.999"),
          (4, "12:00:00.000"))


def statements(text):
    """Splits what --dry-run prints: each statement ends with ; at the end of
    a line."""
    parts = re.split(r";[ \t]*(?:\n|\Z)", text)
    return [part.strip() for part in parts if part.strip()]


class CommerceCompatTest(unittest.TestCase):
    """Runs once per engine; see the classes made below."""

    version = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-compat-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.engine = Engine(self.version, self.folder / "data")
        self.addCleanup(self.engine.__exit__)
        for statement in statements(sluice.require(
                "apply", COMMERCE, "--dry-run")):
            self.engine.execute(statement)
        self.engine.execute("USE commerce")

    def insert(self, table, rows, token, columns):
        """One block under a token, with the settings of every insert."""
        values = ", ".join(
            "(" + ", ".join(f"'{value}'" if isinstance(value, str)
                            else str(value) for value in row) + ")"
            for row in rows)
        self.engine.execute(
            f"INSERT INTO {table} ({columns}) SETTINGS async_insert = 0, "
            "insert_deduplicate = 1, max_partitions_per_insert_block = 0, "
            "deduplicate_blocks_in_dependent_materialized_views = 1, "
            f"insert_deduplication_token = '{token}' VALUES {values}")

    def insert_users(self, token="users/0-6"):
        self.insert("users", [
            (key, name, f"{key}@example.com", "2026-02-20 10:00:00.123456",
             0, offset, offset, deleted)
            for key, name, offset, deleted in USERS], token,
            "user_id, full_name, email, updated_at, _partition, _offset, "
            "_version, _deleted")

    def insert_events(self, day="2026-02-20", token="events/0-4"):
        self.insert("events", [
            (f"{day} {number}", key, "view", f"{day} {time}", "{}", 0, number)
            for number, (key, time) in enumerate(EVENTS)], token,
            "event_id, user_id, event_type, timestamp, metadata, _partition, "
            "_offset")

    def count(self, table):
        [[count]] = self.engine.rows(f"SELECT count() FROM {table}")
        return int(count)

    def run_gold(self, first="2026-02-20", last="2026-02-21"):
        for statement in statements(sluice.require(
                "gold", "run", COMMERCE, "gold_user_activity", "--from", first,
                "--to", last, "--dry-run")):
            self.engine.execute(statement)
        return self.engine.rows(
            "SELECT date, user_id, full_name, email, total_events, "
            "last_event_at FROM gold_user_activity ORDER BY date, user_id")

    def test_it_is_the_version_that_it_claims_to_be(self):
        [[version]] = self.engine.rows("SELECT version()")
        self.assertTrue(version.startswith(f"{self.version.clickhouse}."),
                        version)

    def test_the_ddl_can_be_applied_twice(self):
        for statement in statements(sluice.require(
                "apply", COMMERCE, "--dry-run")):
            self.engine.execute(statement)
        tables = {name for [name] in self.engine.rows("SHOW TABLES")}
        self.assertLessEqual({"users", "events", "gold_user_activity"}, tables)

    def test_a_block_that_is_sent_twice_is_there_once(self):
        for _ in range(2):
            self.insert_users()
            self.insert_events()
        # A ReplacingMergeTree may drop older versions within a block.
        self.assertLessEqual(self.count("users"), len(USERS))
        self.assertEqual(self.count("events"), len(EVENTS))
        self.insert_events(token="events/4-8")
        self.assertEqual(self.count("events"), 2 * len(EVENTS))

    def test_final_shows_the_newest_version_and_no_deleted_row(self):
        self.insert_users()
        self.assertEqual(
            self.engine.rows("SELECT user_id, full_name, updated_at FROM "
                             "users FINAL ORDER BY user_id"),
            [("1", "Alice Smith", "2026-02-20 10:00:00.123456"),
             ("2", "Bob A. Jones", "2026-02-20 10:00:00.123456"),
             ("3", "Charlie Brown", "2026-02-20 10:00:00.123456")])

    def test_an_older_version_that_comes_later_loses(self):
        self.insert_users()
        self.insert("users", [(4, "late", "", "2026-02-20 10:00:00", 0, 3, 3,
                               0)], "late",
                    "user_id, full_name, email, updated_at, _partition, "
                    "_offset, _version, _deleted")
        self.assertEqual(self.engine.rows(
            "SELECT user_id FROM users FINAL ORDER BY user_id"),
            [("1",), ("2",), ("3",)])

    def test_a_gold_window_is_replaced_whole(self):
        self.insert_users()
        self.insert_events()
        self.insert_events(day="2026-02-21", token="events/4-8")
        expected = [
            ("2026-02-20", "1", "Alice Smith", "1@example.com", "2",
             "2026-02-20 14:34:07"),
            ("2026-02-20", "2", "Bob A. Jones", "2@example.com", "1",
             "2026-02-20 23:59:59")]
        self.assertEqual(self.run_gold(), expected)
        self.assertEqual(self.run_gold(), expected)

    def test_a_key_that_vanished_vanishes_from_gold(self):
        self.insert_users()
        self.insert_events()
        self.run_gold()
        self.insert("users", [(1, "", "", "1970-01-01 00:00:00", 0, 9, 9, 1),
                              (2, "", "", "1970-01-01 00:00:00", 0, 10, 10,
                               1)], "gone",
                    "user_id, full_name, email, updated_at, _partition, "
                    "_offset, _version, _deleted")
        self.assertEqual(self.run_gold(), [])

    def test_a_run_leaves_other_windows_and_no_tables_behind(self):
        self.insert_users()
        self.insert_events()
        self.insert_events(day="2026-02-21", token="events/4-8")
        self.run_gold()
        tables = self.engine.rows("SHOW TABLES")
        both = self.run_gold("2026-02-21", "2026-02-22")
        self.assertEqual([row[0] for row in both],
                         ["2026-02-20"] * 2 + ["2026-02-21"] * 2)
        self.assertEqual(self.engine.rows("SHOW TABLES"), tables)


def load_tests(loader, _tests, _pattern):
    """The same tests for every engine."""
    suite = unittest.TestSuite()
    for version in ENGINES:
        name = f"ClickHouse{version.clickhouse.replace('.', '_')}Test"
        case = type(name, (CommerceCompatTest,),
                    {"version": version, "__module__": __name__})
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main(verbosity=2)
