"""bench/run with a few thousand messages: every contender reads the topic and
ends with the right table."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from bench.__main__ import CONTENDERS
from bench.results import ENGINES
from tests.suite import ROOT

MESSAGES = 5000
WINDOWS = 30


def bench(*words):
    return subprocess.run(
        [sys.executable, "-m", "bench", *map(str, words)], cwd=ROOT,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
        check=False)


class ContestTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_every_contender_ends_with_the_right_table(self):
        stored = self.folder / "figures.json"
        done = bench("--quick", "--runs", 1, "--messages", MESSAGES,
                     "--json", stored, "--docs", self.folder / "docs")
        self.assertEqual(done.returncode, 0, done.stderr)
        data = json.loads(stored.read_text(encoding="utf-8"))
        expected = ({*CONTENDERS, *ENGINES} - {"kafka-engine"})
        self.assertEqual(set(data["figures"]), expected)
        for name, line in data["figures"].items():
            with self.subTest(name):
                self.assertEqual(line["messages"], MESSAGES)
                self.assertGreater(line["per_core_second"]["median"], 0)
        for name in ("sluice_vs_kafka_engine_per_core",
                     "sluice_vs_kafka_engine_wall",
                     "sluice_vs_bare_consumer_wall"):
            self.assertGreater(data["ratios"][name], 0)
        self.assertEqual([each["stage"] for each in data["stages"]],
                         ["decode and build columns", "build columns",
                          "encode", "insert", "merge"])
        self.assertIn("sluice_vs_kafka_engine_wall",
                      (self.folder / "docs/performance.md").read_text(
                          encoding="utf-8"))

    def test_what_gold_costs_is_measured(self):
        stored = self.folder / "figures.json"
        done = bench("--quick", "--only", "marks", "--only", "gold-history",
                     "--only", "gold-backlog", "--sustained", 4 * MESSAGES,
                     "--backlog", WINDOWS, "--json", stored)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(stored.read_text(encoding="utf-8"))["scenarios"]
        self.assertEqual(told["marks"]["messages"], 4 * MESSAGES)
        self.assertGreater(told["marks"]["throughput_ratio"], 0)
        self.assertLessEqual(told["marks"]["records_per_cut"], 1)
        history = told["gold-history"]
        self.assertGreater(history["seconds"]["many"], 0)
        # A run that reads the whole table reads a hundred times as much.
        self.assertLess(history["read_rows_ratio"], 3)
        self.assertEqual(told["gold-backlog"]["windows"], WINDOWS)
        self.assertEqual(told["gold-backlog"]["out_of_order"], 0)


if __name__ == "__main__":
    unittest.main()
