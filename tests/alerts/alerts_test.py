"""config/alerts.yaml: the rules do what they say, on metrics that there are."""

import json
import re
import subprocess
import unittest
import urllib.request

from tests.cli.command_line import COMMERCE, CommandLineTestCase
from tests.stack import sluice
from tests.stack.process import Process

RULES = sluice.ROOT / "config" / "alerts.yaml"
RULES_TEST = sluice.ROOT / "tests" / "alerts" / "rules_test.yaml"


class RulesTest(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *map(str, arguments)],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_prometheus_reads_the_rules(self):
        self.promtool("check", "rules", RULES)

    def test_each_alert_is_raised_by_its_trouble_and_by_nothing_else(self):
        self.promtool("test", "rules", RULES_TEST)

    def test_each_alert_is_tested(self):
        tested = RULES_TEST.read_text(encoding="utf-8")
        alerts = re.findall(r"- alert: (\w+)",
                            RULES.read_text(encoding="utf-8"))
        self.assertGreater(len(alerts), 5)
        for alert in alerts:
            with self.subTest(alert=alert):
                self.assertIn(f"alertname: {alert}, exp_alerts: []", tested)
                self.assertIn(f'alertname="{alert}"', tested)


class MetricsTest(CommandLineTestCase):
    def node_metrics(self):
        """Names of all series that a running node exports."""
        node = Process("sluice run",
                       [sluice.binary(), "run", COMMERCE, "--data",
                        self.folder / "data"],
                       self.folder / "node.log", env=self.env)
        self.addCleanup(node.stop)
        [report] = node.wait_until("it runs", lambda: [
            each for each in json.loads(
                self.sluice("status", "--json").stdout)["nodes"]
            if each["partitions"] and each["golds"]], 60)
        with urllib.request.urlopen(report["node"]["status_url"] + "/metrics",
                                    timeout=10) as answer:
            return set(re.findall(r"^(sluice_\w+)", answer.read().decode(),
                                  re.MULTILINE))

    def test_a_node_exports_every_metric_that_the_rules_name(self):
        named = set(re.findall(r"\bsluice_\w+",
                               RULES.read_text(encoding="utf-8")))
        self.assertGreater(len(named), 8)
        self.assertEqual(named - self.node_metrics(), set())


if __name__ == "__main__":
    unittest.main(verbosity=2)
