"""ClickHouse's HTTP protocol as curl and bare sockets see it, against a served
embedded ClickHouse."""

import gzip
import http.client
import json
import socket
import struct
import unittest
import urllib.parse

from tests.clients.served import (
    ADDRESS, DATABASE, URL, address, curl, make_database, post,)


def setUpModule():
    make_database()


class Curl(unittest.TestCase):
    def test_ping(self):
        for path in ("/ping", "/replicas_status", "/"):
            self.assertEqual(curl(URL + path)[2], b"Ok.\n")
        self.assertEqual(curl(URL + "/nowhere")[0], 404)

    def test_get_with_a_query(self):
        status, headers, body = curl(address(query="SELECT 1"))
        self.assertEqual((status, body), (200, b"1\n"))
        self.assertEqual(headers["x-clickhouse-format"], "TabSeparated")
        self.assertTrue(headers["content-type"].startswith("text/tab-separated"))
        self.assertTrue(headers["x-clickhouse-timezone"])
        self.assertTrue(headers["x-clickhouse-query-id"])
        self.assertTrue(headers["x-clickhouse-server-display-name"])

    def test_the_query_may_be_split_between_url_and_body(self):
        self.assertEqual(post(b"+ 2", query="SELECT 40"), b"42\n")

    def test_formats_come_from_the_query_the_url_or_a_header(self):
        self.assertEqual(post(b"SELECT 1 AS a FORMAT JSONEachRow"), b'{"a":1}\n')
        self.assertEqual(post(b"SELECT 'a'", default_format="CSV"), b'"a"\n')
        _, headers, body = curl(
            "-H", "X-ClickHouse-Format: JSONCompact", "-d", "SELECT 1", URL
        )
        self.assertEqual(json.loads(body)["data"], [[1]])
        self.assertTrue(headers["content-type"].startswith("application/json"))

    def test_json_is_whole_also_when_it_is_large(self):
        body = post(b"SELECT number FROM numbers(500000) FORMAT JSON")
        self.assertEqual(len(json.loads(body)["data"]), 500_000)
        body = post(b"SELECT 1 AS a WHERE 0 FORMAT JSON")
        self.assertEqual(json.loads(body)["data"], [])

    def test_headers_before_a_stream_and_totals_behind_it(self):
        self.assertEqual(
            post(b"SELECT number % 2 AS k, count() FROM numbers(4) GROUP BY k "
                 b"WITH TOTALS ORDER BY k"),
            b"0\t2\n1\t2\n\n0\t4\n",
        )
        body = post(b"SELECT number FROM numbers(200000) FORMAT CSVWithNames")
        self.assertEqual(body.count(b"number"), 1)
        body = post(b"SELECT number FROM numbers(1000000)")
        self.assertEqual(body.count(b"\n"), 1_000_000)

    def test_inserts_in_every_shape(self):
        post(b"CREATE OR REPLACE TABLE shapes (a Int32, b String DEFAULT 'd') "
             b"ENGINE = MergeTree ORDER BY a")
        post(b"INSERT INTO shapes VALUES (1, 'one'), (1 + 1, DEFAULT)")
        post(b"(3, 'three')", query="INSERT INTO shapes VALUES")
        post(b"4\tfo\\nur\n", query="INSERT INTO shapes FORMAT TabSeparated")
        post(b'INSERT INTO shapes FORMAT JSONEachRow\n{"a": 5}\n\n{"a": 6, "b": "s"}')
        post(b"a,b\n7,seven\n", query="INSERT INTO shapes FORMAT CSVWithNames")
        post(struct.pack("<i", 8) + b"\x02\n\n",
             query="INSERT INTO shapes (a, b) FORMAT RowBinary")
        post(b"9\n", query="INSERT INTO shapes (a) SELECT x FROM "
                           "input('x Int32') WHERE x > 0 FORMAT CSV")
        post(b"INSERT INTO shapes SELECT 10, 'ten'")
        parquet = post(b"SELECT 11::Int32 AS a, 'parquet' AS b FORMAT Parquet")
        post(parquet, query="INSERT INTO shapes FORMAT Parquet")
        self.assertEqual(
            post(b"SELECT * FROM shapes ORDER BY a FORMAT Values"),
            b"(1,'one'),(2,'d'),(3,'three'),(4,'fo\\nur'),(5,'d'),(6,'s'),"
            b"(7,'seven'),(8,'\\n\\n'),(9,'d'),(10,'ten'),(11,'parquet')",
        )

    def test_the_summary_counts_rows(self):
        post(b"CREATE OR REPLACE TABLE counted (a Int32) ENGINE = Memory")
        _, headers, _ = curl("-d", "(1),(2),(3)",
                             address(query="INSERT INTO counted VALUES"))
        summary = json.loads(headers["x-clickhouse-summary"])
        self.assertEqual(summary["written_rows"], "3")
        _, headers, _ = curl(address(query="SELECT * FROM counted"))
        self.assertEqual(
            json.loads(headers["x-clickhouse-summary"])["read_rows"], "3")

    def test_request_bodies_in_every_coding(self):
        post(b"CREATE OR REPLACE TABLE coded (a Int32) ENGINE = Memory")
        status, _, body = curl(
            "-H", "Content-Encoding: gzip", "--data-binary", "@-",
            address(query="INSERT INTO coded FORMAT CSV"),
            data=gzip.compress(b"1\n2\n"))
        self.assertEqual(status, 200, body)
        self.assertEqual(post(b"SELECT sum(a) FROM coded"), b"3\n")
        status, headers, _ = curl(
            "-H", "Content-Encoding: gzip", "--data-binary", "@-",
            address(query="INSERT INTO coded FORMAT CSV"), data=b"no gzip")
        self.assertEqual(status, 500)
        self.assertEqual(headers["x-clickhouse-exception-code"], "271")
        status, _, body = curl(
            "-H", "Content-Encoding: br", "--data-binary", "@-",
            address(query="INSERT INTO coded FORMAT CSV"), data=b"x")
        self.assertEqual(status, 501)
        self.assertIn(b"lz4", body)

    def test_replies_are_compressed_when_asked_to(self):
        url = address(query="SELECT number FROM numbers(100000)",
                      enable_http_compression=1)
        _, headers, body = curl("-H", "Accept-Encoding: gzip", url)
        self.assertEqual(headers["content-encoding"], "gzip")
        self.assertEqual(gzip.decompress(body).count(b"\n"), 100_000)
        _, headers, _ = curl("-H", "Accept-Encoding: gzip",
                             address(query="SELECT 1"))
        self.assertNotIn("content-encoding", headers)

    def test_native_blocks_go_both_ways(self):
        post(b"CREATE OR REPLACE TABLE framed (n UInt64) ENGINE = Memory")
        _, _, blocks = curl(address(query="SELECT number FROM numbers(200000)",
                                    compress=1))
        status, _, body = curl(
            "--data-binary", "@-",
            address(query="INSERT INTO framed FORMAT TSV", decompress=1),
            data=blocks)
        self.assertEqual(status, 200, body)
        self.assertEqual(post(b"SELECT count(), max(n) FROM framed"),
                         b"200000\t199999\n")
        broken = blocks[:40] + bytes([blocks[40] ^ 1]) + blocks[41:]
        status, headers, _ = curl(
            "--data-binary", "@-",
            address(query="INSERT INTO framed FORMAT TSV", decompress=1),
            data=broken)
        self.assertEqual(headers["x-clickhouse-exception-code"], "271")

    def test_exceptions_as_clickhouse_reports_them(self):
        for statement, status, code, name in (
            ("SELECT * FROM nowhere", 404, "60", b"UNKNOWN_TABLE"),
            ("SELEC 1", 400, "62", b"SYNTAX_ERROR"),
            ("SELECT 1; SELECT 2", 400, "62", b"SYNTAX_ERROR"),
            ("SELECT nothing", 404, "47", b"UNKNOWN_IDENTIFIER"),
            ("SELECT throwIf(1)", 500, "395", b"FUNCTION_THROW_IF"),
            ("SELECT 1 INTO OUTFILE '/tmp/x'", 400, "36", b"OUTFILE"),
            ("INSERT INTO nowhere VALUES (1)", 404, "60", b"UNKNOWN_TABLE"),
        ):
            with self.subTest(statement=statement):
                got, headers, body = curl("-d", statement, URL)
                self.assertEqual(got, status, body)
                self.assertEqual(headers["x-clickhouse-exception-code"], code)
                self.assertRegex(body, rb"^Code: %s\. DB::Exception: " % code.encode())
                self.assertIn(name, body)
                self.assertRegex(body, rb"\(version [0-9.]+\)\n$")
        self.assertEqual(curl(address(query="SELECT 1", database="nowhere"))[0], 404)
        self.assertEqual(curl(address(query="SELECT 1", no_such_setting="1"))[0], 404)

    def test_get_changes_nothing(self):
        status, headers, _ = curl(
            address(query="CREATE TABLE forbidden (a Int32) ENGINE = Memory"))
        self.assertEqual(headers["x-clickhouse-exception-code"], "164")
        self.assertEqual(status, 500)
        self.assertEqual(post(b"EXISTS TABLE forbidden"), b"0\n")

    def test_parameters_and_settings_in_the_url(self):
        self.assertEqual(
            post(b"SELECT {a:Int32} + 1, {b:String}", param_a="1", param_b="x y"),
            b"2\tx y\n")
        self.assertEqual(
            post(b"SELECT getSetting('max_threads')", max_threads="3"), b"3\n")
        post(b"CREATE OR REPLACE TABLE separated (a Int32, b Int32) ENGINE = Memory")
        post(b"1;2\n", query="INSERT INTO separated FORMAT CSV",
             format_csv_delimiter=";")
        self.assertEqual(post(b"SELECT * FROM separated"), b"1\t2\n")

    def test_multipart_forms_carry_queries_and_parameters(self):
        _, _, body = curl("-F", "query=SELECT {n:Int32} * 2", "-F", "param_n=21",
                          URL)
        self.assertEqual(body, b"42\n")

    def test_the_query_id_is_echoed_and_names_the_query(self):
        _, headers, body = curl(
            "-d", "SELECT count() FROM system.processes WHERE "
                  "Settings['log_comment'] = 'mine'", address(query_id="mine"))
        self.assertEqual(headers["x-clickhouse-query-id"], "mine")
        self.assertEqual(body, b"1\n")

    def test_credentials_are_taken(self):
        for extra in (("-u", "default:secret"),
                      ("-H", "X-ClickHouse-User: default",
                       "-H", "X-ClickHouse-Key: secret")):
            self.assertEqual(curl(*extra, address(query="SELECT 1"))[2], b"1\n")

    def test_head_has_no_body(self):
        status, headers, body = curl("--head", address(query="SELECT 1"))
        self.assertEqual((status, body), (200, b""))
        self.assertEqual(headers["content-length"], "2")


def received(peer: socket.socket) -> bytes:
    """What the server says until it closes the connection."""
    return b"".join(iter(lambda: peer.recv(65536), b""))


class Wire(unittest.TestCase):
    def test_one_connection_serves_many_requests(self):
        connection = http.client.HTTPConnection(ADDRESS.hostname, ADDRESS.port)
        self.addCleanup(connection.close)
        for i in range(20):
            connection.request("POST", "/", f"SELECT {i}")
            self.assertEqual(connection.getresponse().read(), b"%d\n" % i)
            # An error leaves the connection in order, too.
            connection.request("POST", "/", "SELECT nothing")
            reply = connection.getresponse()
            reply.read()
            self.assertEqual(reply.status, 404)

    def test_chunked_bodies_are_read(self):
        connection = http.client.HTTPConnection(ADDRESS.hostname, ADDRESS.port)
        self.addCleanup(connection.close)
        post(b"CREATE OR REPLACE TABLE chunked (a Int32) ENGINE = Memory")
        chunks = (b"%d\n" % i for i in range(1000))
        connection.request("POST", address(query="INSERT INTO chunked FORMAT CSV"),
                           chunks, encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})
        self.assertEqual(connection.getresponse().status, 200)
        self.assertEqual(post(b"SELECT count(), sum(a) FROM chunked"),
                         b"1000\t499500\n")

    def test_a_body_that_is_cut_off_inserts_nothing(self):
        post(b"CREATE OR REPLACE TABLE cut (a Int32) ENGINE = Memory")
        query = urllib.parse.urlencode(
            {"query": "INSERT INTO cut FORMAT CSV", "database": DATABASE})
        for framing, body in ((b"Content-Length: 100", b"1\n2\n"),
                              (b"Transfer-Encoding: chunked", b"4\r\n1\n2\n\r\n")):
            with socket.create_connection((ADDRESS.hostname, ADDRESS.port)) as peer:
                peer.sendall(b"POST /?" + query.encode() + b" HTTP/1.1\r\nHost: x\r\n"
                             + framing + b"\r\n\r\n" + body)
                peer.shutdown(socket.SHUT_WR)
                self.assertIn(b"Code: 3.", received(peer))
        self.assertEqual(post(b"SELECT count() FROM cut"), b"0\n")

    def test_what_is_not_http_gets_an_answer_and_the_door(self):
        for nonsense in (b"\x16\x03\x01 nonsense\r\n\r\n", b"GET\r\n\r\n",
                         b"GET / HTTP/2\r\n\r\n", b"\r\n\r\n"):
            with socket.create_connection((ADDRESS.hostname, ADDRESS.port)) as peer:
                peer.sendall(nonsense)
                self.assertIn(b"400", received(peer))
        self.assertEqual(curl(URL + "/ping")[0], 200)

    def test_a_long_url_is_read(self):
        numbers = ", ".join(str(i) for i in range(20_000))
        with socket.create_connection((ADDRESS.hostname, ADDRESS.port)) as peer:
            query = urllib.parse.urlencode({"query": f"SELECT length([{numbers}])"})
            peer.sendall(f"GET /?{query} HTTP/1.0\r\n\r\n".encode())
            reply = received(peer)
        self.assertTrue(reply.endswith(b"20000\n"), reply[-300:])
