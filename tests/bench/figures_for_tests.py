"""Results as a run would leave them, from plain numbers."""

from bench.goals import judge
from bench.measurement import Figures
from bench.results import Results


def figures(per_second, per_core=None, messages=1000, probes=()):
    return Figures(messages=messages, value_bytes=messages * 610,
                   seconds=messages / per_second,
                   cpu_seconds=messages / (per_core or per_second),
                   start_seconds=0.5, peak_bytes=100 << 20,
                   first_row_seconds=1.5, probes=list(probes))


def results(**rates):
    """One line for each name (with _ for -): (messages/s, messages/core-s) of
    each run."""
    made = Results({"messages": 1000, "rounds": 1, "codec": "none",
                    "quick": True, "seconds": 1.0})
    made.data["settings_tried"] = []
    for name, runs in rates.items():
        made.add(name.replace("_", "-"), f"the {name}", "orders",
                 [figures(*each) for each in runs])
    return made


def data(**rates):
    made = results(**rates)
    return made.to_json(judge(made))
