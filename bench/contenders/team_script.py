"""What a team would script: confluent-kafka, orjson and clickhouse-connect. Run
as a program of its own, in an environment that has these packages."""

import sys

import clickhouse_connect
import orjson
from confluent_kafka import Consumer

BATCH = 100_000
COLUMNS = ("order_id", "user_id", "status", "sku", "quantity", "total",
           "created_at", "updated_at")
# What stands in a row that only hides a deleted key.
EMPTY = {"status": "", "sku": "", "shipping_address": "", "note": ""}


def to_columns(messages, names):
    """Column by column, which clickhouse-connect sends faster than rows; it
    takes microseconds and decimal texts as they are."""
    rows, deleted = [], []
    for message in messages:
        event = orjson.loads(message.value())
        is_delete = event["op"] == "d"
        rows.append(event["before"] if is_delete else event["after"])
        deleted.append(int(is_delete))
    columns = []
    for name in names:
        empty = EMPTY.get(name, 0)
        columns.append([empty if row[name] is None else row[name]
                        for row in rows])
    offsets = [message.offset() for message in messages]
    columns += [[message.partition() for message in messages], offsets,
                [0] * len(rows), offsets, deleted]
    return columns


def main():
    brokers, topic, group, port, table, wide = sys.argv[1:]
    names = COLUMNS
    if wide == "wide":
        names += ("shipping_address", "note")
    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=int(port), database="bench")
    consumer = Consumer({
        "bootstrap.servers": brokers, "group.id": group,
        "auto.offset.reset": "earliest", "enable.auto.commit": False,
        "fetch.message.max.bytes": 1 << 20,
        "queued.min.messages": 1_000_000})
    consumer.subscribe([topic])
    inserted = (*names, "_partition", "_offset", "_epoch", "_version",
                "_deleted")
    while True:
        messages = consumer.consume(BATCH, timeout=0.5)
        if not messages:
            continue
        for message in messages:
            if message.error():
                raise SystemExit(str(message.error()))
        client.insert(table, to_columns(messages, names),
                      column_names=inserted, column_oriented=True)
        consumer.commit(asynchronous=False)


if __name__ == "__main__":
    main()
