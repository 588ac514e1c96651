"""The regression guard."""

import json
import tempfile
import unittest
from pathlib import Path

from bench.compare import TOLERANCE, Unusable, compare, load


def now(value, spread=0.0):
    return {"a": {"value": value, "spread": spread}}


class CompareTest(unittest.TestCase):
    def file(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name, "stored.json")
        path.write_text(text, encoding="utf-8")
        return path

    def test_a_ratio_below_the_tolerance_is_worse(self):
        least = 4 * (1 - TOLERANCE)
        self.assertEqual(compare({"a": (4, 0)}, now(least + 0.01))[1], [])
        self.assertEqual(compare({"a": (4, 0)}, now(least - 0.01))[1], ["a"])

    def test_a_better_ratio_is_no_regression(self):
        self.assertEqual(compare({"a": (4, 0)}, now(40))[1], [])

    def test_what_spreads_may_differ_by_as_much(self):
        self.assertEqual(compare({"a": (4, 0.3)}, now(2.1, 0.4))[1], [])
        self.assertEqual(compare({"a": (4, 0.3)}, now(1.9, 0.4))[1], ["a"])

    def test_only_what_both_have_is_compared(self):
        lines, worse = compare({"a": (4, 0), "b": (9, 0)}, now(4))
        self.assertEqual((len(lines), worse), (1, []))

    def test_the_stored_file_is_what_json_writes(self):
        path = self.file(json.dumps({"ratios": {"a": 4.5, "b": 1},
                                     "ratio_spreads": {"a": 0.1},
                                     "settings": {"messages": 1000,
                                                  "codec": "lz4"}}))
        self.assertEqual(load(path, 1000, "lz4"),
                         {"a": (4.5, 0.1), "b": (1.0, 0.0)})
        for messages, codec in ((3000, "lz4"), (1000, "none")):
            with self.assertRaisesRegex(Unusable, "measure both alike"):
                load(path, messages, codec)

    def test_another_file_is_refused_in_words(self):
        for text in ("", "[]", "{}", '{"ratios": 3}', '{"ratios": {"a": []}}'):
            with self.subTest(text), self.assertRaisesRegex(
                    Unusable, "has no ratios"):
                load(self.file(text), 1000, "none")
        with self.assertRaisesRegex(Unusable, "No such file"):
            load(Path("/nonexistent/stored.json"), 1000, "none")


if __name__ == "__main__":
    unittest.main()
