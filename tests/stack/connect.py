"""Kafka Connect, standalone, with Debezium's connector for PostgreSQL."""

import json
import shutil
import urllib.error
import urllib.request

from . import java
from .artifacts import DEBEZIUM_POSTGRES, KAFKA, fetch
from .process import Process, free_port


class Connect:
    """A worker that captures `tables` of `postgres` into topics
    `prefix`.schema.table of `kafka`. The topics must exist already: the worker
    would create them with one partition. `settings` are more of the
    connector's."""

    def __init__(self, folder, kafka, postgres, prefix, tables, settings=None):
        self.folder = folder
        self.port = free_port()
        self._kafka = kafka
        self._postgres = postgres
        self._prefix = prefix
        self._tables = tables
        self._settings = settings or {}
        self._process = None

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        libraries = fetch(KAFKA)
        self._prepare_plugins()
        worker = java.properties(self.folder / "worker.properties", {
            "bootstrap.servers": self._kafka.address,
            "listeners": self.address,
            "key.converter": "org.apache.kafka.connect.json.JsonConverter",
            "key.converter.schemas.enable": "false",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable": "false",
            "plugin.path": self.folder / "plugins",
            "plugin.discovery": "service_load",
            "offset.storage.file.filename": self.folder / "offsets",
            "offset.flush.interval.ms": 1000,
        })
        connector = java.properties(
            self.folder / "connector.properties", self._connector())
        self._process = Process(
            "Kafka Connect",
            java.command(libraries, self.folder,
                         "org.apache.kafka.connect.cli.ConnectStandalone",
                         worker, connector),
            self.folder / "connect.log")
        self._process.wait_until("the connector streams changes",
                                 self._streams, 90)

    def stop(self):
        if self._process:
            self._process.stop()

    def state(self):
        """What the worker says of the connector: RUNNING, FAILED, …"""
        try:
            with urllib.request.urlopen(
                    f"{self.address}/connectors/{self._prefix}/status",
                    timeout=5) as answer:
                status = json.load(answer)
        except urllib.error.HTTPError:
            return "UNKNOWN"
        states = {task["state"] for task in status["tasks"]} or {"UNKNOWN"}
        return states.pop() if len(states) == 1 else "MIXED"

    def _streams(self):
        """Running, and past its snapshot: the slot has a reader."""
        return self.state() == "RUNNING" and self._postgres.query(
            "SELECT 1 FROM pg_replication_slots WHERE active AND "
            f"slot_name = '{self._prefix}'")

    def _prepare_plugins(self):
        plugin = self.folder / "plugins" / "debezium-postgres"
        if not plugin.is_dir():
            plugin.parent.mkdir(parents=True)
            shutil.copytree(fetch(DEBEZIUM_POSTGRES), plugin)

    def _connector(self):
        return {
            "name": self._prefix,
            "connector.class":
                "io.debezium.connector.postgresql.PostgresConnector",
            "tasks.max": 1,
            "database.hostname": "127.0.0.1",
            "database.port": self._postgres.port,
            "database.user": self._postgres.user,
            "database.dbname": self._postgres.database,
            "topic.prefix": self._prefix,
            "plugin.name": "pgoutput",
            "slot.name": self._prefix,
            "slot.drop.on.stop": "true",
            "publication.name": f"{self._prefix}_publication",
            "publication.autocreate.mode": "filtered",
            "table.include.list": ",".join(self._tables),
            "poll.interval.ms": 100,
            **self._settings,
        }
