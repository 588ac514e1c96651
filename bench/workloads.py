"""The topics that are measured on, and the silver tables they lead to."""

from dataclasses import dataclass

ORDERS_TOPIC = "postgres.public.orders"
# Of every stream of orders.
FIRST_ORDER = 100_000_000


@dataclass(frozen=True)
class Table:
    """A silver table fed by one topic."""
    name: str
    topic: str
    # What bench/change_stream.hpp calls the stream.
    stream: str
    # The table's part of the topology file.
    topology: str
    # SQL of the text whose CRC32 is summed: the same as in the stream's
    # totals().
    row_text: str
    seed: int = 1
    # Rows replace one another: read with FINAL.
    latest: bool = True
    # The stream's rows, where a table has others too.
    where: str = "1"

    def fill_argument(self):
        return f"{self.topic}={self.stream}:{self.seed}"

    def totals_sql(self):
        final = " FINAL" if self.latest else ""
        return (f"SELECT count(), toString(sum(CRC32({self.row_text}))) "
                f"FROM {self.name}{final} WHERE {self.where}")


def _joined(*columns):
    return f"concatWithSeparator('|', {', '.join(columns)})"


_ORDER_COLUMNS = """\
      order_id:   Int64
      user_id:    Int32
      status:     String
      sku:        String
      quantity:   Int32
      total:      Decimal(12, 2)
      created_at: {type: "DateTime64(6, 'UTC')", unit: us}
      updated_at: {type: "DateTime64(6, 'UTC')", unit: us}
"""
_ORDER_TEXT = (
    "toString(order_id)", "toString(user_id)", "status", "sku",
    "toString(quantity)", "toString(toInt64(total * 100))",
    "toString(toUnixTimestamp64Micro(created_at))",
    "toString(toUnixTimestamp64Micro(updated_at))")


def orders(name="orders", topic=ORDERS_TOPIC, wide=False, seed=1, more=""):
    """`more`: further columns of the topology, one a line."""
    columns = _ORDER_COLUMNS
    text = _ORDER_TEXT
    if wide:
        columns += ("      shipping_address: String\n"
                    "      note: String\n")
        text += ("shipping_address", "note")
    return Table(
        name, topic, "orders-wide" if wide else "orders",
        f"    topic: {topic}\n    mode: latest\n    key: [order_id]\n"
        f"    columns:\n{columns}{more}", _joined(*text), seed,
        where=f"order_id >= {FIRST_ORDER}")


def commerce():
    """users and events, as in config/commerce.yaml."""
    users = Table(
        "users", "postgres.public.users", "users", """\
    topic: postgres.public.users
    mode: latest
    key: [user_id]
    columns:
      user_id:    Int32
      full_name:  String
      email:      String
      updated_at: {type: "DateTime64(6, 'UTC')", unit: us}
""", _joined("toString(user_id)", "full_name", "email",
             "toString(toUnixTimestamp64Micro(updated_at))"))
    events = Table(
        "events", "mongo.commerce.events", "events", """\
    topic: mongo.commerce.events
    format: debezium-mongodb
    mode: append
    order_by: [user_id, timestamp]
    columns:
      event_id:   {type: String, from: _id.$oid}
      user_id:    Int32
      event_type: String
      timestamp:  {type: "DateTime64(3, 'UTC')", from: ts}
      metadata:   {type: String, from: metadata, raw: true}
""", _joined("event_id", "toString(user_id)", "event_type",
             "toString(toUnixTimestamp64Milli(timestamp))", "metadata"),
        latest=False)
    return users, events


def order_totals(every, when, table="orders"):
    """A gold table over the orders: one row a window. `when`: further keys of
    the gold, one a line, which say when its windows are run."""
    indented = "".join(f"    {line}\n" for line in when.splitlines())
    return f"""\
  order_totals:
    window: {{every: {every}, over: {table}.created_at}}
{indented}    key: [start]
    columns:
      start:  DateTime
      orders: UInt64
      total:  Decimal(18, 2)
      newest: DateTime64(6, 'UTC')
    sql: |
      SELECT toDateTime({{window_start}}) AS start, count() AS orders,
        sum(total) AS total, max(created_at) AS newest
      FROM {table}
      WHERE created_at >= {{window_start}} AND created_at < {{window_end}}
      HAVING orders > 0
"""


def topology(pipeline, tables, brokers, clickhouse, tuning=None, golds=""):
    """A topology file; `clickhouse` and `tuning` are keys and values of these
    sections, `golds` is the text of the section gold."""
    lines = [f"pipeline: {pipeline}", "kafka:", f"  brokers: {brokers}",
             "clickhouse:", "  database: bench",
             *(f"  {key}: {value}" for key, value in clickhouse.items())]
    if tuning:
        lines += ["tuning:",
                  *(f"  {key}: {value}" for key, value in tuning.items())]
    lines.append("tables:")
    for table in tables:
        lines += [f"  {table.name}:", table.topology.rstrip("\n")]
    if golds:
        lines += ["gold:", golds.rstrip("\n")]
    return "\n".join(lines) + "\n"
