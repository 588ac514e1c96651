"""Each stage between Kafka and ClickHouse alone."""

import json
from statistics import median

from ..session import output_of, program
from ..workloads import orders, topology

NAME = "stages"
MESSAGES_AT_MOST = 2_000_000


def run(session, results, plan, say):
    folder = session.folder(session.new_name(NAME))
    path = folder / "topology.yaml"
    table = orders()
    path.write_text(topology("stages", (table,), "localhost:9092",
                             {"url": "embedded"}), encoding="utf-8")
    runs = []
    for number in range(plan.rounds):
        runs.append(json.loads(output_of(
            [program("bench_stages"), "--topology", path, "--table",
             table.name, "--stream", table.stream, "--data",
             folder / f"data-{number}", "--messages",
             min(plan.messages, MESSAGES_AT_MOST)], "bench_stages")))
    stages = [{"stage": same[0]["stage"], "messages": same[0]["messages"],
               "seconds": median(each["seconds"] for each in same),
               "cpu_seconds": median(each["cpu_seconds"] for each in same)}
              for same in zip(*runs)]
    for each in stages:
        say.line(f"{each['stage']}: "
                 f"{each['messages'] / each['seconds']:,.0f}/s, "
                 f"{1e6 * each['cpu_seconds'] / each['messages']:.2f} us CPU")
    results.data["stages"] = stages
