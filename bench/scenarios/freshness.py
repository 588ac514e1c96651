"""From the append to the topic to the moment that a reader of silver sees the
row, under half of the load that Sluice carries."""

import time

from ..contenders import sluice
from ..measurement import measure_live
from ..session import PARTITIONS, nothing_on
from ..workloads import orders
from .plan import half_load

NAME = "freshness"
FLUSHES = (("default", {}), ("100ms", {"flush": "100ms"}))
# The broker's time stamp; the first second of traffic is left out.
APPENDED = ('      appended_at: {type: "DateTime64(3, \'UTC\')", '
            'from: "@timestamp"}\n')
QUANTILES = """
WITH (SELECT min(appended_at) FROM {table}) AS first
SELECT count(), quantileExact(0.5)(age), quantileExact(0.99)(age), max(age)
FROM (
  SELECT toUnixTimestamp64Milli(at) - toUnixTimestamp64Milli(appended_at) AS age
  FROM (SELECT _partition AS partition, _offset AS end, appended_at
        FROM {table} WHERE appended_at >= first + INTERVAL 1 SECOND) AS rows
  ASOF INNER JOIN seen ON rows.partition = seen.partition
    AND seen.end >= rows.end)"""


class Observer:
    """Notes when which offsets were first seen. A block of a partition appears
    as a whole, and blocks in the order of their offsets."""

    def __init__(self, table):
        self._table = table
        self._seen = {partition: -1 for partition in range(PARTITIONS)}
        # (partition, newest offset, milliseconds since 1970).
        self.observations = []

    def look(self, clickhouse):
        conditions = " OR ".join(
            f"_partition = {partition} AND _offset > {end}"
            for partition, end in self._seen.items())
        found = clickhouse.rows(
            f"SELECT _partition, max(_offset) FROM {self._table} "
            f"WHERE {conditions} GROUP BY _partition")
        now_ms = time.time_ns() // 1_000_000
        for partition, end in found:
            self._seen[partition] = end
            self.observations.append((partition, end, now_ms))

    def quantiles(self, clickhouse):
        """Rows that count, and p50, p99 and the longest in milliseconds."""
        clickhouse.execute("CREATE TABLE seen (partition Int32, end Int64, "
                           "at DateTime64(3, 'UTC')) ENGINE = Memory")
        values = ", ".join(
            f"({partition}, {end}, fromUnixTimestamp64Milli(toInt64({at})))"
            for partition, end, at in self.observations)
        clickhouse.execute(f"INSERT INTO seen VALUES {values}")
        return clickhouse.rows(QUANTILES.format(table=self._table))[0]


def _run_once(session, plan, rate, tuning):
    name = session.new_name("fresh")
    table = orders(topic=f"{name}.orders", more=APPENDED)
    session.create_topics((table,), message_timestamp_type="LogAppendTime")
    observer = Observer(table.name)
    told = {}

    def evaluate(contender):
        observer.look(contender.clickhouse)
        count, p50, p99, longest = observer.quantiles(contender.clickhouse)
        told.update(rows=count, p50_seconds=p50 / 1000,
                    p99_seconds=p99 / 1000, max_seconds=longest / 1000)
    measure_live(sluice.Embedded(session, nothing_on((table,)), tuning), rate,
                 plan.live_seconds, observer.look, evaluate)
    session.drop_topics((table,))
    return told


def run(session, results, plan, say):
    rate = half_load(results, plan)
    for name, tuning in FLUSHES:
        runs = sorted((_run_once(session, plan, rate, tuning)
                       for _ in range(plan.rounds)),
                      key=lambda each: each["p99_seconds"])
        middle = runs[len(runs) // 2]
        say.line(f"flush {name}: p50 {middle['p50_seconds']:.3f} s, p99 "
                 f"{middle['p99_seconds']:.3f} s at {rate:,}/s")
        results.data["freshness"][name] = {
            "rate": rate, **middle,
            "p99_runs": [each["p99_seconds"] for each in runs]}
