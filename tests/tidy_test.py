"""The house rules that a program can check; CONTRIBUTING.md tells them."""

import re
import unittest
from pathlib import PurePath

from tests.lint_suites import shell_scripts, tracked
from tests.suite import ROOT

LINES_AT_MOST = 400
BANNED_NAMES = ("utils", "util", "common", "helper", "helpers", "manager",
                "misc")

# What each module may include of the others, directly.
DEPENDENCIES = {
    "topology": (),
    "kafka": ("topology",),
    "silver": ("topology",),
    "cdc": ("silver", "kafka", "topology"),
    "clickhouse": ("topology",),
    "gold": ("topology", "clickhouse"),
    "marks": ("cdc", "gold", "silver", "clickhouse", "topology"),
    "status": (),
    "plan": ("topology", "silver", "gold", "clickhouse"),
    "actors": ("plan", "kafka", "cdc", "silver", "clickhouse", "gold",
               "marks", "status", "topology"),
}
DEPENDENCIES["simulation"] = (*DEPENDENCIES["actors"], "actors")
DEPENDENCIES["chaos"] = ("cdc", "kafka", "silver", "clickhouse", "gold",
                         "status", "topology")
DEPENDENCIES["bench"] = ("cdc", "kafka", "silver", "clickhouse", "topology")
DEPENDENCIES["cli"] = (*DEPENDENCIES["simulation"], "simulation", "chaos")

# The only modules that may include a library's headers.
THIRD_PARTY = {
    r"librdkafka/": ("kafka", "bench"),
    r"simdjson": ("cdc",),
    r"curl/": ("clickhouse",),
    r"httplib": ("clickhouse", "status"),
    r"prometheus/": ("status",),
    r"caf/": ("actors", "simulation"),
    r"yaml-cpp/": ("topology",),
    r"CLI/": ("cli",),
    r"(lz4|zstd|zlib)": ("clickhouse", "kafka", "bench"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
SWITCHED_OFF = re.compile(r"\bGTEST_SKIP\b|\bDISABLED_\w|"
                          r"@unittest\.(skip|expected)|\bskipTest\(")


def relative(path):
    return str(path.relative_to(ROOT))


def text_of(path):
    return path.read_text(encoding="utf-8")


def cpp_files():
    return tracked("*.cpp", "*.hpp")


def own_headers():
    """Headers of the modules."""
    return [path for path in tracked("*.hpp")
            if path.relative_to(ROOT).parts[0] in DEPENDENCIES]


def code_files():
    return [*cpp_files(), *tracked("*.py"), *shell_scripts()]


def module_of(path):
    """The module that a file belongs to; a unit test belongs to the module
    that it tests, other tests to none."""
    parts = path.relative_to(ROOT).parts
    if parts[:2] == ("tests", "unit"):
        return parts[2]
    return parts[0] if parts[0] in DEPENDENCIES else None


class HouseRulesTest(unittest.TestCase):
    def assert_none(self, found):
        self.assertEqual(sorted(found), [])

    def test_no_file_is_longer_than_400_lines(self):
        self.assert_none(
            f"{relative(path)}: {count} lines" for path in code_files()
            if (count := len(text_of(path).split("\n")) - 1) > LINES_AT_MOST)

    def test_names_say_what_is_in_a_file(self):
        self.assert_none(
            relative(path) for path in tracked()
            if set(re.split(r"[/._-]", relative(path).lower()))
            & set(BANNED_NAMES))

    def test_every_module_is_known_here(self):
        declared = re.findall(r"^sluice_module\((\w+)",
                              text_of(ROOT / "CMakeLists.txt"), re.MULTILINE)
        self.assertEqual(sorted(declared), sorted(DEPENDENCIES))

    def test_modules_depend_in_one_direction(self):
        wrong = []
        for path in cpp_files():
            module = module_of(path)
            if module not in DEPENDENCIES:
                continue
            allowed = {module, *DEPENDENCIES[module]}
            for include in INCLUDE.findall(text_of(path)):
                other = PurePath(include).parts[0]
                if other in DEPENDENCIES and other not in allowed:
                    wrong.append(f"{relative(path)} includes {include}")
        self.assert_none(wrong)

    def test_libraries_stay_in_their_modules(self):
        wrong = []
        for path in cpp_files():
            module = module_of(path)
            if module is None:
                continue
            for include in INCLUDE.findall(text_of(path)):
                for library, modules in THIRD_PARTY.items():
                    if re.match(library, include) and module not in modules:
                        wrong.append(f"{relative(path)} includes {include}")
        self.assert_none(wrong)

    def test_headers_are_included_once(self):
        self.assert_none(relative(path) for path in own_headers()
                         if "#pragma once" not in text_of(path))

    def test_headers_open_no_namespace_for_others(self):
        self.assert_none(
            relative(path) for path in own_headers()
            if re.search(r"^\s*using namespace", text_of(path), re.MULTILINE))

    def test_nothing_is_left_unfinished(self):
        self.assert_none(relative(path) for path in code_files()
                         if UNFINISHED.search(text_of(path)))

    def test_no_test_is_switched_off(self):
        self.assert_none(
            relative(path) for path in tracked("tests")
            if path.suffix in (".cpp", ".hpp", ".py")
            and path.name != "tidy_test.py"
            and SWITCHED_OFF.search(text_of(path)))

    def test_every_source_has_a_test_program(self):
        """A test file that no program is built from never runs."""
        folders = {path.relative_to(ROOT).parts[2]
                   for path in tracked("tests/unit/**/*_test.cpp")}
        self.assert_none(folders - set(DEPENDENCIES))

    def test_scripts_stop_at_errors(self):
        self.assert_none(relative(path) for path in shell_scripts()
                         if "set -euo pipefail" not in text_of(path))

    def test_sources_end_with_one_line_end_and_have_no_tabs(self):
        wrong = []
        for path in [*cpp_files(), *tracked("*.py")]:
            text = text_of(path)
            if text and (not text.endswith("\n") or text.endswith("\n\n")):
                wrong.append(f"{relative(path)}: its end")
            if "\t" in text or "\r" in text:
                wrong.append(f"{relative(path)}: tabs or carriage returns")
        self.assert_none(wrong)


if __name__ == "__main__":
    unittest.main()
