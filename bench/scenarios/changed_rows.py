"""Single changes of orders, as Debezium tells them."""

import json

from tests.stack.kafka_records import Record


def record(operation, order_id, created_us, total="10.00", status="paid"):
    """One row of the stream orders (bench/workloads.py), which was created
    ("c") or updated ("u")."""
    row = {"order_id": order_id, "user_id": 1, "status": status,
           "sku": "SKU-1", "quantity": 1, "total": total,
           "created_at": created_us, "updated_at": created_us}
    source = {"version": "3.7.0.Final", "connector": "postgresql",
              "name": "postgres", "db": "bench", "schema": "public",
              "table": "orders"}
    return Record(
        json.dumps({"before": None, "after": row, "source": source,
                    "op": operation, "ts_ms": created_us // 1000}).encode(),
        json.dumps({"order_id": order_id}).encode())
