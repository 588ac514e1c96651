"""The goals, and whether they were met."""

from dataclasses import dataclass
from typing import Callable

MIB = 1 << 20


@dataclass(frozen=True)
class Goal:
    words: str
    # The figure, or None when it was not measured.
    value: Callable
    target: float
    # Whether less is better.
    at_most: bool = False
    unit: str = ""


def _figure(name, field):
    return lambda results: results.median(name, field)


def _ratio(name):
    def value(results):
        found = results.ratios().get(name)
        return found and found["value"]
    return value


def _scenario(name, field):
    return lambda results: results.data["scenarios"].get(name, {}).get(field)


def _freshness(name):
    return lambda results: results.data["freshness"].get(name, {}).get(
        "p99_seconds")


def _megabytes(value):
    def scaled(results):
        found = value(results)
        return None if found is None else found / MIB
    return scaled


GOALS = (
    Goal("messages a second, sustained, exactly once, with merges",
         _figure("sustained", "per_second"), 1_000_000, unit="/s"),
    Goal("against ClickHouse's Kafka engine, by core-second",
         _ratio("sluice_vs_kafka_engine_per_core"), 6, unit="x"),
    Goal("against ClickHouse's Kafka engine, by wall time",
         _ratio("sluice_vs_kafka_engine_wall"), 6, unit="x"),
    Goal("against the bare consumer, by wall time",
         _ratio("sluice_vs_bare_consumer_wall"), 0.5, unit="x"),
    Goal("messages a second with cuts of 20,000 rows",
         _figure("small-cuts", "per_second"), 500_000, unit="/s"),
    Goal("freshness p99 at half load, default flush",
         _freshness("default"), 1.2, True, "s"),
    Goal("freshness p99 at half load, flush of 100 ms",
         _freshness("100ms"), 0.25, True, "s"),
    Goal("memory outside ClickHouse at full speed (resident, over HTTP)",
         _megabytes(_scenario("memory", "peak_resident_bytes")), 256, True,
         "MiB"),
    Goal("growth of that memory over the backlog's second half",
         _megabytes(_scenario("memory", "growth_bytes")), 16, True, "MiB"),
    Goal("start to first row, with the backlog",
         _figure("sustained", "first_row_seconds"), 3, True, "s"),
    Goal("cost of a message, 50 tables against 1, at the same rate",
         _scenario("many-tables", "cost_ratio"), 1.25, True, "x"),
    Goal("cost of a message, with a history in silver against none",
         _scenario("history", "cost_ratio"), 1.1, True, "x"),
    Goal("throughput with marks for gold on, against off",
         _scenario("marks", "throughput_ratio"), 0.97, unit="x"),
    Goal("control-log records a cut",
         _scenario("marks", "records_per_cut"), 1, True, "records"),
    Goal("time of a changed day's gold run, 1,000 days against 10",
         _scenario("gold-history", "time_ratio"), 1.2, True, "x"),
    Goal("rows that it reads, 1,000 days against 10",
         _scenario("gold-history", "read_rows_ratio"), 1.2, True, "x"),
    Goal("changed windows run before an older one, of the backlog",
         _scenario("gold-backlog", "out_of_order"), 0, True, "windows"),
    Goal("age of today's gold meanwhile (p99), against refresh + one run",
         _scenario("gold-backlog", "staleness_ratio"), 1, True, "x"),
)


def judge(results):
    """Goals with their figures; `met` is None where nothing was measured."""
    told = []
    for goal in GOALS:
        value = goal.value(results)
        met = None
        if value is not None:
            met = (value <= goal.target if goal.at_most
                   else value >= goal.target)
        told.append({"goal": goal.words, "target": goal.target,
                     "at_most": goal.at_most, "unit": goal.unit,
                     "value": value, "met": met})
    return told
