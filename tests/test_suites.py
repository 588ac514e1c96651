"""The suites of scripts/test."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path

from bench.contenders.python_script import install as install_script_packages
from tests.disk import small_disk
from tests.stack.artifacts import DEBEZIUM_POSTGRES, KAFKA, Unreachable, fetch
from tests.stack.python_packages import interpreter
from tests.stack.sluice import EmbeddedClickHouse
from tests.stack.stack import exit_on_signals, running
from tests.suite import ROOT, NotRun, Result, Suite, command

# The modules that start threads or are called from several. CAF as packaged is
# not instrumented and gives ThreadSanitizer false reports, so the actors are
# not among them; the other modules run on one thread by contract.
THREADED_MODULES = ("clickhouse", "kafka", "status")

# What must strike, or answer, at least once in the schedules of the suite.
MECHANISMS = (
    "5xx from a proxy", "blocks dropped by their token", "blocks too large",
    "blocks with a poison row", "commit replies lost", "commits lost",
    "commits refused in a rebalance", "commits refused to a former member",
    "connections refused", "control log trims", "dead letters lost",
    "dead letters unanswered", "gaps in a log", "insert replies lost",
    "inserts done later", "inserts into a stalled ClickHouse", "inserts lost",
    "losses to retention", "memory limits", "nodes killed", "nodes that left",
    "nodes that stood still", "questions lost", "questions to silver",
    "rebalances", "records read again", "restarts of ClickHouse",
    "rows replaced in merges", "sessions expired", "slow commits",
    "slow fetches", "stalls of ClickHouse", "static members that came back",
    "tables missing for a while", "tokens forgotten", "too many parts",
    "torn inserts")

# The same of gold: what touches windows, what fails on the way to them, and what
# puts them right.
GOLD_MECHANISMS = (
    "SELECTs that failed", "control log reads lost", "control records doubled",
    "control records lost", "control records that came late",
    "control records unanswered", "gold runs done",
    "gold runs that nobody ended", "joined rows deleted",
    "keys changed at the source", "questions for event times",
    "records with marks", "records with notes", "replaced windows come back",
    "resets that died half-way", "rows created again",
    "rows deleted at the source", "rows moved to another window",
    "rows out of order", "rows that came late", "rows updated at the source",
    "saved states taken up", "stale publications", "statement replies lost",
    "statements done later", "statements lost", "tables reset", "terms begun",
    "windows repaired", "windows run again")

CLIENT_PACKAGES = ("clickhouse-connect==1.12.*",)


def build(preset, targets=()):
    if not command(ROOT / "scripts/build", preset, *targets):
        raise RuntimeError(f"the {preset} build failed")


def ctest(preset, *options, env=None):
    """Runs the tests of one build and counts them by module."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command("ctest", "--test-dir", ROOT / "build" / preset,
                "--output-on-failure", "--output-junit", report,
                "-j", os.cpu_count(), *options, env=env, quiet=True)
        if not report.exists():
            return Result().fail(f"ctest in build/{preset} wrote no report")
        return read_junit(xml.parse(report).getroot())


def read_junit(report):
    result, modules = Result(), Counter()
    for case in report.iter("testcase"):
        name = case.get("name", "?")
        status = case.get("status")
        modules[name.split(".")[0]] += 1
        if status == "run":
            result.passed += 1
        elif status == "disabled" or case.find("skipped") is not None:
            result.skipped += 1
        else:
            result.fail(name)
    result.notes = ", ".join(f"{module} {count}"
                             for module, count in sorted(modules.items()))
    return result


def unit():
    build("release")
    return ctest("release")


def sanitizer(name, option):
    """Settings for a sanitizer's run time, with our suppressions if any."""
    suppressions = ROOT / "tests" / f"{name}.supp"
    if suppressions.exists():
        option += f":suppressions={suppressions}"
    return option


def asan():
    build("asan")
    return ctest("asan", env={
        "ASAN_OPTIONS": sanitizer("asan", "detect_stack_use_after_return=1:"
                                  "strict_string_checks=1"),
        "LSAN_OPTIONS": sanitizer("lsan", "print_suppressions=0"),
        "UBSAN_OPTIONS": sanitizer("ubsan", "print_stacktrace=1")})


def tsan():
    build("tsan", [f"{module}_test" for module in THREADED_MODULES])
    return ctest("tsan", "-R", f"^({'|'.join(THREADED_MODULES)})\\.", env={
        "TSAN_OPTIONS": sanitizer("tsan", "halt_on_error=1:"
                                  "second_deadlock_stack=1")})


def python_suite(place, interpreter_path=sys.executable, env=None):
    """The unittest modules of a folder of tests/, or one file, in a process of
    their own."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        command(interpreter_path, "-m", "tests.report_unittest",
                ROOT / "tests" / place, report, env=env)
        if not report.exists():
            return Result().fail(f"tests/{place} ended before its report")
        return Result(**json.loads(report.read_text(encoding="utf-8")))


def release_build():
    """For suites that run the program; quick when it is built already."""
    build("release", ["sluice"])


def clients():
    try:
        python = interpreter("clients", *CLIENT_PACKAGES)
    except Unreachable as error:
        raise NotRun(error) from None
    release_build()
    exit_on_signals()
    with running("clients") as stack:
        server = stack.start(EmbeddedClickHouse(stack.folder / "clickhouse"))
        result = python_suite("clients", python,
                              {"CLICKHOUSE_TEST_URL": server.url})
        if result.failed:
            stack.failed()
        return result


def live():
    try:
        for bundle in (KAFKA, DEBEZIUM_POSTGRES):
            fetch(bundle)
    except Unreachable as error:
        raise NotRun(error) from None
    release_build()
    return python_suite("live")


def chaos():
    try:
        fetch(KAFKA)
    except Unreachable as error:
        raise NotRun(error) from None
    release_build()
    return python_suite("chaos")


def disk():
    try:
        small_disk.require()
        fetch(KAFKA)
    except (small_disk.CannotMount, Unreachable) as error:
        raise NotRun(error) from None
    release_build()
    return python_suite("disk")


def cli():
    release_build()
    return python_suite("cli")


def alerts():
    if not shutil.which("promtool"):
        raise NotRun("promtool is not installed: "
                     "scripts/install-dependencies --test")
    release_build()
    return python_suite("alerts")


def simulation():
    """10,000 schedules, all without a violation, as one test."""
    release_build()
    done = subprocess.run(
        [ROOT / "build/release/sluice", "chaos", "--simulate",
         "--schedules", "10000", "--seed", "1", "--stop-after", "5"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr, flush=True)
    counts = {name: int(count) for count, name in re.findall(
        r"^ *(\d+)  (\S.*)$", done.stdout, re.MULTILINE)}
    missing = [name for name in (*MECHANISMS, *GOLD_MECHANISMS)
               if not counts.get(name)]
    result = Result()
    if done.returncode != 0:
        result.fail("the simulation found violations, or did not run")
    elif missing:
        result.fail(f"never struck in the simulation: {', '.join(missing)}")
    else:
        result.passed = 1
        result.notes = done.stdout.splitlines()[-1]
    return result


def contest():
    try:
        fetch(KAFKA)
        install_script_packages()
    except Unreachable as error:
        raise NotRun(error) from None
    build("release", ["sluice", "bench_events", "bench_bare_consumer",
                      "bench_stages"])
    return python_suite("contest")


def mutation():
    release_build()
    return python_suite("mutation")


def compat():
    from tests.compat.engines import ENGINES, prepare
    try:
        for engine in ENGINES:
            prepare(engine)
    except Unreachable as error:
        raise NotRun(error) from None
    release_build()
    return python_suite("compat")


TEST_SUITES = (
    Suite("unit", "unit, actor and engine tests of the release build", unit),
    Suite("asan", "the same under AddressSanitizer and "
          "UndefinedBehaviorSanitizer", asan),
    Suite("tsan", "the owners of I/O under ThreadSanitizer", tsan),
    Suite("simulation", "10,000 schedules of a simulated Kafka and ClickHouse",
          simulation),
    Suite("mutation", "each rule of exactly-once, broken, is noticed by the "
          "simulation", mutation),
    Suite("stack", "the test servers' own tests",
          lambda: python_suite("stack")),
    Suite("bench", "how bench/run reckons, compares and tells",
          lambda: python_suite("bench")),
    Suite("clients", "unmodified ClickHouse clients on the embedded "
          "ClickHouse", clients),
    Suite("cli", "the command line of the real program", cli),
    Suite("alerts", "config/alerts.yaml on the metrics of a running node",
          alerts),
    Suite("compat", "DDL, tokens and gold SQL on older ClickHouse", compat),
    Suite("live", "commerce on Kafka, Debezium, PostgreSQL and ClickHouse",
          live),
    Suite("contest", "every contender of bench/run, and what it measures of "
          "gold, with a few thousand messages", contest),
    Suite("disk", "the embedded ClickHouse on a disk that is full", disk),
    Suite("chaos", "processes killed, paused and cut off on Kafka: 0 lost, 0 "
          "doubled", chaos),
)
