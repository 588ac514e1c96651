"""Sluice's own programs as processes of a test."""

import json
import os
import re
import subprocess
from pathlib import Path

from .clickhouse import ClickHouse
from .process import Process, StackError, free_port

ROOT = Path(__file__).resolve().parents[2]
COMMERCE = ROOT / "config" / "commerce.yaml"


def binary():
    """The program under test: $SLUICE, or the release build."""
    path = Path(os.environ.get("SLUICE") or ROOT / "build/release/sluice")
    if not os.access(path, os.X_OK):
        raise StackError(f"no program at {path}: run scripts/build release")
    return path


def run(*arguments, env=None, seconds=120):
    """Runs `sluice ARGUMENTS` to its end; check its returncode yourself."""
    try:
        return subprocess.run(
            [str(binary()), *map(str, arguments)], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", check=False,
            env={**os.environ, **(env or {})}, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise StackError(f"sluice {' '.join(map(str, arguments))} still runs "
                         f"after {seconds} s: {error.output}") from None


def require(*arguments, env=None, seconds=120):
    """As run(), for what must succeed; returns what it printed."""
    done = run(*arguments, env=env, seconds=seconds)
    if done.returncode != 0:
        raise StackError(f"sluice {' '.join(map(str, arguments))} ended with "
                         f"{done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


class EmbeddedClickHouse:
    """`sluice clickhouse` in its own process: it can be stalled and killed,
    and starts again on the same port and data."""

    def __init__(self, folder, port=None):
        self.folder = folder
        self.port = port or free_port()
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def client(self, database="default"):
        return ClickHouse(self.url, database)

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = Process(
            "sluice clickhouse",
            [binary(), "clickhouse", "--port", self.port, "--data",
             self.folder / "data"],
            self.folder / "clickhouse.log")
        self.process.wait_until("it answers queries", self.client().answers,
                                60)

    def stop(self):
        if self.process:
            self.process.stop()

    def kill(self):
        self.process.kill()


class Node:
    """`sluice run` of one topology against given servers. It has an instance
    id, without which the group waits for a killed node's session to end."""

    def __init__(self, folder, topology, env):
        self.folder = folder
        self.topology = topology
        # The registry of running nodes is this test's alone.
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700, parents=True)
        self.env = {"XDG_RUNTIME_DIR": str(runtime),
                    **{key: str(value) for key, value in env.items()}}
        self.status_port = free_port()
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        """Returns at once; what it prints is appended to one log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = Process(
            "sluice run",
            [binary(), "run", self.topology, "--data", self.folder / "data",
             "--status-port", self.status_port, "--instance-id",
             self.folder.name],
            self.folder / "node.log", env=self.env)

    def stop(self):
        return self.process.stop() if self.process else None

    def kill(self):
        self.process.kill()

    def lines(self, pattern):
        """Lines of its log that a case-insensitive pattern matches."""
        return [line for line in self.process.output().splitlines()
                if re.search(pattern, line, re.IGNORECASE)]

    def wait_for_line(self, pattern, seconds):
        return self.process.wait_until(
            f"it prints a line like /{pattern}/",
            lambda: self.lines(pattern), seconds)[0]

    def run(self, *arguments, seconds=120):
        """Another `sluice` command with the environment of this node."""
        return require(*arguments, env=self.env, seconds=seconds)

    def status(self):
        """This node's report, as `sluice status --json` tells it."""
        nodes = json.loads(self.run("status", "--json"))["nodes"]
        for report in nodes:
            if report["node"]["pid"] == self.pid:
                return report
        raise StackError(f"status tells nothing of process {self.pid}")

    def wait_caught_up(self, seconds):
        self.run("status", "--wait-caught-up", f"{seconds}s",
                 seconds=seconds + 30)
