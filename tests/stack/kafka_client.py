"""What tests ask of a broker, in Kafka's own protocol: create topics, put
records on them, read them. Requests use the last versions before the compact
encodings, which every broker up to 4.x answers.

Formats: https://kafka.apache.org/protocol (requests), and "Record Batch" in
the same documentation (magic 2)."""

import socket
import struct
import time

from .kafka_records import Record, decode_batches, encode_batch
from .process import wait_until

PRODUCE, FETCH, LIST_OFFSETS, METADATA = 0, 1, 2, 3
OFFSET_COMMIT, OFFSET_FETCH, DESCRIBE_GROUPS = 8, 9, 15
CREATE_TOPICS, DELETE_TOPICS, CREATE_PARTITIONS = 19, 20, 37
ALTER_CONFIGS = 44
TOPIC_RESOURCE, SET_VALUE = 2, 0
TOPIC_ALREADY_EXISTS = 36


class KafkaError(OSError):
    """The broker answered with an error code, or not at all."""


class _Reader:
    """Takes big-endian fields off an answer, one after the other."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def _take(self, size):
        piece = self._data[self._at:self._at + size]
        if len(piece) < size:
            raise KafkaError("the broker's answer is cut off")
        self._at += size
        return piece

    def number(self, letter):
        return struct.unpack(">" + letter, self._take(
            struct.calcsize(">" + letter)))[0]

    def text(self):
        size = self.number("h")
        return None if size < 0 else self._take(size).decode()

    def data(self):
        size = self.number("i")
        return b"" if size < 0 else self._take(size)

    def list(self, read):
        return [read() for _ in range(max(0, self.number("i")))]


def _text(value):
    if value is None:
        return struct.pack(">h", -1)
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def _list(items):
    items = list(items)
    return struct.pack(">i", len(items)) + b"".join(items)


def _one_partition(topic, partition, body):
    return _list([_text(topic) + _list([struct.pack(">i", partition) + body])])


class KafkaClient:
    """One connection to the only broker of a test cluster."""

    def __init__(self, host, port, seconds=30):
        self._socket = socket.create_connection((host, port), timeout=seconds)
        self._correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def brokers(self):
        return self._metadata()[0]

    def topics(self):
        """Partition counts by topic."""
        return {name: count for code, name, count in self._metadata()[1]
                if code == 0}

    def create_topic(self, name, partitions, **settings):
        """Creates a topic (setting names with _ for .) and returns when the
        broker knows it; one that is already there is left as it is."""
        body = _list([
            _text(name) + struct.pack(">ih", partitions, 1) + _list([])
            + _list(_text(key.replace("_", ".")) + _text(str(value))
                    for key, value in settings.items())])
        answer = self._ask(CREATE_TOPICS, 2, body + struct.pack(">i?", 30000,
                                                                False))
        answer.number("i")
        for _, code, words in answer.list(
                lambda: (answer.text(), answer.number("h"), answer.text())):
            if code not in (0, TOPIC_ALREADY_EXISTS):
                raise KafkaError(f"cannot create {name}: {words or code}")
        # The controller answers before the broker has heard of it.
        wait_until(f"topic {name} is known",
                   lambda: self.topics().get(name), 30)

    def set_topic(self, name, **settings):
        """Changes settings of a topic (names with _ for .)."""
        configs = _list(_text(key.replace("_", ".")) + struct.pack(
            ">b", SET_VALUE) + _text(str(value))
            for key, value in settings.items())
        answer = self._ask(ALTER_CONFIGS, 0, _list(
            [struct.pack(">b", TOPIC_RESOURCE) + _text(name) + configs])
            + struct.pack(">?", False))
        answer.number("i")
        [(code, words)] = answer.list(
            lambda: (answer.number("h"), answer.text(), answer.number("b"),
                     answer.text())[:2])
        if code != 0:
            raise KafkaError(f"cannot change {name}: {words or code}")

    def delete_topic(self, name):
        """Returns when the broker does not know the topic any more."""
        answer = self._ask(DELETE_TOPICS, 1, _list([_text(name)])
                           + struct.pack(">i", 30000))
        answer.number("i")
        [(_, code)] = answer.list(lambda: (answer.text(), answer.number("h")))
        self._require(code, f"delete {name}")
        wait_until(f"topic {name} is gone",
                   lambda: name not in self.topics(), 30)

    def add_partitions(self, name, count):
        """Returns when the topic has `count` partitions."""
        answer = self._ask(CREATE_PARTITIONS, 0, _list(
            [_text(name) + struct.pack(">ii", count, -1)])
            + struct.pack(">i?", 30000, False))
        answer.number("i")
        [(_, code, words)] = answer.list(
            lambda: (answer.text(), answer.number("h"), answer.text()))
        if code != 0:
            raise KafkaError(f"cannot add partitions: {words or code}")
        wait_until(f"topic {name} has them",
                   lambda: self.topics().get(name) == count, 30)

    def produce(self, topic, partition, *records):
        """Puts records on a partition and returns the first one's offset."""
        batch = encode_batch(records, int(time.time() * 1000))
        body = (_text(None) + struct.pack(">hi", -1, 30000)
                + _one_partition(topic, partition,
                                 struct.pack(">i", len(batch)) + batch))
        answer = self._ask(PRODUCE, 3, body)
        code, offset = self._first(answer, "qq")
        self._require(code, f"produce to {topic}/{partition}")
        return offset

    def bounds(self, topic, partition):
        """Offset of the oldest record kept, and the one after the newest."""
        return tuple(self._list_offset(topic, partition, time_ms)
                     for time_ms in (-2, -1))

    def committed(self, group, topic, partitions):
        """Offsets that a group has committed, by partition; -1: none."""
        answer = self._ask(OFFSET_FETCH, 1, _text(group) + _list(
            [_text(topic) + _list(struct.pack(">i", partition)
                                  for partition in range(partitions))]))
        found = answer.list(lambda: (answer.text(), answer.list(
            lambda: (answer.number("i"), answer.number("q"), answer.text(),
                     answer.number("h")))))
        for _, _, _, code in found[0][1]:
            self._require(code, f"committed offsets of {group}")
        return {partition: offset for partition, offset, _, _ in found[0][1]}

    def group_state(self, group):
        """"Stable" when every member knows its partitions; "Dead" and "Empty"
        without members."""
        answer = self._ask(DESCRIBE_GROUPS, 0, _list([_text(group)]))
        answer.number("i")
        self._require(answer.number("h"), f"describe {group}")
        answer.text()
        return answer.text()

    def commit(self, group, topic, partition, offset, metadata=""):
        """Sets the offset of a group that has no members now."""
        answer = self._ask(
            OFFSET_COMMIT, 2, _text(group) + struct.pack(">i", -1) + _text("")
            + struct.pack(">q", -1) + _one_partition(
                topic, partition, struct.pack(">q", offset) + _text(metadata)))
        code = self._first(answer, "", every=True)[0]
        self._require(code, f"commit {topic}/{partition} for group {group}")

    def position(self, group, topic, partition):
        """The offset that a group has committed (-1: none), and its
        metadata."""
        answer = self._ask(OFFSET_FETCH, 3, _text(group)
                           + _one_partition(topic, partition, b""))
        answer.number("i")
        offset, metadata, code = answer.list(
            lambda: (answer.text(), answer.list(
                lambda: (answer.number("i"), answer.number("q"), answer.text(),
                         answer.number("h")))))[0][1][0][1:]
        self._require(code or answer.number("h"),
                      f"fetch the offset of group {group}")
        return offset, metadata or ""

    def read(self, topic, partition, offset=None):
        """All records of a partition, from `offset` (or the oldest) on."""
        start, end = self.bounds(topic, partition)
        position = start if offset is None else offset
        while position < end:
            batch = self._fetch(topic, partition, position)
            if not batch:
                return
            yield from batch
            position = batch[-1].offset + 1

    def read_all(self, topic):
        """All records of a topic; none when it does not exist."""
        for partition in range(self.topics().get(topic, 0)):
            yield from self.read(topic, partition)

    def _metadata(self):
        answer = self._ask(METADATA, 4, struct.pack(">i?", -1, False))
        answer.number("i")
        brokers = answer.list(lambda: (answer.number("i"), answer.text(),
                                       answer.number("i"), answer.text()))
        answer.text()
        answer.number("i")

        def numbers():
            return answer.list(lambda: answer.number("i"))

        def topic():
            code, name, _ = (answer.number("h"), answer.text(),
                             answer.number("?"))
            partitions = answer.list(
                lambda: (answer.number("h"), answer.number("i"),
                         answer.number("i"), numbers(), numbers()))
            return code, name, len(partitions)
        return brokers, answer.list(topic)

    def _list_offset(self, topic, partition, time_ms):
        answer = self._ask(LIST_OFFSETS, 1, struct.pack(">i", -1)
                           + _one_partition(topic, partition,
                                            struct.pack(">q", time_ms)))
        code, _, offset = self._first(answer, "qq", every=True)
        self._require(code, f"list offsets of {topic}/{partition}")
        return offset

    def _fetch(self, topic, partition, offset):
        answer = self._ask(FETCH, 4, struct.pack(
            ">iiiib", -1, 1000, 1, 16 << 20, 0) + _one_partition(
                topic, partition, struct.pack(">qi", offset, 16 << 20)))
        answer.number("i")

        def part():
            _, code = answer.number("i"), answer.number("h")
            answer.number("q")
            answer.number("q")
            answer.list(lambda: (answer.number("q"), answer.number("q")))
            return code, answer.data()
        code, data = answer.list(
            lambda: (answer.text(), answer.list(part)))[0][1][0]
        self._require(code, f"fetch from {topic}/{partition}")
        return [Record(**{**vars(record), "topic": topic,
                          "partition": partition})
                for record in decode_batches(data) if record.offset >= offset]

    @staticmethod
    def _first(answer, letters, every=False):
        """Error code and fields of the one partition that was asked about."""
        fields = answer.list(lambda: (answer.text(), answer.list(
            lambda: (answer.number("i"), answer.number("h"),
                     *map(answer.number, letters)))))[0][1][0]
        return fields[1:] if every else fields[1:3]

    @staticmethod
    def _require(code, what):
        if code != 0:
            raise KafkaError(f"cannot {what}: error code {code}")

    def _ask(self, api, version, body):
        self._correlation += 1
        request = struct.pack(">hhi", api, version, self._correlation) \
            + _text("sluice-tests") + body
        self._socket.sendall(struct.pack(">i", len(request)) + request)
        size = struct.unpack(">i", self._receive(4))[0]
        answer = _Reader(self._receive(size))
        if answer.number("i") != self._correlation:
            raise KafkaError("the broker answered another request")
        return answer

    def _receive(self, size):
        data = b""
        while len(data) < size:
            piece = self._socket.recv(size - len(data))
            if not piece:
                raise KafkaError("the broker closed the connection")
            data += piece
        return data
