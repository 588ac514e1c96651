"""One append table under load: every record is a row, whose place in Kafka
tells it from its repetitions."""

import json
import threading
import urllib.request

PARTITIONS = 4
TOPIC = "load"
TABLES = """
tables:
  load:
    topic: load
    mode: append
    columns:
      id: Int64
      filler: String
"""


def line(number, filler_bytes=480):
    """A record of `sluice kafka play`: a Debezium insert."""
    filler = (f"{number:08d}" * (filler_bytes // 8 + 1))[:filler_bytes]
    value = {"before": None, "after": {"id": number, "filler": filler},
             "source": {"connector": "postgresql", "ts_ms": 1, "lsn": number},
             "op": "c", "ts_ms": 1}
    return json.dumps({"topic": TOPIC, "partition": number % PARTITIONS,
                       "key": json.dumps({"id": number}),
                       "value": json.dumps(value)})


def metric(node, name):
    """The sum of a metric of this name over its labels."""
    url = f"http://127.0.0.1:{node.status_port}/metrics"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return sum(float(each.split()[-1])
                   for each in answer.read().decode().splitlines()
                   if each.startswith(name))


def rows_and_places(client):
    """Rows of the table, and how many different ones they are."""
    return client.rows("SELECT count(), uniqExact(_epoch, _partition, _offset) "
                       "FROM load")[0]


class Player:
    """Plays the same records again and again, in the background."""

    def __init__(self, node, broker, folder, records):
        self._records = records
        self._plays = 0
        self._failure = None
        self._over = threading.Event()
        path = folder / "load.jsonl"
        path.write_text("\n".join(map(line, range(records))) + "\n",
                        encoding="utf-8")

        def work():
            try:
                while not self._over.is_set():
                    node.run("kafka", "play", path, "--brokers",
                             broker.address, seconds=300)
                    self._plays += 1
            except Exception as failure:
                self._failure = failure
        self._thread = threading.Thread(target=work)
        self._thread.start()

    def finish(self):
        """Ends after the play that is under way; returns how many records
        there are on the topic now."""
        self._over.set()
        self._thread.join()
        if self._failure:
            raise self._failure
        return self._plays * self._records
