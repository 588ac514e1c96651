"""Everything that a run of bench/run has found out, as it is written to JSON."""

import os
import platform
import subprocess
import time

from tests.stack.sluice import ROOT

from .spread import ratio_of, summary

FORMAT = 1
_SUMMARISED = ("per_second", "steady_per_second", "per_core_second",
               "bytes_per_second", "peak_bytes", "seconds", "cpu_seconds",
               "start_seconds", "merge_seconds")
ENGINES = ("kafka-engine-tuple", "kafka-engine-extract")


def machine():
    model = platform.processor() or "unknown"
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {"processor": model, "cores": os.cpu_count(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE")
            * os.sysconf("SC_PHYS_PAGES"),
            "kernel": platform.release(),
            # Of other programs.
            "load_before": round(os.getloadavg()[0], 2)}


def revision():
    """The commit that was measured; "+" when files were changed since."""
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, check=True,
            stdin=subprocess.DEVNULL, capture_output=True,
            text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


class Results:
    def __init__(self, settings):
        self.data = {
            "format": FORMAT, "revision": revision(),
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "machine": machine(), "settings": settings, "figures": {},
            "stages": [], "freshness": {}, "scenarios": {}}

    def add(self, name, title, workload, figures):
        """The runs of one line of the table."""
        line = {"title": title, "workload": workload,
                "messages": figures[0].messages,
                **{field: summary([getattr(each, field) for each in figures])
                   for field in _SUMMARISED}}
        first_rows = [each.first_row_seconds for each in figures
                      if each.first_row_seconds is not None]
        if first_rows:
            line["first_row_seconds"] = summary(first_rows)
        in_use = [max(probe.get("memory_in_use_bytes", 0)
                      for probe in each.probes)
                  for each in figures if each.probes]
        if any(in_use):
            line["memory_in_use_bytes"] = summary(in_use)
        self.data["figures"][name] = line

    def median(self, name, field):
        """None when it was not measured."""
        line = self.data["figures"].get(name, {})
        return line[field]["median"] if field in line else None

    def ratios(self):
        """Ratios of figures of the same topic, with their relative spreads;
        those that were measured."""
        found = {}

        def add(name, upper, lower, field):
            figures = self.data["figures"]
            if upper in figures and lower in figures:
                found[name] = ratio_of(figures[upper][field],
                                       figures[lower][field])
        for way, name in (("sluice", "sluice"), ("sluice_http",
                                                 "sluice-http")):
            for suffix, field in (("per_core", "per_core_second"),
                                  ("wall", "per_second")):
                # The better one of the two forms, by this very figure.
                rivals = [each for each in ENGINES
                          if self.median(each, field)]
                if rivals:
                    best = max(rivals, key=lambda each: self.median(
                        each, field))
                    add(f"{way}_vs_kafka_engine_{suffix}", name, best, field)
                add(f"{way}_vs_python_{suffix}", name, "python", field)
                add(f"{way}_vs_bare_consumer_{suffix}", name,
                    "bare-consumer", field)
        return found

    def to_json(self, goals):
        ratios = self.ratios()
        return {**self.data,
                "ratios": {name: each["value"]
                           for name, each in ratios.items()},
                "ratio_spreads": {name: each["spread"]
                                  for name, each in ratios.items()},
                "goals": goals}
