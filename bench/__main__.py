"""bench/run: measures Sluice beside what else carries changes from Kafka to
ClickHouse, and prints one table."""

import argparse
import json
import sys
import time
from pathlib import Path

from tests.stack.clickhouse import ClickHouseError
from tests.stack.process import StackError
from tests.stack.sluice import ROOT
from tests.stack.stack import exit_on_signals, running

from . import compare, page, text_table
from .comparison import contenders
from .contenders import bare_consumer, python_script, sluice
from .goals import judge
from .results import Results
from .scenarios import (freshness, gold_backlog, gold_history, history,
                        many_tables, marks, shapes, small_cuts, stages,
                        sustained)
from .scenarios.plan import Plan
from .session import Session
from .workloads import orders

CONTENDERS = (bare_consumer.NAME, "kafka-engine",
              python_script.PythonScript.name, sluice.Embedded.name,
              sluice.OverHttp.name)
# Freshness and many-tables come after what tells the rate.
SCENARIOS = (stages, sustained, small_cuts, shapes, history, many_tables,
             freshness, marks, gold_history, gold_backlog)
CODECS = ("none", "lz4", "zstd")
QUICK_MESSAGES = 600_000
# Scenarios that are asked for by name, in a quick run.
QUICK_HISTORY = 1_000_000
QUICK_CHANGES = 3
QUICK_BACKLOG = 100
# Nothing that was measured before is begun later than this after the start of
# a quick run.
QUICK_SECONDS = 65
# Load average above which other programs take part in what is measured.
BUSY = 0.5


class Say:
    """What goes on, for people; and what settings were tried."""

    def __init__(self):
        self.tried = []

    def __call__(self, entry, when):
        figures = entry.figures[-1]
        if when == "settings tried":
            self.tried.append({
                "title": entry.title, "per_second": figures.per_second,
                "per_core_second": figures.per_core_second})
        self.line(f"{entry.title}, {when}: {figures.per_second:,.0f}/s, "
                  f"{figures.per_core_second:,.0f} a core-second")

    @staticmethod
    def line(words):
        print(f"    {words}", file=sys.stderr, flush=True)


def positive(text):
    value = int(text.replace("_", ""))
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def arguments(words=None):
    names = (*CONTENDERS, *(scenario.NAME for scenario in SCENARIOS))
    parser = argparse.ArgumentParser(
        prog="bench/run", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"contenders: {', '.join(CONTENDERS)}\nscenarios:  "
        f"{', '.join(scenario.NAME for scenario in SCENARIOS)}\n\nExit codes: "
        "0 measured; 1 a wrong result, a regression, or a part that failed; "
        "2 a mistake in the arguments.")
    parser.add_argument("--quick", action="store_true",
                        help="the comparison and the stages alone, in 90 s; "
                        "other scenarios, with --only, are small")
    parser.add_argument("--only", action="append", choices=names,
                        metavar="NAME", help="a contender or a scenario; may "
                        "be given several times")
    parser.add_argument("--messages", type=positive, metavar="N",
                        help="of the comparison (default: 3,000,000)")
    parser.add_argument("--sustained", type=positive, metavar="N",
                        help="messages of sustained and marks (default: "
                        "15,000,000)")
    parser.add_argument("--history", type=positive, metavar="N",
                        help="rows that silver has in the history scenarios "
                        "(default: 100,000,000)")
    parser.add_argument("--backlog", type=positive, metavar="N",
                        help="changed windows of gold-backlog (default: "
                        "10,000)")
    parser.add_argument("--runs", type=positive, metavar="N", default=3,
                        help="of which the median counts (default: 3)")
    parser.add_argument("--live-seconds", type=positive, metavar="N",
                        default=20, help="traffic of freshness and "
                        "many-tables (default: 20)")
    parser.add_argument("--live-rate", type=positive, metavar="N",
                        default=250_000, help="their messages a second where "
                        "no rate was measured (default: 250,000)")
    parser.add_argument("--codec", choices=CODECS, default="none",
                        help="of the comparison's topic")
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="write every figure, and the ratios")
    parser.add_argument("--compare", type=Path, metavar="FILE",
                        help="fail when a ratio is worse than in a file that "
                        "--json wrote")
    parser.add_argument("--docs", type=Path, metavar="DIRECTORY",
                        help="write performance.md and its charts there "
                        "(default: docs, after a full run)")
    return parser.parse_args(words)


def is_full(options):
    return not options.quick and not options.only


def messages_of(options):
    return options.messages or (QUICK_MESSAGES if options.quick
                                else 3_000_000)


def plan_of(options):
    """How large the scenarios are; a quick run's take seconds each."""
    def size(given, whole, quick):
        return given or (quick if options.quick else whole)
    return Plan(messages_of(options),
                size(options.sustained, 15_000_000, QUICK_MESSAGES),
                1 if options.quick else options.runs,
                size(options.history, 100_000_000, QUICK_HISTORY),
                options.live_seconds, options.live_rate,
                changes=size(None, Plan.changes, QUICK_CHANGES),
                backlog_windows=size(options.backlog, Plan.backlog_windows,
                                     QUICK_BACKLOG))


def measure_all(options, say):
    """Everything that was asked for, as --json has it."""
    began = time.monotonic()
    chosen = options.only or [
        *CONTENDERS,
        *(scenario.NAME for scenario in SCENARIOS
          if not options.quick or scenario is stages)]
    messages = messages_of(options)
    rounds = options.runs
    results = Results({"messages": messages, "rounds": rounds,
                       "codec": options.codec, "quick": options.quick,
                       "chosen": chosen})
    if "python" in chosen:
        python_script.install()
        # A first installation is no part of a quick run.
        began = time.monotonic()
    plan = plan_of(options)
    with running("bench") as stack:
        session = Session(stack)
        if set(chosen) & set(CONTENDERS):
            filled = session.fill((orders(),), messages, options.codec)
            until = began + QUICK_SECONDS if options.quick else None
            for each in contenders(session, filled, chosen, rounds, say,
                                   until):
                results.add(each.name, each.title, "orders", each.figures)
            session.drop_topics(filled.tables)
        for scenario in SCENARIOS:
            if scenario.NAME in chosen:
                say.line(scenario.NAME)
                scenario.run(session, results, plan, say)
    results.data["settings_tried"] = say.tried
    results.data["settings"]["seconds"] = round(time.monotonic() - began, 1)
    return results


def print_tables(data):
    for header, rows in (
            (text_table.FIGURES_HEADER,
             text_table.figures_rows(data["figures"])),
            (text_table.STAGES_HEADER,
             text_table.stages_rows(data["stages"])),
            (text_table.FRESHNESS_HEADER,
             text_table.freshness_rows(data["freshness"])),
            (text_table.GOLD_HEADER, text_table.gold_rows(data["scenarios"])),
            (text_table.GOALS_HEADER, text_table.goals_rows(data["goals"]))):
        if rows:
            print("\n".join(text_table.aligned(header, rows)) + "\n")
    print(f"{data['settings']['seconds']:.0f} s")
    load = data["machine"]["load_before"]
    if load > BUSY:
        print(f"The machine was busy before (load {load}): these figures are "
              "worth little.")


def main():
    options = arguments()
    exit_on_signals()
    try:
        stored = options.compare and compare.load(
            options.compare, messages_of(options), options.codec)
    except compare.Unusable as error:
        print(f"bench/run: {error}", file=sys.stderr)
        return 2
    try:
        results = measure_all(options, Say())
    except (StackError, ClickHouseError, OSError) as error:
        print(f"bench/run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench/run: interrupted", file=sys.stderr)
        return 130
    data = results.to_json(judge(results))
    print_tables(data)
    if options.json:
        options.json.write_text(json.dumps(data, indent=1) + "\n",
                                encoding="utf-8")
    docs = options.docs or (ROOT / "docs" if is_full(options) else None)
    if docs:
        print(f"written: {page.write(data, docs)}")
    if stored is None:
        return 0
    lines, worse = compare.compare(stored, results.ratios())
    print("\n".join(lines))
    if not lines:
        print("bench/run: no ratio of the stored ones was measured",
              file=sys.stderr)
        return 1
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
