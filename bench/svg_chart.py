"""Bar charts as SVG, readable on a light and on a dark page."""

from xml.sax.saxutils import escape

from .text_table import number

WIDTH = 760
LABELS = 330
VALUES = 90
BAR = 22
GAP = 10
TOP = 44
STYLE = ("<style>text{font:13px sans-serif;fill:#24292f}"
         ".title{font-weight:bold;font-size:15px}"
         ".bar{fill:#8c959f}.ours{fill:#0969da}"
         "@media(prefers-color-scheme:dark){text{fill:#e6edf3}"
         ".bar{fill:#6e7681}.ours{fill:#2f81f7}}</style>")


def bars(title, values):
    """A chart of (label, value, whether it is ours), values at least 0, one bar
    a line in the given order."""
    height = TOP + len(values) * (BAR + GAP)
    longest = max((value for _, value, _ in values), default=0) or 1
    room = WIDTH - LABELS - VALUES
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
             f'height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">',
             f"<title>{escape(title)}</title>", STYLE,
             f'<text class="title" x="8" y="24">{escape(title)}</text>']
    for at, (label, value, is_ours) in enumerate(values):
        top = TOP + at * (BAR + GAP)
        middle = top + BAR * 0.72
        length = max(1.0, room * value / longest)
        lines += [
            f'<text x="{LABELS - 10}" y="{middle:.1f}" text-anchor="end">'
            f"{escape(label)}</text>",
            f'<rect class="{"ours" if is_ours else "bar"}" x="{LABELS}" '
            f'y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>',
            f'<text x="{LABELS + length + 6:.1f}" y="{middle:.1f}">'
            f"{escape(number(value))}</text>"]
    return "\n".join([*lines, "</svg>"]) + "\n"


def charts(data):
    """File names and contents, of what --json writes."""
    compared = [(name, line) for name, line in data["figures"].items()
                if line["workload"] == "orders"]
    found = {}
    for file, title, field in (
            ("messages-per-second.svg", "Messages a second of wall time",
             "per_second"),
            ("messages-per-core-second.svg",
             "Messages a second of CPU time, merges included",
             "per_core_second")):
        if compared:
            found[file] = bars(title, [
                (line["title"].partition(" (")[0], line[field]["median"],
                 name.startswith("sluice")) for name, line in compared])
    if data["stages"]:
        found["stages.svg"] = bars(
            "Microseconds of CPU a message, each stage alone",
            [(each["stage"], 1e6 * each["cpu_seconds"] / each["messages"],
              True) for each in data["stages"]])
    return found
