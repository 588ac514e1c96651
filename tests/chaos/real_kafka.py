"""`sluice chaos` on Apache Kafka, whose broker is restarted when it asks."""

import json
import time

from tests.stack.process import Process
from tests.stack.sluice import COMMERCE, binary


class Chaos:
    """One run. Restarts are done here, in the thread that started the broker:
    the kernel ends a server with the thread that it was started by."""

    def __init__(self, stack, kafka, *arguments, topology=COMMERCE):
        self._kafka = kafka
        self._asked = stack.folder / "broker-restart-asked"
        self._done = stack.folder / "broker-restart-done"
        self._report = stack.folder / "chaos.json"
        self._data = stack.folder / "chaos"
        self._restarts = 0
        # The shell waits until the loop below has done it.
        restart = (f"rm -f {self._done}; touch {self._asked}; "
                   f"until [ -e {self._done} ]; do sleep 0.1; done")
        self.process = Process(
            "sluice chaos",
            [binary(), "chaos", topology, "--brokers", kafka.address,
             "--broker-restart", restart, "--session-timeout", "2s",
             "--data", self._data, "--json", self._report, *arguments],
            stack.folder / "chaos.log")

    def wait(self, seconds):
        """Until it ends; its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.alive():
            self.tend_broker()
            time.sleep(0.05)
            if time.monotonic() > deadline:
                self.process.stop()
                raise TimeoutError(f"chaos runs for more than {seconds} s:\n"
                                   f"{self.process.output()}")
        return self.process.exit_code()

    def tend_broker(self):
        """Restarts the broker if the run has asked for it: killed and stopped
        in turns."""
        if not self._asked.exists():
            return
        self._asked.unlink()
        self._restarts += 1
        if self._restarts % 2:
            self._kafka.kill()
        else:
            self._kafka.stop()
        self._kafka.start()
        self._done.touch()

    def report(self):
        return json.loads(self._report.read_text(encoding="utf-8"))

    def leftovers(self):
        """What it has left in its directory."""
        return sorted(path.name for path in self._data.iterdir())
