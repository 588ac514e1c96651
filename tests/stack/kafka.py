"""Apache Kafka: one KRaft node that is broker and controller."""

import base64
import uuid

from . import java
from .artifacts import KAFKA, fetch
from .kafka_client import KafkaClient
from .process import Process, free_port


class Kafka:
    """A broker with its data in `folder`; start() may follow stop() or kill()
    and finds the same data on the same port. `long_lived`: see java.py."""

    def __init__(self, folder, port=None, long_lived=False):
        self.folder = folder
        self._long_lived = long_lived
        self.port = port or free_port()
        self._controller_port = free_port()
        self._process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self._process.pid

    def client(self):
        """A new connection; close it or use it in a `with`."""
        return KafkaClient("127.0.0.1", self.port)

    def start(self):
        libraries = fetch(KAFKA)
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True)
            self._format(libraries)
        self._process = Process(
            "Kafka",
            java.command(libraries, self.folder, "kafka.Kafka",
                         self.folder / "server.properties",
                         long_lived=self._long_lived),
            self.folder / "kafka.log")
        self._process.wait_until("it answers requests", self._answers, 90)

    def stop(self):
        if self._process:
            self._process.stop()

    def kill(self):
        self._process.kill()

    def _answers(self):
        with self.client() as client:
            return client.brokers()

    def _format(self, libraries):
        """Makes the empty log directory. The settings are those of one small
        node. Nothing is deleted, however old its timestamp: tests play records
        of other days. `compression.type` makes the broker store what it gets without
        compression, so that kafka_client.py can read it."""
        topics = {f"{name}.{setting}": value
                  for name in ("offsets.topic", "transaction.state.log",
                               "share.coordinator.state.topic")
                  for setting, value in (("replication.factor", 1),
                                         ("num.partitions", 4))}
        configuration = java.properties(self.folder / "server.properties", {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.bootstrap.servers":
                f"127.0.0.1:{self._controller_port}",
            "listeners": f"PLAINTEXT://{self.address},"
                         f"CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map":
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": self.folder / "data",
            "log.retention.ms": -1,
            # Clients that cannot say "do not create" (librdkafka, when a slow
            # broker has not told its versions) would decide partition counts.
            "auto.create.topics.enable": "false",
            "compression.type": "uncompressed",
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.min.isr": 1,
            **topics,
        })
        # The tool would take one that begins with - for an option.
        cluster = "S" + base64.urlsafe_b64encode(
            uuid.uuid4().bytes).decode()[1:22]
        java.run("Kafka's storage tool",
                 java.command(libraries, self.folder,
                              "kafka.tools.StorageTool", "format",
                              "--standalone", "-t", cluster, "-c",
                              configuration, heap_mb=128),
                 self.folder / "format.log")
