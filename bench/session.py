"""One run of bench/run: the broker, what is on it, and a folder for all."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.stack.kafka import Kafka
from tests.stack.process import Process, StackError
from tests.stack.sluice import ROOT

PARTITIONS = 4
BUILD = ROOT / "build" / "release"


class WrongResult(StackError):
    """A contender's table is not what the topic leads to."""


@dataclass(frozen=True)
class Filled:
    """Topics with everything on them that a measurement reads."""
    # bench.workloads.Table
    tables: tuple
    codec: str
    messages: int
    value_bytes: int
    value_sum: str
    # Messages, and the rows and checksum they lead to, by topic.
    totals: dict
    ends: dict


def nothing_on(tables):
    """Topics that are still empty."""
    return Filled(tuple(tables), "none", 0, 0, "0", {}, {})


def program(name):
    """A measuring program of the release build."""
    path = BUILD / name
    if not os.access(path, os.X_OK):
        raise StackError(f"no program at {path}: run scripts/build release "
                         f"{name}")
    return path


class Session:
    """Needs a tests.stack.stack.Stack, which ends what it started."""

    def __init__(self, stack):
        self.stack = stack
        self.kafka = stack.start(
            Kafka(stack.folder / "kafka", long_lived=True))
        self._names = 0

    def new_name(self, what):
        """A name that no folder, group or pipeline of this run has."""
        self._names += 1
        return f"{what}-{self._names}"

    def folder(self, name) -> Path:
        path = self.stack.folder / name
        path.mkdir(parents=True)
        return path

    def create_topics(self, tables, **settings):
        """`settings`: of the topics, with _ for '.'. The broker would store
        without compression otherwise."""
        with self.kafka.client() as client:
            for table in tables:
                client.create_topic(table.topic, PARTITIONS,
                                    compression_type="producer", **settings)

    def drop_topics(self, tables):
        with self.kafka.client() as client:
            for table in tables:
                client.delete_topic(table.topic)

    def filler(self, tables, messages, codec="none", rate=0):
        """A started generator; collect() what it says in the end."""
        name = self.new_name("events")
        return Process("bench_events", [
            program("bench_events"), "--brokers", self.kafka.address,
            "--topics", ",".join(map(lambda table: table.fill_argument(),
                                     tables)),
            "--messages", messages, "--partitions", PARTITIONS, "--codec",
            codec, "--rate", rate], self.stack.folder / f"{name}.log")

    def collect(self, filler, tables, codec="none", seconds=1800):
        if filler.wait(seconds) != 0:
            raise StackError(filler.output().strip())
        report = last_json(filler.output())
        with self.kafka.client() as client:
            ends = {table.topic: [client.bounds(table.topic, partition)[1]
                                  for partition in range(PARTITIONS)]
                    for table in tables}
        return Filled(tuple(tables), codec, report["messages"],
                      report["value_bytes"], report["value_sum"],
                      {each["topic"]: each for each in report["tables"]}, ends)

    def fill(self, tables, messages, codec="none"):
        """New topics with so many messages on them together."""
        self.create_topics(tables)
        filler = self.filler(tables, messages, codec)
        try:
            filled = self.collect(filler, tables, codec)
        finally:
            filler.stop()
        # So that the disk does not write while something is measured.
        os.sync()
        return filled


def last_json(output):
    """The last line of what a measuring program printed: before it may be what
    librdkafka had to say."""
    return json.loads(output.splitlines()[-1])


def check(filled, clickhouse, contender):
    """The tables have the rows that the topics lead to."""
    for table in filled.tables:
        expected = filled.totals[table.topic]
        [found] = clickhouse.rows(table.totals_sql())
        wanted = (expected["rows"], expected["checksum"])
        if tuple(found) != wanted:
            raise WrongResult(
                f"{contender}: {table.name} has {found[0]} rows with checksum "
                f"{found[1]}; its topic leads to {wanted[0]} rows with "
                f"checksum {wanted[1]}")


def output_of(argv, what):
    """Runs one of our programs to its end and returns what it printed."""
    done = subprocess.run([str(word) for word in argv], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    if done.returncode != 0:
        raise StackError(f"{what} ended with {done.returncode}: "
                         f"{done.stderr.strip()}")
    return done.stdout
