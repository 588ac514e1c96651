"""The unmodified clickhouse-connect (PyPI, 1.12) against a served embedded
ClickHouse. Each test makes what it needs in a database of its own."""

import datetime
import unittest

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.clients.served import (
    ADDRESS, DATABASE, make_database,)


def connect(**options):
    options.setdefault("database", DATABASE)
    return clickhouse_connect.get_client(
        host=ADDRESS.hostname, port=ADDRESS.port, **options
    )


def setUpModule():
    make_database()


class ClickHouseConnect(unittest.TestCase):
    def setUp(self):
        self.client = connect()
        self.addCleanup(self.client.close)

    def make(self, table, columns="id UInt32, name String"):
        self.client.command(f"DROP TABLE IF EXISTS {table} SYNC")
        self.client.command(
            f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY "
            "tuple() SETTINGS non_replicated_deduplication_window = 100"
        )

    def test_it_inserts_native_blocks_and_reads_them(self):
        self.make(
            "types",
            "id UInt64, name String, at DateTime64(3, 'UTC'), "
            "maybe Nullable(Float64), tags Array(String)",
        )
        at = datetime.datetime(2026, 2, 20, 14, 34, 7)
        rows = [[1, "a\n\nb", at, None, []], [2, "\u00fc", at, 0.5, ["x", "y"]]]
        summary = self.client.insert("types", rows)
        self.assertEqual(summary.written_rows, 2)
        result = self.client.query(
            "SELECT id, name, toUnixTimestamp64Milli(at), maybe, tags "
            "FROM types ORDER BY id"
        )
        stamp = int(at.replace(tzinfo=datetime.timezone.utc).timestamp()) * 1000
        self.assertEqual(
            result.result_rows,
            [(1, "a\n\nb", stamp, None, []), (2, "\u00fc", stamp, 0.5, ["x", "y"])],
        )

    def test_it_inserts_and_reads_many_rows(self):
        self.make("many")
        rows = [[i, f"name {i}"] for i in range(300_000)]
        self.client.insert("many", rows, column_names=["id", "name"])
        self.assertEqual(self.client.command("SELECT count() FROM many"), 300_000)
        with self.client.query_row_block_stream("SELECT * FROM many") as blocks:
            self.assertEqual(sum(len(block) for block in blocks), 300_000)

    def test_every_compression_carries_inserts_and_results(self):
        for compression in ("lz4", "zstd", "gzip", False):
            with self.subTest(compression=compression):
                client = connect(compress=compression)
                self.addCleanup(client.close)
                self.make("compressed")
                rows = [[i, "x" * (i % 50)] for i in range(50_000)]
                client.insert("compressed", rows, column_names=["id", "name"])
                result = client.query("SELECT id, name FROM compressed ORDER BY id")
                self.assertEqual([list(row) for row in result.result_rows], rows)

    def test_parameters_are_bound_by_the_server(self):
        result = self.client.query(
            "SELECT {n:Int64} + 1, {s:String}, {d:Date}",
            parameters={"n": 41, "s": "it's \\ \t", "d": datetime.date(2026, 2, 20)},
        )
        self.assertEqual(
            result.result_rows, [(42, "it's \\ \t", datetime.date(2026, 2, 20))]
        )

    def test_settings_hold_for_one_query(self):
        sql = "SELECT getSetting('max_block_size')"
        before = self.client.command(sql)
        self.assertEqual(self.client.command(sql, settings={"max_block_size": 77}), 77)
        self.assertEqual(self.client.command(sql), before)

    def test_a_session_keeps_its_temporary_tables_and_settings(self):
        client = connect(session_id="the session")
        self.addCleanup(client.close)
        client.command("CREATE TEMPORARY TABLE kept (n Int32)")
        client.command("INSERT INTO kept VALUES (1), (2)")
        client.command("SET max_block_size = 78")
        sql = "SELECT getSetting('max_block_size')"
        self.assertEqual(client.command(sql, settings={"max_block_size": 79}), 79)
        self.assertEqual(client.command(sql), 78)
        self.assertEqual(client.command("SELECT sum(n) FROM kept"), 3)
        with self.assertRaisesRegex(DatabaseError, "UNKNOWN_TABLE"):
            connect(session_id="another").command("SELECT sum(n) FROM kept")

    def test_exceptions_carry_clickhouses_code(self):
        with self.assertRaises(DatabaseError) as raised:
            self.client.query("SELECT * FROM nowhere")
        self.assertEqual(int(raised.exception.code), 60)
        self.assertEqual(raised.exception.name, "UNKNOWN_TABLE")

    def test_an_exception_within_a_stream_reaches_the_client(self):
        sql = "SELECT throwIf(number = 2000000, 'too far') FROM numbers(3000000)"
        with self.assertRaisesRegex(Exception, "too far"):
            with self.client.query_row_block_stream(sql) as blocks:
                for _ in blocks:
                    pass

    def test_a_retry_under_a_token_is_dropped(self):
        self.make("tokens")
        for _ in range(3):
            self.client.insert(
                "tokens",
                [[1, "a"], [2, "b"]],
                column_names=["id", "name"],
                settings={"insert_deduplication_token": "t", "insert_deduplicate": 1},
            )
        self.assertEqual(self.client.command("SELECT count() FROM tokens"), 2)

    def test_defaults_fill_columns_that_an_insert_leaves_out(self):
        self.make(
            "defaults",
            "id UInt32, name String DEFAULT concat('n', toString(id)), "
            "twice UInt32 MATERIALIZED id * 2, thrice UInt32 ALIAS id * 3",
        )
        self.client.insert("defaults", [[1], [2]], column_names=["id"])
        self.client.raw_insert(
            "defaults", insert_block=b'{"id": 3}\n', fmt="JSONEachRow"
        )
        result = self.client.query(
            "SELECT id, name, twice, thrice FROM defaults ORDER BY id"
        )
        self.assertEqual(
            result.result_rows, [(1, "n1", 2, 3), (2, "n2", 4, 6), (3, "n3", 6, 9)]
        )

    def test_an_empty_result_has_its_columns(self):
        result = self.client.query("SELECT 1 AS a, 'x' AS b LIMIT 0")
        self.assertEqual(result.column_names, ("a", "b"))
        self.assertEqual(result.result_rows, [])
