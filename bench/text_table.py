"""Figures for people: numbers, and tables in plain text and Markdown."""

from .goals import MIB


def number(value):
    """Three digits that count: 1,020,000 or 3.14."""
    if value is None:
        return "-"
    if abs(value) >= 1000:
        digits = len(str(int(abs(value)))) - 3
        return f"{round(value, -digits):,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def percent(share):
    return "-" if share is None else f"{share * 100:.0f} %"


def aligned(header, rows):
    """Lines of plain text: the first column to the left, others to the right."""
    table = [header, *rows]
    widths = [max(len(row[at]) for row in table)
              for at in range(len(header))]
    return ["  ".join(cell.ljust(width) if at == 0 else cell.rjust(width)
                      for at, (cell, width) in enumerate(zip(row, widths)))
            .rstrip() for row in table]


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |",
             "|---" + "|---:" * (len(header) - 1) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


FIGURES_HEADER = ("", "messages/s", "spread", "steady/s", "messages/core-s", "us CPU",
                  "MB/s", "peak MiB", "start s")


def figures_rows(figures):
    """`figures` as in the JSON, one row a line."""
    rows = []
    for line in figures.values():
        core = line["per_core_second"]["median"]
        rows.append((
            line["title"] if line["workload"] == "orders"
            else f"{line['title']}: {line['workload']}",
            number(line["per_second"]["median"]),
            percent(line["per_second"]["spread"]),
            number(line["steady_per_second"]["median"]),
            number(core), number(1e6 / core),
            number(line["bytes_per_second"]["median"] / 1e6),
            number(line["peak_bytes"]["median"] / MIB),
            number(line["start_seconds"]["median"])))
    return rows


GOALS_HEADER = ("goal", "wanted", "measured", "")


def goals_rows(goals):
    words = {True: "met", False: "MISSED", None: "not measured"}
    return [(each["goal"],
             ("<= " if each["at_most"] else ">= ")
             + f"{number(each['target'])} {each['unit']}",
             "-" if each["value"] is None
             else f"{number(each['value'])} {each['unit']}",
             words[each["met"]]) for each in goals]


STAGES_HEADER = ("stage alone", "messages/s", "us CPU a message")


def stages_rows(stages):
    return [(each["stage"], number(each["messages"] / each["seconds"]),
             number(1e6 * each["cpu_seconds"] / each["messages"]))
            for each in stages if each["seconds"]]


FRESHNESS_HEADER = ("freshness", "messages/s", "p50 s", "p99 s", "longest s")


def freshness_rows(freshness):
    return [(f"flush: {name}", number(each["rate"]),
             number(each["p50_seconds"]), number(each["p99_seconds"]),
             number(each["max_seconds"]))
            for name, each in freshness.items()]


GOLD_HEADER = ("gold", "measured")


def gold_rows(scenarios):
    """`scenarios` as in the JSON; those of gold that were measured."""
    rows = []
    if marks := scenarios.get("marks"):
        rows += [("throughput with marks, against without",
                  f"{number(marks['throughput_ratio'])} x"),
                 ("messages a core-second, likewise",
                  f"{number(marks['cpu_ratio'])} x"),
                 ("control-log records a cut",
                  number(marks["records_per_cut"]))]
    if history := scenarios.get("gold-history"):
        for days, which in ((history["few_days"], "few"),
                            (history["days"], "many")):
            rows.append((
                f"a changed row, {days:,} days of history",
                f"{number(history['seconds'][which])} s, "
                f"{number(history['read_rows'][which])} rows read"))
    if backlog := scenarios.get("gold-backlog"):
        rows += [(f"{backlog['windows']:,} changed windows, run again",
                  f"{number(backlog['windows_per_second'])} /s"),
                 ("age of today's result meanwhile, p99",
                  f"{number(backlog['staleness_p99_seconds'])} s"),
                 ("of that, allowed: refresh, silver's age, one run",
                  f"{number(backlog['bound_seconds'])} s")]
    return rows
