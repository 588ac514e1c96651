"""What it costs to run the window of a changed row again: with many days in
silver, and with few of the same density."""

import shutil
import time
from contextlib import ExitStack
from statistics import median

from tests.stack.process import StackError

from ..contenders import sluice
from ..measurement import wait_for_merges
from ..session import WrongResult, nothing_on
from ..workloads import FIRST_ORDER, order_totals, orders
from .changed_rows import record
from .marks import in_turn

NAME = "gold-history"
FEW_DAYS = 10
DAY_S = 86_400
GOLD = order_totals("1 day", "trigger: change\ndebounce: 100ms\n"
                             "max_staleness: 1s\n")
# As a shop's orders lie: their ids rise with the time that they were created.
# Of no partition of the topic, so that the node does not take them for its own.
HISTORY = """
INSERT INTO orders SELECT
  {first} + number, number % 5000000,
  ['created', 'paid', 'packed', 'shipped', 'delivered'][number % 5 + 1],
  concat('SKU-', toString(number % 80000)), number % 9 + 1,
  toDecimal64(number % 100000, 2),
  fromUnixTimestamp64Micro({begin_us} + toInt64(number) * {step_us}, 'UTC')
    AS created_at, created_at, -1, number, 0, {version}, 0
FROM (SELECT number * {every} AS number FROM numbers({start}, {count}))
SETTINGS max_insert_threads = 2, min_insert_block_size_rows = 1000000"""
STEP = 5_000_000
READ = ("SELECT sumIf(value, event = 'SelectedRows'), "
        "sumIf(value, event = 'SelectedBytes') FROM system.events")
DONE = ("SELECT toUnixTimestamp(window_start), duration_ms "
        "FROM _sluice_gold_runs FINAL WHERE state = 'done' "
        "ORDER BY started_at")
OF_DAY = ("SELECT count(), sum(total) FROM orders FINAL WHERE created_at >= "
          "toDateTime({day}) AND created_at < toDateTime({day} + 86400)")
LEADS = "leads the gold runs from here on"
PATIENCE_S = 120
LOOK_S = 0.05
# A run that nobody asked for would come as soon as the one that was.
SETTLE_S = 1.0


class _WithDays(sluice.OverHttp):
    golds = GOLD

    def __init__(self, session, filled, days, rows_a_day):
        super().__init__(session, filled)
        self.days = days
        self.rows_a_day = rows_a_day
        # The days before today, which are closed.
        self.first_day = int(time.time()) // DAY_S * DAY_S - days * DAY_S

    def prepare(self):
        super().prepare()
        sluice.apply(self, self.server)
        rows = self.days * self.rows_a_day
        for start in range(0, rows, STEP):
            self._insert(1, start, min(STEP, rows - start), 1)
        wait_for_merges(self.clickhouse)
        # What is always there in practice: the changes of the last minutes,
        # of rows of any age, which are not merged yet.
        self.clickhouse.execute("SYSTEM STOP MERGES orders")
        self._insert(self.rows_a_day, 0, self.days, 2)

    def _insert(self, every, start, count, version):
        self.clickhouse.execute(HISTORY.format(
            first=FIRST_ORDER, begin_us=self.first_day * 1_000_000,
            step_us=DAY_S * 1_000_000 // self.rows_a_day, every=every,
            start=start, count=count, version=version))

    def change(self, client, day):
        """Changes one row in the middle of the day."""
        number = day * self.rows_a_day + self.rows_a_day // 2
        created_us = (self.first_day * 1_000_000
                      + number * (DAY_S * 1_000_000 // self.rows_a_day))
        client.produce(self.filled.tables[0].topic, 0, record(
            "u", FIRST_ORDER + number, created_us, total="123456.78"))
        return self.first_day + day * DAY_S


def _run_of(contender, client, day, before):
    """Changes one row of the day; the cost of the run that this makes.
    `before`: runs until then."""
    read = contender.clickhouse.rows(READ)[0]
    start = contender.change(client, day)
    deadline = time.monotonic() + PATIENCE_S
    while len(done := contender.clickhouse.rows(DONE)) <= before:
        if time.monotonic() > deadline:
            raise StackError(f"{NAME}: no run {PATIENCE_S} s after a change: "
                             f"{contender.node.process.output()[-2000:]}")
        time.sleep(LOOK_S)
    read_rows, read_bytes = (
        now - then for now, then in zip(contender.clickhouse.rows(READ)[0],
                                        read))
    time.sleep(SETTLE_S)
    done = contender.clickhouse.rows(DONE)
    if [window for window, _ in done[before:]] != [start]:
        raise WrongResult(f"{NAME}: a change of one row of {start} ran the "
                          f"windows {done[before:]}")
    _check(contender, start)
    # The ledger's shortest time is a millisecond.
    return {"seconds": max(done[-1][1], 1) / 1000, "read_rows": read_rows,
            "read_bytes": read_bytes}


def _check(contender, day):
    published = contender.clickhouse.rows(
        f"SELECT orders, total FROM order_totals WHERE start = {day}")
    wanted = contender.clickhouse.rows(OF_DAY.format(day=day))
    if published != wanted:
        raise WrongResult(f"{NAME}: gold has {published} for the day {day}, "
                          f"silver {wanted}")


def days_to_change(days, changes):
    """So many days, evenly over the history, the oldest first."""
    return [(2 * number + 1) * days // (2 * changes)
            for number in range(changes)]


def _of_days(session, days, plan):
    """A node over so many days of history; not prepared yet."""
    table = orders(topic=f"{session.new_name('days')}.orders")
    session.create_topics((table,))
    return _WithDays(session, nothing_on((table,)), days,
                     max(1, plan.history_rows // plan.history_days))


def _end(session, contender):
    contender.stop()
    shutil.rmtree(contender.folder)
    session.drop_topics(contender.filled.tables)


def _measure(session, plan, say):
    """Costs of single runs by days of history. Both nodes are there, and their
    rows are changed in turns: what else the machine does strikes both."""
    costs = {FEW_DAYS: [], plan.history_days: []}
    with ExitStack() as begun, session.kafka.client() as client:
        contenders = {}
        for days in costs:
            contender = contenders[days] = _of_days(session, days, plan)
            begun.callback(_end, session, contender)
            contender.prepare()
            contender.start()
            contender.node.wait_for_line(LEADS, PATIENCE_S)
        # Of the first run much is for the first time.
        for number in range(plan.changes + 1):
            for days in in_turn(*costs, number):
                day = days_to_change(days, plan.changes + 1)[number]
                costs[days].append(_run_of(contenders[days], client, day,
                                           number))
    for days, measured in costs.items():
        del measured[0]
        say.line(f"{days:,} days: "
                 f"{median(each['seconds'] for each in measured):.3f} s a run, "
                 f"{median(each['read_rows'] for each in measured):,} rows "
                 "read")
    return costs


def summarise(few, many):
    """Costs of single runs, one of each in turn -> the medians, and the median
    of their ratios."""
    told = {}
    for field in ("seconds", "read_rows", "read_bytes"):
        told[field] = {
            "few": median(each[field] for each in few),
            "many": median(each[field] for each in many),
            "ratio": median(one[field] / other[field]
                            for one, other in zip(many, few))}
    return told


def run(session, results, plan, say):
    costs = {FEW_DAYS: [], plan.history_days: []}
    for _ in range(plan.rounds):
        for days, measured in _measure(session, plan, say).items():
            costs[days] += measured
    told = summarise(*costs.values())
    results.data["scenarios"][NAME] = {
        "rows": plan.history_rows, "days": plan.history_days,
        "few_days": FEW_DAYS, "time_ratio": told["seconds"]["ratio"],
        "read_rows_ratio": told["read_rows"]["ratio"], **told,
        "runs": {str(days): measured for days, measured in costs.items()}}
