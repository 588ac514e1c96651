"""team_script.py in a process of its own, and `sluice clickhouse` in another."""

from pathlib import Path

from tests.stack.process import Process
from tests.stack.python_packages import interpreter
from tests.stack.sluice import EmbeddedClickHouse

from .contender import Contender
from .sluice import apply

PACKAGES = ("confluent-kafka==2.16.*", "clickhouse-connect==1.12.*",
            "orjson==3.13.*")


def install():
    """The python that has the packages; installed at the first use."""
    return interpreter("bench", *PACKAGES)


class PythonScript(Contender):
    name = "python"
    title = "Python: confluent-kafka, orjson, clickhouse-connect"

    def __init__(self, session, filled):
        super().__init__(session, filled)
        self.server = EmbeddedClickHouse(self.folder / "server")
        [self.table] = filled.tables
        self._script = None

    def prepare(self):
        self._python = install()
        self.server.start()
        apply(self, self.server)
        self.clickhouse = self.server.client("bench")

    def start(self):
        width = "wide" if self.table.stream == "orders-wide" else "narrow"
        self._script = Process(
            "the Python script",
            [self._python, Path(__file__).with_name("team_script.py"),
             self.session.kafka.address, self.table.topic, self.group,
             self.server.port, self.table.name, width],
            self.folder / "script.log")

    def processes(self):
        return [self._script.pid, self.server.pid]

    def stop(self):
        try:
            if self._script:
                self._script.kill()
        finally:
            self.server.stop()
