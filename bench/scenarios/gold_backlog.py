"""Many changed windows at once: in which order and how fast they are run again,
and how old today's result gets meanwhile."""

import shutil
import time

from tests.stack.process import StackError

from ..contenders import sluice
from ..session import WrongResult, nothing_on
from ..workloads import FIRST_ORDER, order_totals, orders
from .changed_rows import record
from .gold_history import LEADS

NAME = "gold-backlog"
HOUR_S = 3600
REFRESH_S = 5
GOLD = order_totals("1h", f"trigger: change\nrefresh: every {REFRESH_S}s\n"
                          "debounce: 1s\nmax_staleness: 5s\n"
                          "partition: month\n")
# Live orders come, and both tables are asked, this often.
LOOK_S = 0.2
# The windows that are run again are counted this often.
COUNT_S = 2.0
# Without a window more for so long, it has failed.
PATIENCE_S = 120
BATCH = 1000
NEWEST = ("SELECT (SELECT toUnixTimestamp64Milli(max(newest)) "
          "FROM order_totals), (SELECT toUnixTimestamp64Milli(max(created_at)) "
          "FROM orders)")
FINISHED = ("SELECT count() FROM _sluice_gold_runs FINAL WHERE state = 'done' "
            "AND window_start < toDateTime({today})")
RUNS = ("SELECT toUnixTimestamp(window_start), "
        "toUnixTimestamp64Milli(toDateTime64(started_at, 3)), duration_ms "
        "FROM _sluice_gold_runs FINAL WHERE state = 'done' ORDER BY "
        "started_at, window_start")


class _WithGold(sluice.OverHttp):
    golds = GOLD


class _Live:
    """Orders of now, and how old the newest one of each table is."""

    def __init__(self, contender, client, topic, first_id):
        self._contender = contender
        self._client = client
        self._topic = topic
        self._next_id = first_id
        # Seconds, of gold and of silver.
        self.ages = []

    def step(self):
        """Sends one order and looks once."""
        self._client.produce(self._topic, 1, record(
            "c", self._next_id, time.time_ns() // 1000))
        self._next_id += 1
        newest = self._contender.clickhouse.rows(NEWEST)[0]
        now_ms = time.time_ns() // 1_000_000
        self.ages.append(tuple((now_ms - each) / 1000 for each in newest))
        time.sleep(LOOK_S)


def _fill(client, topic, today, windows):
    """One order in each hour before today's windows, oldest first."""
    first = today - windows * HOUR_S
    for start in range(0, windows, BATCH):
        client.produce(topic, 0, *(
            record("c", FIRST_ORDER + number,
                   (first + number * HOUR_S + 60) * 1_000_000)
            for number in range(start, min(start + BATCH, windows))))


def quantile(values, share):
    """The value that so many of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summarise(runs, ages, today):
    """`runs`: (window's start, began ms, ms) of each, in the order of their
    beginnings; `ages`: seconds (of gold, of silver) at each look; `today`: the
    start of the first window that is no backlog."""
    backlog = [each for each in runs if each[0] < today]
    live = [milliseconds / 1000 for start, _, milliseconds in runs
            if start >= today]
    if not live:
        raise StackError(f"{NAME}: today's window was not run")
    starts = [start for start, _, _ in backlog]
    seconds = (max(began + took for _, began, took in backlog)
               - backlog[0][1]) / 1000
    gold, silver = (quantile(each, 0.99) for each in zip(*ages))
    # A refresh sees what silver has, and is seen when its run has ended.
    bound = REFRESH_S + silver + max(live)
    return {"windows": len(backlog), "seconds": seconds,
            "windows_per_second": len(backlog) / seconds,
            "out_of_order": sum(second < first for first, second
                                in zip(starts, starts[1:])),
            "staleness_p99_seconds": gold,
            "staleness_max_seconds": max(age for age, _ in ages),
            "silver_p99_seconds": silver, "run_max_seconds": max(live),
            "refresh_seconds": REFRESH_S, "bound_seconds": bound,
            "staleness_ratio": gold / bound, "looks": len(ages)}


def _drain(contender, client, topic, windows):
    """The runs and the ages while the backlog is worked off."""
    # The hour before now may still get rows of its end.
    today = int(time.time()) // HOUR_S * HOUR_S - HOUR_S
    live = _Live(contender, client, topic, FIRST_ORDER + windows)
    deadline = time.monotonic() + PATIENCE_S
    while not live.ages or live.ages[-1][0] > REFRESH_S + 5:
        if time.monotonic() > deadline:
            raise StackError(f"{NAME}: today's window was not run: "
                             f"{contender.node.process.output()[-2000:]}")
        live.step()
    live.ages.clear()
    _fill(client, topic, today, windows)
    finished, moved, counted = 0, time.monotonic(), 0.0
    while finished < windows:
        live.step()
        now = time.monotonic()
        if now - counted < COUNT_S:
            continue
        counted = now
        found = contender.clickhouse.value(FINISHED.format(today=today))
        if found > finished:
            finished, moved = found, now
        elif now - moved > PATIENCE_S:
            raise StackError(f"{NAME}: {finished} of {windows} windows were "
                             f"run, and none for {PATIENCE_S} s")
    runs = contender.clickhouse.rows(RUNS)
    published = contender.clickhouse.value(
        "SELECT countIf(orders = 1) FROM order_totals "
        f"WHERE start < toDateTime({today})")
    if published != windows or finished != windows:
        raise WrongResult(f"{NAME}: {windows} windows, {finished} were run "
                          f"and {published} are right")
    return summarise(runs, live.ages, today)


def run(session, results, plan, say):
    topic = f"{session.new_name('backlog')}.orders"
    table = orders(topic=topic)
    session.create_topics((table,))
    contender = _WithGold(session, nothing_on((table,)))
    try:
        contender.prepare()
        contender.start()
        contender.node.wait_for_line(LEADS, PATIENCE_S)
        with session.kafka.client() as client:
            told = _drain(contender, client, topic, plan.backlog_windows)
    finally:
        contender.stop()
    shutil.rmtree(contender.folder)
    session.drop_topics((table,))
    say.line(f"{told['windows']:,} windows in {told['seconds']:.0f} s, "
             f"{told['windows_per_second']:.1f}/s; today's result at most "
             f"{told['staleness_p99_seconds']:.1f} s old (p99), "
             f"{told['bound_seconds']:.1f} s allowed")
    results.data["scenarios"][NAME] = told
