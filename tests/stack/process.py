"""A child process that cannot outlive this one, with its output in a file."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from random import SystemRandom

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class StackError(Exception):
    """Something of the stack did not work; the text is meant for people."""


class Process:
    """Starts `argv` at once. `death_signal` is what the kernel sends it when
    this process dies, however that happens; `stop_signal` asks it to end."""

    def __init__(self, name, argv, log, *, env=None, user=None, cwd=None,
                 stop_signal=signal.SIGTERM, death_signal=signal.SIGKILL):
        self.name = name
        self.log = Path(log)
        self._stop_signal = stop_signal
        parent = os.getpid()

        def die_with_parent():
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:
                os._exit(1)

        as_user = {}
        if user is not None:
            as_user = {"user": user, "group": user, "extra_groups": []}
        with open(self.log, "ab") as output:
            try:
                self._child = subprocess.Popen(
                    [str(word) for word in argv], stdin=subprocess.DEVNULL,
                    stdout=output, stderr=subprocess.STDOUT, cwd=cwd,
                    env={**os.environ, **(env or {})}, start_new_session=True,
                    preexec_fn=die_with_parent, **as_user)
            except OSError as error:
                raise StackError(f"cannot start {name}: {error}") from error

    @property
    def pid(self):
        return self._child.pid

    def exit_code(self):
        """None while it runs; negative: the signal that ended it."""
        return self._child.poll()

    def alive(self):
        return self.exit_code() is None

    def output(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait(self, seconds):
        """Waits for it to end by itself and returns its exit code."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise StackError(f"{self.name} (pid {self.pid}) still runs after "
                             f"{seconds} s{self._tail()}") from None

    def signal(self, number):
        if self.alive():
            self._child.send_signal(number)

    def kill(self):
        """Ends it as a power failure would, without a chance to clean up."""
        self.signal(signal.SIGKILL)
        self._child.wait()

    def stop(self, seconds=20):
        """Asks it to end, and kills it if it has not ended by then. Returns
        its exit code. Does nothing when it has already ended."""
        self.signal(self._stop_signal)
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._child.returncode

    def wait_until(self, what, probe, seconds):
        """Polls `probe` until it returns something true, and returns that.
        Fails when the process ends or the time is over."""
        def watched():
            if not self.alive():
                raise StackError(f"{self.name} ended with "
                                 f"{self.exit_code()} before {what}"
                                 f"{self._tail()}")
            return probe()
        try:
            return wait_until(what, watched, seconds)
        except TimeoutError as error:
            raise StackError(f"{self.name}: {error}{self._tail()}") from None

    def _tail(self):
        lines = self.output().splitlines()[-15:]
        return f"; the end of {self.log}:\n  " + "\n  ".join(lines)


def wait_until(what, probe, seconds, interval=0.05):
    """Polls `probe` until it returns something true, and returns that.
    Connection errors count as "not yet". TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    reason = ""
    while True:
        try:
            answer = probe()
            if answer:
                return answer
        except OSError as error:
            reason = f" ({error})"
        if time.monotonic() > deadline:
            raise TimeoutError(f"not after {seconds} s: {what}{reason}")
        time.sleep(interval)


def accepts(port):
    """Whether something listens on this port of the loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    """A port that nothing listens on, below the range that the kernel gives to
    outgoing connections, so that none of those takes it in the meantime."""
    random = SystemRandom()
    for _ in range(1000):
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise StackError("no free port between 12000 and 32000")
