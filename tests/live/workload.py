"""Random changes for the commerce system, the same ones for the same seed.

Rows are only ever judged against PostgreSQL, which runs the same script; the
keys kept here serve to make statements that hit something."""

import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FIRST_DAY = datetime(2026, 2, 18, tzinfo=timezone.utc)
DAYS = 4
KEYS = 3000

_WORDS = (
    "Alice", "Bob A. Jones", "O'Brien", 'say "hi"', "back\\slash", "tab\there",
    "line\nbreak", "carriage\rreturn", "žluťoučký", "日本語", "👩‍🚀", "null",
    "NULL", "\\N", "", "{\"a\": 1}", "%s;--", "a\u2028b", "\x01\x1f\x7f", "ß",
    "e\u0301", "\U0010ffff", "<&>", "$1", "'';", "  blank  ")

_TIMES = (
    "1900-01-01 00:00:00", "1969-12-31 23:59:59.999999",
    "1970-01-01 00:00:00.000001", "2038-01-19 03:14:08",
    "2106-02-07 06:28:16.5", "2262-04-11 23:47:16.854775",
    "2299-12-31 23:59:59.999999")


def _literal(text):
    """A string as PostgreSQL's standard_conforming_strings takes it."""
    return "'" + text.replace("'", "''") + "'"


class Changes:
    """Writes scripts of changes to `users`, in transactions of all sizes; one
    in ten is rolled back. `made` counts the rows changed by those that are
    committed (at least: a range may hit more)."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self._live = set()
        self.made = 0

    def script(self, at_least):
        """A script that changes at least so many rows."""
        goal = self.made + at_least
        lines = []
        while self.made < goal:
            lines += self._transaction()
        return "\n".join(lines)

    def _transaction(self):
        statements = self._random.choice((1, 1, 1, 2, 5, 20, 100))
        before = set(self._live), self.made
        lines = ["BEGIN;"]
        for _ in range(statements):
            lines.append(self._statement())
        if self._random.random() < 0.1:
            self._live, self.made = before
            return [*lines, "ROLLBACK;"]
        return [*lines, "COMMIT;"]

    def _statement(self):
        if len(self._live) > KEYS * 2 // 3:
            return self._delete_range(KEYS // 5)
        make = self._random.choices(
            (self._insert, self._insert_many, self._update, self._update_range,
             self._move, self._delete, self._delete_range, self._replace,
             self._passing, self._upsert),
            weights=(20, 4, 25, 3, 12, 10, 1, 5, 3, 8))[0]
        return make() or self._insert()

    def _text(self):
        words = self._random.choices(_WORDS, k=self._random.randint(0, 4))
        return _literal(" ".join(words))

    def _time(self):
        if self._random.random() < 0.05:
            return _literal(self._random.choice(_TIMES))
        moment = FIRST_DAY + timedelta(
            microseconds=self._random.randrange(10 ** 14))
        return _literal(moment.strftime("%Y-%m-%d %H:%M:%S.%f"))

    def _row(self, key):
        return f"({key}, {self._text()}, {self._text()}, {self._time()})"

    def _free(self, count=1):
        """Keys that no row has; deleted ones come back often."""
        free = []
        while len(free) < count:
            key = self._random.randrange(-KEYS // 10, KEYS)
            if key not in self._live and key not in free:
                free.append(key)
        return free

    def _taken(self):
        """Any key that a row has. Sorted: the order of a set is no seed's."""
        return self._random.choice(sorted(self._live)) if self._live else None

    def _insert(self):
        [key] = self._free()
        self._live.add(key)
        self.made += 1
        return f"INSERT INTO users VALUES {self._row(key)};"

    def _insert_many(self):
        keys = self._free(self._random.randint(2, 50))
        self._live.update(keys)
        self.made += len(keys)
        return f"INSERT INTO users VALUES {', '.join(map(self._row, keys))};"

    def _update(self):
        key = self._taken()
        if key is None:
            return None
        self.made += 1
        column = self._random.choice(("full_name", "email"))
        return (f"UPDATE users SET {column} = {self._text()}, updated_at = "
                f"{self._time()} WHERE user_id = {key};")

    def _hit(self, width):
        low = self._random.randrange(0, KEYS)
        keys = {key for key in self._live if low <= key < low + width}
        self.made += len(keys)
        return keys, f"WHERE user_id >= {low} AND user_id < {low + width}"

    def _update_range(self):
        _, where = self._hit(60)
        return (f"UPDATE users SET email = user_id || {self._text()}, "
                "updated_at = updated_at + interval '1 microsecond' "
                f"{where} AND updated_at < '2200-01-01';")

    def _move(self):
        """A key change; often onto the key of a row that was deleted."""
        key = self._taken()
        if key is None:
            return None
        [other] = self._free()
        self._live.remove(key)
        self._live.add(other)
        self.made += 1
        return f"UPDATE users SET user_id = {other} WHERE user_id = {key};"

    def _delete(self):
        key = self._taken()
        if key is None:
            return None
        self._live.remove(key)
        self.made += 1
        return f"DELETE FROM users WHERE user_id = {key};"

    def _delete_range(self, width=20):
        keys, where = self._hit(width)
        self._live -= keys
        return f"DELETE FROM users {where};"

    def _replace(self):
        """Deleted and inserted again at once, under the same key."""
        key = self._taken()
        if key is None:
            return None
        self.made += 2
        return (f"DELETE FROM users WHERE user_id = {key}; "
                f"INSERT INTO users VALUES {self._row(key)};")

    def _passing(self):
        """A row that only this transaction ever sees."""
        [key] = self._free()
        self.made += 2
        return (f"INSERT INTO users VALUES {self._row(key)}; "
                f"DELETE FROM users WHERE user_id = {key};")

    def _upsert(self):
        key = self._taken()
        if key is None:
            return None
        self.made += 1
        return (f"INSERT INTO users VALUES {self._row(key)} ON CONFLICT "
                "(user_id) DO UPDATE SET full_name = EXCLUDED.full_name, "
                "email = EXCLUDED.email, updated_at = EXCLUDED.updated_at;")


@dataclass(frozen=True)
class Event:
    event_id: str
    user_id: int
    event_type: str
    timestamp_ms: int
    metadata: str

    def row(self):
        return (self.event_id, self.user_id, self.event_type,
                self.timestamp_ms, self.metadata)


class Events:
    """Events as Debezium's MongoDB connector writes them: `after` is a string
    of Extended JSON (version 1, strict). `made` holds all of them."""

    def __init__(self, seed, partitions=4):
        self._random = random.Random(f"events {seed}")
        self._next = [0] * partitions
        self.made = []

    def lines(self, count):
        """So many new events, in the line format of `sluice kafka play`."""
        return "".join(self._line() for _ in range(count))

    def _line(self):
        number = len(self.made)
        event = Event(
            event_id=f"{number:024x}",
            # Some users have many events, many have few, some do not exist.
            user_id=int(KEYS * self._random.random() ** 3) - 10,
            event_type=self._random.choice(("view", "cart", "buy", "日本")),
            timestamp_ms=self._moment(),
            metadata=self._metadata())
        self.made.append(event)
        # The values of "timestamp" and "metadata" stand as text in `after`:
        # the column is the raw text of the document.
        after = (f'{{"_id": {{"$oid": "{event.event_id}"}}, '
                 f'"user_id": {event.user_id}, '
                 f'"event_type": {json.dumps(event.event_type)}, '
                 f'"ts": {{"$date": {event.timestamp_ms}}}, '
                 f'"metadata": {event.metadata}}}')
        return self._record(event, number, after)

    def _record(self, event, number, after):
        now_ms = event.timestamp_ms
        value = {
            "before": None, "after": after, "updateDescription": None,
            "source": {
                "version": "3.7.0.Final", "connector": "mongodb",
                "name": "mongo", "ts_ms": now_ms, "snapshot": "false",
                "db": "commerce", "sequence": None, "ts_us": now_ms * 1000,
                "ts_ns": now_ms * 1000000, "collection": "events",
                "ord": number, "lsid": None, "txnNumber": None,
                "wallTime": None},
            "op": self._random.choice("ccccr"), "ts_ms": now_ms,
            "transaction": None}
        key = {"id": json.dumps({"$oid": event.event_id})}
        partition = number % len(self._next)
        offset = self._next[partition]
        self._next[partition] += 1
        return json.dumps({
            "topic": "mongo.commerce.events", "partition": partition,
            "offset": offset, "timestamp": now_ms,
            "headers": [["__debezium.context.connectorName", "mongodb"]],
            "key": json.dumps(key), "value": json.dumps(value)}) + "\n"

    def _moment(self):
        """Within DAYS from FIRST_DAY; often at the very edges of a day."""
        day = self._random.randrange(DAYS)
        of_day = self._random.choice((0, 1, 86_399_999, None, None, None))
        if of_day is None:
            of_day = self._random.randrange(86_400_000)
        start = int((FIRST_DAY - EPOCH).total_seconds()) * 1000
        return start + day * 86_400_000 + of_day

    def _metadata(self):
        metadata = {"page": self._random.choice(_WORDS),
                    "nested": {"list": [1, 2.5, None, True],
                               "n": self._random.randrange(10 ** 6)}}
        return json.dumps(
            metadata, ensure_ascii=self._random.random() < 0.5,
            separators=self._random.choice(((",", ":"), (", ", ": "))))
