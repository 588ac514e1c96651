"""Nothing that a test starts outlives it."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tests.stack.process import (Process, StackError, accepts, free_port,
                                 wait_until)
from tests.suite import ROOT

PARENT = """
import sys, time
from pathlib import Path
from tests.stack.process import Process
child = Process("child", ["sleep", "60"], Path(sys.argv[1]) / "log")
print(child.pid, flush=True)
time.sleep(60)
"""


def is_running(pid):
    """Whether a process exists and is no zombie that waits for its parent."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


class ProcessTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, *argv):
        process = Process("child", argv, self.folder / "log")
        self.addCleanup(process.stop)
        return process

    def test_a_child_ends_when_its_parent_is_killed(self):
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, self.folder], cwd=ROOT,
            stdout=subprocess.PIPE, text=True)
        pid = int(parent.stdout.readline())
        self.assertTrue(is_running(pid))
        parent.kill()
        parent.wait()
        parent.stdout.close()
        wait_until("the child has ended", lambda: not is_running(pid), 10)

    def test_stop_asks_first_and_kills_then(self):
        polite = self.start("sleep", "60")
        self.assertEqual(polite.stop(), -signal.SIGTERM)
        deaf = self.start(sys.executable, "-c",
                          "import signal, time; signal.signal(15, 1);"
                          "print('deaf', flush=True); time.sleep(60)")
        deaf.wait_until("it is deaf", lambda: "deaf" in deaf.output(), 10)
        self.assertEqual(deaf.stop(0.2), -signal.SIGKILL)

    def test_stop_may_be_repeated(self):
        process = self.start("true")
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(process.stop(), 0)
        self.assertEqual(process.stop(), 0)

    def test_waiting_for_what_died_tells_its_last_words(self):
        process = self.start("sh", "-c", "echo no such luck; exit 3")
        with self.assertRaisesRegex(StackError, "(?s)with 3.*no such luck"):
            process.wait_until("it works", lambda: False, 10)

    def test_a_program_that_is_not_there_is_named(self):
        with self.assertRaisesRegex(StackError, "cannot start child.*nosuch"):
            self.start("nosuch-program")

    def test_a_free_port_is_free(self):
        self.assertFalse(accepts(free_port()))

    def test_a_child_leads_a_session_of_its_own(self):
        process = self.start("sleep", "60")
        self.assertEqual(os.getsid(process.pid), process.pid)


if __name__ == "__main__":
    unittest.main()
