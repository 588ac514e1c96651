"""What a message costs when silver already has many rows."""

from statistics import median

from ..contenders import sluice
from ..measurement import measure, wait_for_merges
from ..workloads import FIRST_ORDER, orders

NAME = "history"
# Rows of other keys and of no partition of the topic, so that the node does
# not take them for its own.
HISTORY = """
INSERT INTO orders SELECT
  {first} - 1 - number AS order_id, number % 5000000 AS user_id,
  ['created', 'paid', 'packed', 'shipped', 'delivered'][number % 5 + 1],
  concat('SKU-', toString(number % 80000)), number % 9 + 1,
  toDecimal64(number % 100000, 2) AS total,
  toDateTime64('2025-01-01 00:00:00', 6, 'UTC') + INTERVAL number SECOND,
  toDateTime64('2025-01-01 00:00:00', 6, 'UTC') + INTERVAL number SECOND,
  -1 AS _partition, number AS _offset, 0 AS _epoch, number AS _version,
  0 AS _deleted
FROM numbers({start}, {count})
SETTINGS max_insert_threads = 2, min_insert_block_size_rows = 1000000"""
STEP = 5_000_000


class _WithHistory(sluice.OverHttp):
    history_rows = 0

    def prepare(self):
        super().prepare()
        sluice.apply(self, self.server)
        for start in range(0, self.history_rows, STEP):
            self.clickhouse.execute(HISTORY.format(
                first=FIRST_ORDER, start=start,
                count=min(STEP, self.history_rows - start)))
        wait_for_merges(self.clickhouse)


def run(session, results, plan, say):
    filled = session.fill((orders(topic="history.orders"),), plan.messages)
    costs = {0: [], plan.history_rows: []}
    for _ in range(plan.rounds):
        for rows, measured in costs.items():
            contender = _WithHistory(session, filled)
            contender.history_rows = rows
            figures = measure(contender)
            measured.append(figures.cpu_seconds / figures.messages)
            say.line(f"{rows:,} rows before: {measured[-1] * 1e6:.2f} us CPU "
                     f"a message, {figures.per_second:,.0f}/s")
    without, with_history = map(median, costs.values())
    results.data["scenarios"][NAME] = {
        "history_rows": plan.history_rows,
        "cost_ratio": with_history / without,
        "cpu_seconds_per_message": without,
        "cpu_seconds_per_message_history": with_history,
        "runs": {str(rows): measured for rows, measured in costs.items()}}
    session.drop_topics(filled.tables)
