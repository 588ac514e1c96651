"""The sales system on real parts: one node with its own ClickHouse reads what
Debezium makes of PostgreSQL's orders and items."""

import json
import threading
import time

from tests.live.commerce import PATIENCE_S, differences, say, settled
from tests.live.sales_workload import SalesChanges
from tests.stack.clickhouse import ClickHouse
from tests.stack.process import free_port, wait_until
from tests.stack.sluice import ROOT, Node
from tests.stack.stack import Stack

TOPOLOGY = ROOT / "config" / "sales.yaml"
# Runs come soon, so that many of them meet a kill.
FASTER = {"debounce: 2s": "debounce: 300ms",
          "max_staleness: 30s": "max_staleness: 2s"}
ORDERS_TOPIC = "postgres.public.orders"
ITEMS_TOPIC = "postgres.public.order_items"
PARTITIONS = 3
SENTINELS_FROM = 1_000_000
GOLD = "daily_sales_stats"

# Only the keys of replaced and deleted rows are in the log (REPLICA IDENTITY
# DEFAULT): what they were is for silver to say.
SCHEMA = """
CREATE TABLE orders(order_id bigint PRIMARY KEY, status text NOT NULL,
                    created_at timestamp NOT NULL);
CREATE TABLE order_items(order_item_id bigint PRIMARY KEY,
                         order_id bigint NOT NULL, quantity int NOT NULL,
                         price numeric(12,2) NOT NULL,
                         cost_price numeric(12,2) NOT NULL);
"""

# Texts and whole numbers, which both databases have exactly.
ORDERS_IN_POSTGRES = """
SELECT json_build_array(order_id, status,
                        (extract(epoch FROM created_at) * 1000000)::bigint)
FROM orders"""
ORDERS_IN_SILVER = """
SELECT order_id, status, toUnixTimestamp64Micro(created_at)
FROM orders FINAL"""
ITEMS_IN_POSTGRES = """
SELECT json_build_array(order_item_id, order_id, quantity,
                        (price * 100)::bigint, (cost_price * 100)::bigint)
FROM order_items"""
ITEMS_IN_SILVER = """
SELECT order_item_id, order_id, quantity, toInt64(price * 100),
       toInt64(cost_price * 100)
FROM order_items FINAL"""
# round() of a numeric rounds half away from zero.
GOLD_IN_POSTGRES = """
SELECT json_build_array(
  created_at::date::text, count(*), sum(items), (sum(revenue) * 100)::bigint,
  (sum(cost) * 100)::bigint, ((sum(revenue) - sum(cost)) * 100)::bigint,
  (round(sum(revenue) / count(*), 2) * 100)::bigint)
FROM orders CROSS JOIN LATERAL (
  SELECT coalesce(sum(quantity), 0) AS items,
         coalesce(sum(price * quantity), 0) AS revenue,
         coalesce(sum(cost_price * quantity), 0) AS cost
  FROM order_items WHERE order_items.order_id = orders.order_id) AS lines
WHERE status = 'completed'
GROUP BY created_at::date"""
GOLD_ROWS = f"""
SELECT toString(date), total_orders, total_items_sold,
       toInt64(total_revenue * 100), toInt64(total_cost * 100),
       toInt64(total_profit * 100), toInt64(average_order_value * 100)
FROM {GOLD}"""


class Sales:
    """Servers, one node, and what was done to them."""

    def __init__(self, seed):
        self.stack = Stack("sales")
        self.changes = SalesChanges(seed)
        self.kills = 0
        self._sentinels = 0
        try:
            self._start()
        except BaseException:
            self.stack.failed()
            self.stack.close()
            raise

    def _start(self):
        self.kafka = self.stack.kafka((ORDERS_TOPIC, ITEMS_TOPIC), PARTITIONS)
        self.postgres = self.stack.postgres(SCHEMA)
        # The first rows come as a snapshot ("r").
        self.change(200)
        self.stack.connect(self.kafka, self.postgres, "postgres",
                           ["public.orders", "public.order_items"],
                           {"decimal.handling.mode": "string"})
        port = free_port()
        self.clickhouse = ClickHouse(f"http://127.0.0.1:{port}", "sales")
        self.node = self.stack.start(Node(
            self.stack.folder / "node", self._topology(),
            {"KAFKA_BROKERS": self.kafka.address,
             "SLUICE_CLICKHOUSE_PORT": port}))
        self.node.wait_for_line("runs; status page", 60)

    def _topology(self):
        text = TOPOLOGY.read_text(encoding="utf-8")
        for slow, fast in FASTER.items():
            assert text.count(slow) == 1, f"{TOPOLOGY} has no '{slow}'"
            text = text.replace(slow, fast)
        path = self.stack.folder / "sales.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def change(self, transactions):
        self.postgres.execute(self.changes.script(transactions))

    def in_the_background(self, transactions, pause_s):
        """A thread that goes on changing until stop() is called."""
        failure = []
        ended = threading.Event()

        def work():
            try:
                while not ended.wait(pause_s):
                    self.change(transactions)
            except BaseException as error:  # told by stop()
                failure.append(error)
        thread = threading.Thread(target=work)
        thread.start()

        def stop():
            ended.set()
            thread.join()
            if failure:
                raise failure[0]
        return stop

    def kill_node(self):
        self.node.kill()
        self.kills += 1
        self.node.start()

    def wait_for_a_run(self, since):
        """Until a run has ended that began after `since` runs of the ledger."""
        self.node.process.wait_until(
            "a gold run is done", lambda: self.runs() > since, PATIENCE_S)

    def runs(self):
        return self.clickhouse.value("SELECT countIf(state = 'done') "
                                     "FROM _sluice_gold_runs FINAL")

    def wait_for_silver(self):
        """Until silver has all that was changed. The last rows that PostgreSQL
        sends are sentinels; those of other partitions may be sent after them,
        hence the patience."""
        self._sentinels += 1
        key = SENTINELS_FROM + self._sentinels
        self.postgres.execute(
            f"BEGIN; INSERT INTO order_items VALUES ({key}, {key}, 0, 0, 0); "
            f"INSERT INTO orders VALUES ({key}, 'sentinel', '2026-02-18'); "
            "COMMIT;")
        self.node.process.wait_until(
            "the last change is in silver", lambda: self.clickhouse.value(
                "SELECT (SELECT count() FROM orders FINAL "
                f"WHERE order_id = {key}) + (SELECT count() FROM order_items "
                f"FINAL WHERE order_item_id = {key})") == 2, PATIENCE_S)
        return settled(self._silver_differs)

    def _silver_differs(self):
        return differences(
            self._in_postgres(ORDERS_IN_POSTGRES),
            self.clickhouse.rows(ORDERS_IN_SILVER)) or differences(
                self._in_postgres(ITEMS_IN_POSTGRES),
                self.clickhouse.rows(ITEMS_IN_SILVER))

    def wait_until_gold_rests(self, quiet_s=2):
        """Until everything is committed, hence marked, and the leader has seen
        no window as dirty for a while in which it reads what was marked."""
        self.node.wait_caught_up(PATIENCE_S)
        before = time.monotonic()
        rests_since = None

        def rests():
            nonlocal rests_since
            if not self._is_clean():
                rests_since = None
                return False
            rests_since = rests_since or time.monotonic()
            return time.monotonic() - rests_since > quiet_s
        self.node.process.wait_until("no window of gold is dirty", rests,
                                     PATIENCE_S)
        say(f"gold rests {time.monotonic() - before:.1f} s after all was "
            "committed")

    def _is_clean(self):
        for gold in self.node.status()["golds"]:
            if gold["name"] == GOLD:
                return gold["dirty"] == 0 and all(
                    window["state"] == "done" for window in gold["windows"])
        return False  # nobody leads yet

    def gold_in_postgres(self):
        return self._in_postgres(GOLD_IN_POSTGRES)

    def _in_postgres(self, sql):
        return [tuple(json.loads(line)) for line in self.postgres.query(sql)]

    def gold_differs(self):
        """Empty, or the days that differ, with both rows and their runs."""
        expected = self.gold_in_postgres()
        actual = self.clickhouse.rows(GOLD_ROWS)
        if not differences(expected, actual):
            return ""
        days = sorted({row[0] for row in set(expected) ^ set(actual)}
                      or {row[0] for row in actual})
        lines = []
        for day in days:
            lines += [
                f"{day}:",
                f"  PostgreSQL {[row for row in expected if row[0] == day]}",
                f"  gold       {[row for row in actual if row[0] == day]}",
                *(f"  {run}" for run in self.clickhouse.execute(
                    "SELECT run_id, attempt, trigger, state, rows, "
                    "started_at, duration_ms, data_as_of, error "
                    "FROM _sluice_gold_runs FINAL "
                    f"WHERE window_start = '{day} 00:00:00' "
                    "ORDER BY run_id").splitlines())]
        return "\n".join(lines)

    def doubled_records(self):
        """Rows in silver beyond one per record and table, merged or not."""
        return sum(self.clickhouse.value(
            f"SELECT count() - uniqExact(_epoch, _partition, _offset) "
            f"FROM {table}") for table in ("orders", "order_items"))

    def dead_letters(self):
        with self.kafka.client() as client:
            return list(client.read_all("sales.dlq"))

    def say_what_was_done(self):
        runs = self.clickhouse.execute(
            "SELECT trigger, state, count() FROM _sluice_gold_runs FINAL "
            "GROUP BY ALL ORDER BY ALL")
        done = ", ".join(f"{state} by {trigger} {count}" for
                         trigger, state, count in
                         (line.split("\t") for line in runs.splitlines()))
        say(f"{self.changes.transactions} transactions, {self.kills} kills; "
            f"runs: {done}")


def wait_for_answers(sales):
    """Until the ClickHouse of a node that has just started answers."""
    wait_until("ClickHouse answers", sales.clickhouse.answers, 60)
