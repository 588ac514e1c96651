"""A long backlog, so that background merges are in the figure: the rate, the
time to the first row, and the memory over it."""

from ..comparison import Entry, bare_entry, run_rounds
from ..contenders import bare_consumer, sluice
from ..measurement import measure
from ..workloads import orders

NAME = "sustained"


def memory_curve(probes):
    """Peak resident bytes of the node, and how much the second half of the run
    was above the first one. The first tenth, in which everything is made, is
    left out."""
    resident = [each["resident_bytes"] for each in probes
                if "resident_bytes" in each]
    settled = resident[len(resident) // 10:]
    if len(settled) < 2:
        return None
    half = len(settled) // 2
    return {"peak_resident_bytes": max(resident),
            "growth_bytes": max(settled[half:]) - max(settled[:half]),
            "resident_bytes": resident}


def run(session, results, plan, say):
    filled = session.fill((orders(topic="sustained.orders"),), plan.sustained)
    entries = [
        bare_entry(bare_consumer.VARIANTS[0], "sustained-bare-consumer"),
        Entry("sustained", sluice.Embedded.title, lambda session, filled:
              measure(sluice.Embedded(session, filled))),
        Entry("sustained-http", sluice.OverHttp.title, lambda session, filled:
              measure(sluice.OverHttp(session, filled)))]
    run_rounds(session, filled, entries, plan.rounds, say)
    for each in entries:
        results.add(each.name, each.title,
                    f"orders, {plan.sustained:,} messages", each.figures)
    # Over HTTP nothing but Sluice is in the node's process.
    memory = memory_curve(entries[-1].figures[-1].probes)
    if memory:
        results.data["scenarios"]["memory"] = memory
    session.drop_topics(filled.tables)
