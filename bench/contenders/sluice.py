"""Sluice, exactly-once as always: `sluice run` of a topology, as a user would
run it."""

import time
import urllib.request

from tests.stack.clickhouse import ClickHouse
from tests.stack.process import free_port
from tests.stack.sluice import EmbeddedClickHouse, Node, require

from ..costs import resident_bytes
from ..workloads import topology
from .contender import Contender


def metric_sum(text, name):
    """Sum over the lines of one metric in Prometheus' text form."""
    return sum(float(line.rsplit(None, 1)[1]) for line in text.splitlines()
               if line.startswith((name + " ", name + "{")))


class _Sluice(Contender):
    # Keys of the topology's tuning section; a scenario sets them.
    tuning: dict = {}
    # The text of its gold section; "": none.
    golds = ""

    def __init__(self, session, filled, tuning=None):
        super().__init__(session, filled)
        if tuning is not None:
            self.tuning = tuning
        self.node = None

    def _start_node(self, clickhouse):
        path = self.folder / "topology.yaml"
        path.write_text(
            topology(self.group, self.filled.tables,
                     self.session.kafka.address, clickhouse, self.tuning,
                     self.golds),
            encoding="utf-8")
        self.node = Node(self.folder / "node", path, {})
        self.node.start()

    def metrics(self):
        """What the node tells of itself, in Prometheus' text form."""
        url = f"http://127.0.0.1:{self.node.status_port}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()

    def probe(self):
        text = self.metrics()
        return {"memory_in_use_bytes":
                metric_sum(text, "sluice_memory_in_use_bytes"),
                "memory_budget_bytes":
                metric_sum(text, "sluice_memory_budget_bytes"),
                "resident_bytes": resident_bytes(self.node.pid)}

    def stop(self):
        if self.node:
            self.node.stop()


class Embedded(_Sluice):
    """ClickHouse in the same process."""
    name = "sluice"
    title = "Sluice, embedded ClickHouse"

    def start(self):
        port = free_port()
        self.clickhouse = ClickHouse(f"http://127.0.0.1:{port}", "bench")
        self._start_node({"url": "embedded", "embedded_port": port})

    def processes(self):
        return [self.node.pid]


class OverHttp(_Sluice):
    """ClickHouse is `sluice clickhouse`, another process."""
    name = "sluice-http"
    title = "Sluice over HTTP"

    def __init__(self, session, filled, tuning=None):
        super().__init__(session, filled, tuning)
        self.server = EmbeddedClickHouse(self.folder / "server")

    def prepare(self):
        self.server.start()
        self.clickhouse = self.server.client("bench")

    def start(self):
        self._start_node({"url": self.server.url})

    def processes(self):
        return [self.node.pid, self.server.pid]

    def stop(self):
        try:
            super().stop()
        finally:
            self.server.stop()


def apply(contender, server):
    """Makes the tables of a contender's topics as Sluice would: every contender
    writes into the same silver."""
    path = contender.folder / "silver.yaml"
    path.write_text(
        topology(contender.group, contender.filled.tables,
                 contender.session.kafka.address, {"url": server.url},
                 golds=getattr(contender, "golds", "")),
        encoding="utf-8")
    require("apply", path)


def wait_until_answers(clickhouse, seconds=60):
    """The embedded ClickHouse is served once the node is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if clickhouse.answers():
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)
