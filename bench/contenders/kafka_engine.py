"""ClickHouse's own way: a table of the Kafka engine and a materialized view
into the same silver table, in the same libchdb."""

from tests.stack.sluice import EmbeddedClickHouse

from .contender import Contender
from .sluice import apply

# The columns of the silver table that are read, with the type that JSON gives
# them and the expression that makes the column.
_COLUMNS = (
    ("order_id", "Int64", "{}"),
    ("user_id", "Int32", "{}"),
    ("status", "String", "{}"),
    ("sku", "String", "{}"),
    ("quantity", "Int32", "{}"),
    ("total", "Decimal(12, 2)", "{}"),
    ("created_at", "Int64", "fromUnixTimestamp64Micro({}, 'UTC')"),
    ("updated_at", "Int64", "fromUnixTimestamp64Micro({}, 'UTC')"),
)
_WIDE_COLUMNS = (("shipping_address", "String", "{}"),
                 ("note", "String", "{}"))

# What Sluice adds to every row. The engine's virtual columns are of other
# types and have the names of ours, hence the alias.
_OWN = """\
  toInt32(queue._partition) AS _partition,
  toInt64(queue._offset) AS _offset,
  toUInt16(0) AS _epoch,
  toUInt64(queue._offset) AS _version,
"""


def tuple_sql(columns):
    """Structure, format and view for a typed Tuple column."""
    types = ", ".join(f"{name} {of}" for name, of, _ in columns)
    selected = "".join(
        "  " + make.format(f"tupleElement(if(op = 'd', before, after), "
                           f"'{name}')") + f" AS {name},\n"
        for name, _, make in columns)
    return (f"op String, before Tuple({types}), after Tuple({types})",
            "JSONEachRow",
            f"{selected}{_OWN}  toUInt8(op = 'd') AS _deleted")


def extract_sql(columns):
    """The same for the message as a text, each column extracted by itself."""
    selected = "".join(
        "  " + make.format(f"JSONExtract(message, if(JSONExtractString("
                           f"message, 'op') = 'd', 'before', 'after'), "
                           f"'{name}', '{of}')") + f" AS {name},\n"
        for name, of, make in columns)
    return ("message String", "RawBLOB",
            f"{selected}{_OWN}"
            "  toUInt8(JSONExtractString(message, 'op') = 'd') AS _deleted")


class _KafkaEngine(Contender):
    consumers = 2
    block_rows = 1_048_576
    # A block that does not fill up waits so long: the last one always.
    flush_ms = 1000

    def __init__(self, session, filled):
        super().__init__(session, filled)
        self.server = EmbeddedClickHouse(self.folder / "server")
        [self.table] = filled.tables

    @staticmethod
    def parts(columns):
        raise NotImplementedError

    def prepare(self):
        self.server.start()
        apply(self, self.server)
        self.clickhouse = self.server.client("bench")
        columns = _COLUMNS
        if self.table.stream == "orders-wide":
            columns += _WIDE_COLUMNS
        structure, form, self._view = self.parts(columns)
        self.clickhouse.execute(f"""
            CREATE TABLE queue ({structure}) ENGINE = Kafka
            SETTINGS kafka_broker_list = '{self.session.kafka.address}',
              kafka_topic_list = '{self.table.topic}',
              kafka_group_name = '{self.group}',
              kafka_format = '{form}',
              kafka_num_consumers = {self.consumers},
              kafka_thread_per_consumer = 1,
              kafka_max_block_size = {self.block_rows},
              kafka_poll_max_batch_size = 65536,
              kafka_flush_interval_ms = {self.flush_ms}""")

    def start(self):
        """The view is what makes the engine consume."""
        self.clickhouse.execute(
            f"CREATE MATERIALIZED VIEW carrier TO {self.table.name} AS SELECT\n"
            f"{self._view}\nFROM queue")

    def has_begun(self, broker):
        """Several consumers join one after the other: the group is stable for
        a moment, then long after they have begun."""
        return bool(self.clickhouse.value(
            "SELECT sum(num_messages_read) FROM system.kafka_consumers"))

    def processes(self):
        return [self.server.pid]

    def stop(self):
        self.server.stop()


class TypedTuple(_KafkaEngine):
    """JSONEachRow with a Tuple of the row's columns."""
    name = "kafka-engine-tuple"
    title = "Kafka engine, JSONEachRow with typed Tuples"
    parts = staticmethod(tuple_sql)


class JsonExtract(_KafkaEngine):
    """The message as a String, JSONExtract for each column."""
    name = "kafka-engine-extract"
    title = "Kafka engine, JSONExtract on a String"
    parts = staticmethod(extract_sql)


def variants():
    """Settings that may suit the engine better; the best counts."""
    found = []
    for base in (TypedTuple, JsonExtract):
        for consumers, rows, flush_ms in ((2, 1_048_576, 7500),
                                          (4, 1_048_576, 1000),
                                          (1, 524_288, 1000)):
            words = f"{consumers} consumers, blocks of {rows}, {flush_ms} ms"
            found.append(type(base.__name__, (base,), {
                "title": f"{base.title} ({words})", "consumers": consumers,
                "block_rows": rows, "flush_ms": flush_ms,
                "name": f"{base.name}-{consumers}-{rows}-{flush_ms}"}))
    return found
