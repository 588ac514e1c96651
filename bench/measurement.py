"""Watches a contender from outside: when it has begun, when it is done, and what
that cost. The same for every contender."""

import shutil
import time
from dataclasses import dataclass, field

from tests.stack.kafka_client import KafkaError
from tests.stack.process import StackError

from .costs import cpu_seconds, peak_bytes
from .session import check

LOOK_S = 0.01
# Where each look costs the contender's ClickHouse a query.
LIVE_LOOK_S = 0.02
FIRST_ROW_LOOK_S = 0.05
PROBE_S = 0.5
# Without any progress for so long, a contender has failed.
PATIENCE_S = 120
# No merge for so long: none is left to be done.
QUIET_S = 1.0
STEADY = 0.9
# More may not be done when the start is seen.
LATE = 0.1


@dataclass
class Figures:
    messages: int
    value_bytes: int
    # From the moment that the contender reads (its group's members know their
    # partitions) to the commit of the last offset, which follows the insert.
    seconds: float
    # The same span, and on until no merge runs; the contender's processes and
    # its ClickHouse, not the broker.
    cpu_seconds: float
    # From the contender's start to the first moment of `seconds`.
    start_seconds: float
    # Largest resident memory, all processes together.
    peak_bytes: int
    # From the contender's start to the first row that a reader sees.
    first_row_seconds: float | None = None
    merge_seconds: float = 0.0
    # The rate until STEADY of the messages were committed: without the wait for
    # the last cut to be old enough.
    steady_per_second: float = 0.0
    # What probe() told, one after the other.
    probes: list = field(default_factory=list)

    def __post_init__(self):
        self.steady_per_second = self.steady_per_second or self.per_second

    @property
    def per_second(self):
        return self.messages / self.seconds

    @property
    def per_core_second(self):
        return self.messages / self.cpu_seconds

    @property
    def bytes_per_second(self):
        return self.value_bytes / self.seconds


class _Watch:
    """What is looked at while a contender runs."""

    def __init__(self, contender, client):
        self._contender = contender
        self._client = client
        self._next_probe = self._next_row_look = 0.0
        self._committed = {}
        self._moved = time.monotonic()
        self.probes = []
        self.first_row = None
        # When STEADY of the messages were committed, and how many it were.
        self.steady = None
        self.began = time.monotonic()

    def has_begun(self):
        # A broker whose topic of groups has only just been made has no
        # coordinator yet; ClickHouse not yet the table that is asked.
        return self._try(lambda: self._contender.has_begun(self._client),
                         False)

    def look(self):
        """Everything but the end; cheap enough to be asked all the time."""
        self._look_for_first_row()
        now = time.monotonic()
        if now >= self._next_probe:
            self._next_probe = now + PROBE_S
            self.probes.append({"seconds": round(now - self.began, 3),
                                **self._try(self._contender.probe, {})})

    def is_done(self):
        filled = self._contender.filled
        done = True
        for topic, ends in filled.ends.items():
            committed = self._ask_broker(
                lambda: self._client.committed(self._contender.group, topic,
                                               len(ends)),
                dict.fromkeys(range(len(ends)), -1))
            if committed != self._committed.get(topic):
                self._committed[topic] = committed
                self._moved = time.monotonic()
            done &= all(committed[partition] >= end
                        for partition, end in enumerate(ends))
        total = self._total()
        if self.steady is None and total >= STEADY * filled.messages:
            self.steady = (time.monotonic(), total)
        if not done and time.monotonic() - self._moved > PATIENCE_S:
            raise StackError(f"{self._contender.title}: nothing was committed "
                             f"for {PATIENCE_S} s: {self._committed}")
        return done

    def require_early(self):
        """Fails when much is done already: the start was seen too late, and the
        figures would flatter."""
        self.is_done()
        share = self._total() / max(1, self._contender.filled.messages)
        if share > LATE:
            raise StackError(
                f"{self._contender.title}: {share * 100:.0f} % was done before "
                "its start was seen; there are too few messages, or the "
                "machine is too busy")

    def _total(self):
        return sum(offset for committed in self._committed.values()
                   for offset in committed.values() if offset > 0)

    def _look_for_first_row(self):
        now = time.monotonic()
        if (self.first_row is not None or now < self._next_row_look
                or self._contender.clickhouse is None):
            return
        self._next_row_look = now + FIRST_ROW_LOOK_S
        [table] = self._contender.filled.tables[:1]
        if self._try(lambda: self._contender.clickhouse.value(
                f"SELECT count() FROM {table.name}"), 0):
            self.first_row = time.monotonic() - self.began

    @staticmethod
    def _ask_broker(ask, otherwise):
        try:
            return ask()
        except KafkaError:
            return otherwise

    @staticmethod
    def _try(ask, otherwise):
        """A contender that has just started may not answer yet."""
        try:
            return ask()
        except Exception:
            return otherwise


def _cpu(contender):
    return sum(map(cpu_seconds, contender.processes()))


def _wait(what, ready, watch, interval):
    """Until `ready`; a start has a deadline, work has is_done()'s patience."""
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        watch.look()
        if what and time.monotonic() > deadline:
            raise StackError(f"not after {PATIENCE_S} s: {what}")
        time.sleep(interval)


def wait_for_merges(clickhouse):
    """Until none has run for QUIET_S; returns when the last one ended."""
    quiet_since = None
    while True:
        now = time.monotonic()
        if clickhouse.value("SELECT count() FROM system.merges"):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = now
        elif now - quiet_since > QUIET_S:
            return quiet_since
        time.sleep(0.1)


def _finish(contender, watch, begun, cpu):
    """The contender has read since `begun` and had used `cpu` then: waits for
    its end and checks its result."""
    _wait(None, watch.is_done, watch, LOOK_S)
    done = time.monotonic()
    watch.look()
    quiet = wait_for_merges(contender.clickhouse)
    at, committed = watch.steady
    figures = Figures(
        contender.filled.messages, contender.filled.value_bytes,
        seconds=done - begun, cpu_seconds=_cpu(contender) - cpu,
        start_seconds=begun - watch.began,
        peak_bytes=sum(map(peak_bytes, contender.processes())),
        first_row_seconds=watch.first_row,
        merge_seconds=max(0.0, quiet - done), probes=watch.probes,
        steady_per_second=committed / (at - begun))
    check(contender.filled, contender.clickhouse, contender.title)
    return figures


def _start(contender, client):
    """Returns the watch, the moment from which on the contender reads, and the
    CPU time used until then."""
    contender.prepare()
    watch = _Watch(contender, client)
    contender.start()
    _wait(f"{contender.title} has begun", watch.has_begun, watch, LOOK_S)
    begun, cpu = time.monotonic(), _cpu(contender)
    watch.require_early()
    return watch, begun, cpu


def measure(contender, evaluate=None):
    """One run over topics that are full; the result is checked before its
    figures count. `evaluate` is called at the end, with the contender still
    there."""
    try:
        with contender.session.kafka.client() as client:
            figures = _finish(contender, *_start(contender, client))
        if evaluate:
            evaluate(contender)
    finally:
        contender.stop()
    shutil.rmtree(contender.folder)
    return figures


def measure_live(contender, rate, seconds, look=None, evaluate=None):
    """One run over topics that exist and are filled at `rate` messages a second
    for `seconds`, once the contender waits for them. `look` is called all the
    time, `evaluate` at the end, with the contender still there."""
    session, tables = contender.session, contender.filled.tables
    filler = None
    try:
        with session.kafka.client() as client:
            watch, _, _ = _start(contender, client)
            # What is made at the first sight of a topic is not counted.
            time.sleep(1)
            began, cpu = time.monotonic(), _cpu(contender)
            filler = session.filler(tables, int(rate * seconds), rate=rate)
            while filler.alive():
                watch.look()
                if look:
                    look(contender.clickhouse)
                time.sleep(LIVE_LOOK_S)
            contender.filled = session.collect(filler, tables)
            figures = _finish(contender, watch, began, cpu)
        if evaluate:
            evaluate(contender)
    finally:
        if filler:
            filler.stop()
        contender.stop()
    shutil.rmtree(contender.folder)
    return figures
