"""The commerce system on real parts, and the comparisons that judge it."""

import csv
import io
import json
import sys
import threading
import time
from datetime import timedelta

from tests.live.workload import DAYS, FIRST_DAY, Changes, Events
from tests.stack.process import wait_until
from tests.stack.sluice import COMMERCE, EmbeddedClickHouse, Node, binary
from tests.stack.stack import Stack

USERS_TOPIC = "postgres.public.users"
EVENTS_TOPIC = "mongo.commerce.events"
PARTITIONS = 4
PATIENCE_S = 120

SCHEMA = """
CREATE TABLE users(user_id int PRIMARY KEY, full_name text, email text,
                   updated_at timestamp);
CREATE TABLE events(event_id text PRIMARY KEY, user_id int, event_type text,
                    ts timestamp(3), metadata text);
"""

# Microseconds and seconds since 1970, which both databases have exactly.
USERS_IN_POSTGRES = """
SELECT json_build_array(user_id, full_name, email,
                        (extract(epoch FROM updated_at) * 1000000)::bigint)
FROM users"""
USERS_IN_SILVER = """
SELECT user_id, full_name, email, toUnixTimestamp64Micro(updated_at)
FROM users FINAL"""
EVENTS_IN_SILVER = """
SELECT event_id, user_id, event_type, toUnixTimestamp64Milli(timestamp),
       metadata
FROM events"""
GOLD_IN_POSTGRES = """
SELECT json_build_array(ts::date::text, u.user_id, full_name, email, count(*),
                        floor(extract(epoch FROM max(ts)))::bigint)
FROM events AS e JOIN users AS u USING (user_id)
GROUP BY ts::date, u.user_id, full_name, email"""
GOLD = """
SELECT toString(date), user_id, full_name, email, total_events,
       toUnixTimestamp(last_event_at)
FROM gold_user_activity"""


def differences(expected, actual):
    """What distinguishes two lists of rows as multisets, for people; empty
    when they are equal."""
    def counted(rows):
        counts = {}
        for row in rows:
            counts[tuple(row)] = counts.get(tuple(row), 0) + 1
        return counts
    expected, actual = counted(expected), counted(actual)
    if expected == actual:
        return ""
    missing = [row for row in expected if actual.get(row, 0) < expected[row]]
    surplus = [row for row in actual if expected.get(row, 0) < actual[row]]
    return (f"{len(missing)} rows missing or too few, first "
            f"{sorted(missing, key=repr)[:3]}; {len(surplus)} rows too many, "
            f"first {sorted(surplus, key=repr)[:3]}")


def days():
    return [(FIRST_DAY + timedelta(days=day)).date() for day in range(DAYS)]


class Commerce:
    """Servers, one node, and a running account of what was done to them."""

    def __init__(self, seed):
        self.stack = Stack("live")
        self.changes = Changes(seed)
        self.events = Events(seed, PARTITIONS)
        self._loaded = 0
        self._sentinels = 0
        self._files = 0
        try:
            self._start()
        except BaseException:
            self.stack.failed()
            self.stack.close()
            raise

    def _start(self):
        binary()
        self.kafka = self.stack.kafka((USERS_TOPIC, EVENTS_TOPIC), PARTITIONS)
        self.postgres = self.stack.postgres(SCHEMA)
        self.connect = self.stack.connect(
            self.kafka, self.postgres, "postgres", ["public.users"])
        self.server = self.stack.start(
            EmbeddedClickHouse(self.stack.folder / "clickhouse"))
        self.clickhouse = self.server.client("commerce")
        self.node = self.stack.start(Node(
            self.stack.folder / "node", COMMERCE,
            {"KAFKA_BROKERS": self.kafka.address,
             "CLICKHOUSE_URL": self.server.url}))

    def change_users(self, at_least):
        self.postgres.execute(self.changes.script(at_least))

    def play_events(self, count):
        """Puts new events on their topic, and the same ones into PostgreSQL."""
        self._files += 1
        path = self.stack.folder / f"events-{self._files}.jsonl"
        path.write_text(self.events.lines(count), encoding="utf-8")
        self.node.run("kafka", "play", path, "--brokers", self.kafka.address)
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n",
                            quoting=csv.QUOTE_NONNUMERIC)
        fresh = self.events.made[self._loaded:]
        for event in fresh:
            writer.writerow(event.row())
        self._loaded += len(fresh)
        self.postgres.execute(
            "CREATE TEMP TABLE fresh(event_id text, user_id int, "
            "event_type text, ms bigint, metadata text);\n"
            f"COPY fresh FROM STDIN (FORMAT csv);\n{rows.getvalue()}\\.\n"
            "INSERT INTO events SELECT event_id, user_id, event_type, "
            "timestamp '1970-01-01' + ms * interval '1 ms', metadata "
            "FROM fresh;\n")

    def in_the_background(self, rounds, changes, events, pause_s):
        """A thread that goes on changing and playing; join() it."""
        failure = []

        def work():
            try:
                for _ in range(rounds):
                    self.change_users(changes)
                    self.play_events(events)
                    time.sleep(pause_s)
            except BaseException as error:  # told by join()
                failure.append(error)
        thread = threading.Thread(target=work)
        thread.start()

        def join():
            thread.join()
            if failure:
                raise failure[0]
        return join

    def wait_caught_up(self):
        """Until silver has all that PostgreSQL and play have sent so far. The
        last row that PostgreSQL sends is a sentinel: when it is in silver,
        Debezium has sent the others too."""
        self._sentinels += 1
        key = -1_000_000 - self._sentinels
        self.postgres.execute("INSERT INTO users VALUES "
                              f"({key}, 'sentinel', '', '2026-01-01');")
        before = time.monotonic()
        try:
            self.node.process.wait_until(
                "the last change is in silver", lambda: self.clickhouse.value(
                    f"SELECT count() FROM users FINAL WHERE user_id = {key}"),
                PATIENCE_S)
        finally:
            self._say_status()
        self.node.wait_caught_up(PATIENCE_S)
        say(f"caught up {time.monotonic() - before:.1f} s after the last row")

    def _say_status(self):
        try:
            self.status = self.node.status()
        except Exception as error:
            say(f"no status: {error}")

    def lags(self):
        """Lag by (topic, partition), as the node's status tells."""
        return {(partition["topic"], partition["partition"]): partition["lag"]
                for partition in self.node.status()["partitions"]}

    def users_differ(self):
        """Compares silver with PostgreSQL; records of different partitions
        may have been sent after the sentinel, hence the patience."""
        return settled(lambda: differences(
            self.users_in_postgres(), self.clickhouse.rows(USERS_IN_SILVER)))

    def users_in_postgres(self):
        return [json.loads(line)
                for line in self.postgres.query(USERS_IN_POSTGRES)]

    def events_differ(self):
        return settled(lambda: differences(
            [event.row() for event in self.events.made],
            self.clickhouse.rows(EVENTS_IN_SILVER)))

    def doubled_records(self):
        """Rows in silver beyond one per record and table, merged or not."""
        return sum(self.clickhouse.value(
            f"SELECT count() - uniqExact(_epoch, _partition, _offset) "
            f"FROM {table}")
                   for table in ("users", "events"))

    def run_gold(self):
        """Every window that has events; returns all rows of the table."""
        first, last = days()[0], days()[-1] + timedelta(days=1)
        self.node.run("gold", "run", COMMERCE, "gold_user_activity",
                      "--from", first, "--to", last)
        return self.clickhouse.rows(GOLD)

    def gold_differs(self, gold):
        return differences([json.loads(line) for line in
                            self.postgres.query(GOLD_IN_POSTGRES)], gold)

    def dead_letters(self):
        with self.kafka.client() as client:
            return list(client.read_all("commerce.dlq"))


def settled(compare, seconds=15):
    """The first empty answer of `compare`, or its last one."""
    try:
        wait_until("equal", lambda: not compare(), seconds, interval=0.5)
        return ""
    except TimeoutError:
        return compare()


def say(words):
    print(f"    {words}", file=sys.stderr, flush=True)
