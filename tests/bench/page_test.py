"""What people read: tables, charts, docs/performance.md."""

import json
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

from bench import page, svg_chart, text_table
from tests.bench.figures_for_tests import data


def measured():
    made = data(sluice=[(1_000_000, 500_000)], bare_consumer=[(2e6, 2e6)])
    made["stages"] = [{"stage": "decode & build", "messages": 100,
                       "seconds": 1.0, "cpu_seconds": 0.001}]
    made["freshness"] = {"100ms": {"rate": 5, "p50_seconds": 0.1,
                                   "p99_seconds": 0.2, "max_seconds": 0.3}}
    made["settings_tried"] = [{"title": "four <consumers>",
                               "per_second": 1.0, "per_core_second": 2.0}]
    return made


class TextTableTest(unittest.TestCase):
    def test_numbers_have_the_digits_that_count(self):
        for value, text in ((1_234_567, "1,230,000"), (1000, "1,000"),
                            (123.4, "123"), (12.34, "12.3"), (3.14159, "3.14"),
                            (0, "0.00"), (None, "-"), (-1.5, "-1.50")):
            self.assertEqual(text_table.number(value), text)

    def test_columns_are_aligned(self):
        self.assertEqual(text_table.aligned(("a", "bb"), [("ccc", "1")]),
                         ["a    bb", "ccc   1"])

    def test_a_missed_goal_is_said(self):
        rows = text_table.goals_rows(measured()["goals"])
        self.assertIn("MISSED", {row[3] for row in text_table.goals_rows(
            data(sluice=[(1, 1)], bare_consumer=[(9, 9)])["goals"])})
        self.assertIn("met", {row[3] for row in rows})
        self.assertIn("not measured", {row[3] for row in rows})


class ChartTest(unittest.TestCase):
    def test_bars_are_as_long_as_their_values(self):
        root = xml.fromstring(svg_chart.bars("a & b", [
            ("<one>", 100, True), ("two", 50, False), ("none", 0, False)]))
        widths = [float(each.get("width")) for each in root.iter(
            "{http://www.w3.org/2000/svg}rect")]
        self.assertAlmostEqual(widths[0], 2 * widths[1])
        self.assertEqual(widths[2], 1.0)
        self.assertIn("<one>", "".join(root.itertext()))

    def test_only_what_was_measured_has_a_chart(self):
        self.assertEqual(svg_chart.charts(data()), {})
        self.assertEqual(set(svg_chart.charts(measured())),
                         {"messages-per-second.svg", "stages.svg",
                          "messages-per-core-second.svg"})


class PageTest(unittest.TestCase):
    def test_the_page_has_the_figures(self):
        text = page.render(measured())
        for words in ("1,000,000", "0.50 x", "decode & build", "flush: 100ms",
                      "four <consumers>", "sluice_vs_bare_consumer_wall"):
            self.assertIn(words, text)

    def test_a_run_of_little_says_what_it_did_not_measure(self):
        self.assertIn("Not measured in this run.", page.render(data()))

    def test_it_is_written_with_its_charts_and_figures(self):
        with tempfile.TemporaryDirectory() as folder:
            docs = Path(folder, "docs")
            written = page.write(measured(), docs)
            for link in ("messages-per-second.svg", "stages.svg",
                         "figures.json"):
                self.assertIn(f"(performance/{link})",
                              written.read_text(encoding="utf-8"))
                self.assertTrue((docs / "performance" / link).exists())
            raw = (docs / "performance" / "figures.json").read_text(
                encoding="utf-8")
            self.assertEqual(json.loads(raw)["ratios"], measured()["ratios"])


if __name__ == "__main__":
    unittest.main()
