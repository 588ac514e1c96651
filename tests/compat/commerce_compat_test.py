"""What `sluice` sends for the commerce system, on the oldest ClickHouse that it
supports and one in between: DDL, tokens, FINAL, and whole gold runs as they were
taken down. Between two calls of run() the engine starts anew."""

import shutil
import tempfile
import unittest
from pathlib import Path

from tests.compat.engines import ENGINES, Engine, EngineError
from tests.compat.recording import Recorder
from tests.stack.clickhouse import ClickHouse
from tests.stack.sluice import COMMERCE, EmbeddedClickHouse, require
from tests.stack.stack import exit_on_signals, running

DAY, NEXT_DAY, DAY_AFTER = "2026-02-20", "2026-02-21", "2026-02-22"
USERS_COLUMNS = ("user_id, full_name, email, updated_at, _partition, _offset, "
                 "_epoch, _version, _deleted")
EVENTS_COLUMNS = ("event_id, user_id, event_type, timestamp, metadata, "
                  "_partition, _offset, _epoch")

# user_id, full_name, offset, deleted: as one partition delivers them.
USERS = ((1, "Alice Smith", 0, 0), (2, "Bob Jones", 1, 0),
         (3, "Charlie Brown", 2, 0), (2, "Bob A. Jones", 3, 0),
         (4, "Dora", 4, 0), (4, "", 5, 1))
EVENTS = ((1, "00:00:00.000"), (1, "14:34:07.123"), (2, "23:59:59.999"),
          (4, "12:00:00.000"))
GOLD_OF_DAY = [
    (DAY, "1", "Alice Smith", "1@example.com", "2", f"{DAY} 14:34:07"),
    (DAY, "2", "Bob A. Jones", "2@example.com", "1", f"{DAY} 23:59:59")]

READ_USERS = "SELECT user_id, full_name FROM users FINAL ORDER BY user_id"
READ_GOLD = ("SELECT date, user_id, full_name, email, total_events, "
             "last_event_at FROM gold_user_activity ORDER BY date, user_id")


def setUpModule():
    """Takes down what sluice sends: the DDL, what it changes in tables of an
    earlier version, and a run of each of two days."""
    exit_on_signals()
    global DDL, RUNS, EPOCHS
    RUNS = {}
    with (running("compat") as stack,
          Recorder(stack.start(EmbeddedClickHouse(
              stack.folder / "clickhouse")).url) as recorder):
        commerce = ClickHouse(recorder.url, "commerce")
        runtime = stack.folder / "runtime"
        runtime.mkdir(mode=0o700)
        env = {"CLICKHOUSE_URL": recorder.url, "XDG_RUNTIME_DIR": str(runtime)}

        def taken(*arguments):
            begin = len(recorder.statements)
            require(*arguments, env=env)
            return recorder.statements[begin:]

        DDL = [statement.sql for statement in taken("apply", COMMERCE)
               if statement.sql.upper().startswith("CREATE ")]
        for table in ("users", "events"):
            commerce.execute(f"ALTER TABLE {table} DROP COLUMN _epoch")
        EPOCHS = [statement.sql for statement in taken("apply", COMMERCE)
                  if statement.sql.upper().startswith("ALTER ")]
        for first, last in ((DAY, NEXT_DAY), (NEXT_DAY, DAY_AFTER)):
            RUNS[first] = taken("gold", "run", COMMERCE, "gold_user_activity",
                                "--from", first, "--to", last)


def insert(table, columns, rows, token):
    """One block under a token, with the settings of every insert."""
    values = ", ".join(
        "(" + ", ".join(f"'{value}'" if isinstance(value, str) else str(value)
                        for value in row) + ")" for row in rows)
    return (f"INSERT INTO {table} ({columns}) SETTINGS async_insert = 0, "
            "insert_deduplicate = 1, max_partitions_per_insert_block = 0, "
            "deduplicate_blocks_in_dependent_materialized_views = 1, "
            f"insert_deduplication_token = '{token}' VALUES {values}")


def users(rows=USERS, token="users/0-6"):
    return insert("users", USERS_COLUMNS, [
        (key, name, f"{key}@example.com", f"{DAY} 10:00:00.123456", 0, offset,
         0, offset, deleted) for key, name, offset, deleted in rows], token)


def events(day=DAY, token="events/0-4"):
    return insert("events", EVENTS_COLUMNS, [
        (f"{day} {number}", key, "view", f"{day} {time}", "{}", 0, number, 0)
        for number, (key, time) in enumerate(EVENTS)], token)


def gold_run(day=DAY):
    """All statements of one run, as they were sent. Those that only ask are
    left out but for the one that must understand the SQL."""
    return [line for statement in RUNS[day] for line in statement.script()
            if not statement.sql.upper().startswith(("SELECT", "CREATE DAT"))]


class CommerceCompatTest(unittest.TestCase):
    """Runs once per engine; see load_tests()."""

    version = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-compat-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.engine = Engine(self.version, self.folder)
        self.engine.run("CREATE DATABASE IF NOT EXISTS commerce", *DDL)

    def run_there(self, *statements):
        return self.engine.run("USE commerce", *statements)

    def test_it_is_the_version_that_it_claims_to_be(self):
        [[version]] = self.engine.run("SELECT version()")
        self.assertTrue(version.startswith(f"{self.version.clickhouse}."),
                        version)

    def test_the_ddl_can_be_applied_twice(self):
        tables = self.engine.run(*DDL, "SHOW TABLES FROM commerce")
        self.assertLessEqual({("users",), ("events",),
                              ("gold_user_activity",)}, set(tables))

    def test_tables_of_an_earlier_version_get_the_epoch(self):
        self.assertEqual(len(EPOCHS), 2, EPOCHS)
        both = ("SELECT DISTINCT (SELECT groupUniqArray(_epoch) FROM users), "
                "(SELECT groupUniqArray(_epoch) FROM events)")
        self.assertEqual(self.run_there(
            users(), events(), "ALTER TABLE users DROP COLUMN _epoch",
            "ALTER TABLE events DROP COLUMN _epoch", *EPOCHS, *EPOCHS, both),
            [("[0]", "[0]")])
        # The same blocks, built by the version that knows the epoch.
        count = "SELECT count() FROM events WHERE _epoch = 0"
        self.assertEqual(self.run_there(events(), count), [("4",)])

    def test_a_statement_that_fails_is_noticed(self):
        with self.assertRaisesRegex(EngineError, "no_such_column"):
            self.run_there("SELECT no_such_column FROM users", "SELECT 1")

    def test_a_block_that_is_sent_twice_is_there_once(self):
        count = ("SELECT (SELECT count() FROM users), "
                 "(SELECT count() FROM events)")
        self.run_there(users(), events())
        # A server that was started anew must know the tokens as well.
        self.assertEqual(self.run_there(
            users(), events(), users(), events(), count), [("4", "4")])
        self.assertEqual(self.run_there(
            events(token="events/4-8"), count), [("4", "8")])

    def test_final_shows_the_newest_version_and_no_deleted_row(self):
        newest = [("1", "Alice Smith"), ("2", "Bob A. Jones"),
                  ("3", "Charlie Brown")]
        late = ((4, "late", 3, 0), (2, "late", 2, 0))
        self.assertEqual(self.run_there(users(), READ_USERS), newest)
        self.assertEqual(self.run_there(users(late, "late"), READ_USERS),
                         newest)
        self.assertEqual(
            self.run_there("SELECT updated_at FROM users FINAL LIMIT 1"),
            [(f"{DAY} 10:00:00.123456",)])

    def test_a_gold_window_is_replaced_whole(self):
        filled = (users(), events(), events(NEXT_DAY, "events/4-8"))
        self.assertEqual(self.run_there(*filled, *gold_run(), READ_GOLD),
                         GOLD_OF_DAY)
        self.assertEqual(self.run_there(*gold_run(), READ_GOLD), GOLD_OF_DAY)
        self.assertEqual(self.run_there(READ_GOLD), GOLD_OF_DAY)

    def test_a_key_that_vanished_vanishes_from_gold(self):
        self.run_there(users(), events(), *gold_run())
        gone = ((1, "", 9, 1), (2, "", 10, 1))
        self.assertEqual(self.run_there(users(gone, "gone"), *gold_run(),
                                        READ_GOLD), [])
        self.assertEqual(self.run_there(READ_GOLD), [])

    def test_a_run_leaves_other_windows_alone_and_no_table_behind(self):
        show = "SHOW TABLES"
        before = self.run_there(users(), events(),
                                events(NEXT_DAY, "events/4-8"), show)
        self.run_there(*gold_run())
        self.assertEqual(self.run_there(*gold_run(NEXT_DAY), show), before)
        gold = self.run_there(READ_GOLD)
        self.assertEqual(gold[:2], GOLD_OF_DAY)
        self.assertEqual([row[0] for row in gold], [DAY] * 2 + [NEXT_DAY] * 2)


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
