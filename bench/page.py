"""docs/performance.md, its charts and its raw figures: written from one run."""

import json
from pathlib import Path
from string import Template

from . import svg_chart, text_table

TEMPLATE = Path(__file__).with_name("performance.template.md")


def machine_words(data):
    machine = data["machine"]
    return (f"{machine['cores']} cores ({machine['processor']}), "
            f"{machine['memory_bytes'] / (1 << 30):.0f} GiB of memory, Linux "
            f"{machine['kernel']}")


def render(data):
    """The page's text, of what --json writes."""
    def table(header, rows):
        return "\n".join(text_table.markdown(header, rows)) if rows \
            else "Not measured in this run."
    ratios = [(name, text_table.number(value),
               text_table.percent(data["ratio_spreads"][name]))
              for name, value in data["ratios"].items()]
    tried = [(each["title"], text_table.number(each["per_second"]),
              text_table.number(each["per_core_second"]))
             for each in data["settings_tried"]]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        date=data["date"], revision=data["revision"],
        machine=machine_words(data),
        messages=f"{data['settings']['messages']:,}",
        rounds=data["settings"]["rounds"],
        codec=data["settings"]["codec"],
        goals=table(text_table.GOALS_HEADER,
                    text_table.goals_rows(data["goals"])),
        figures=table(text_table.FIGURES_HEADER,
                      text_table.figures_rows(data["figures"])),
        ratios=table(("ratio", "value", "spread"), ratios),
        stages=table(text_table.STAGES_HEADER,
                     text_table.stages_rows(data["stages"])),
        freshness=table(text_table.FRESHNESS_HEADER,
                        text_table.freshness_rows(data["freshness"])),
        gold=table(text_table.GOLD_HEADER,
                   text_table.gold_rows(data["scenarios"])),
        tried=table(("settings tried", "messages/s", "messages/core-s"),
                    tried))


def write(data, docs):
    """Writes performance.md and the folder performance/ under `docs`."""
    folder = docs / "performance"
    folder.mkdir(parents=True, exist_ok=True)
    for name, chart in svg_chart.charts(data).items():
        (folder / name).write_text(chart, encoding="utf-8")
    (folder / "figures.json").write_text(
        json.dumps(data, indent=1) + "\n", encoding="utf-8")
    page = docs / "performance.md"
    page.write_text(render(data), encoding="utf-8")
    return page
