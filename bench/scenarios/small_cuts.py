"""Cuts of 20,000 rows: the fresh mode, under load."""

from ..comparison import Entry, run_rounds
from ..contenders import sluice
from ..measurement import measure
from ..workloads import orders

NAME = "small-cuts"
TUNING = {"cut_rows": 20_000}


def run(session, results, plan, say):
    filled = session.fill((orders(topic="cuts.orders"),), plan.messages)
    entries = [Entry(NAME, sluice.Embedded.title, lambda session, filled:
                     measure(sluice.Embedded(session, filled, TUNING)))]
    run_rounds(session, filled, entries, plan.rounds, say)
    results.add(NAME, sluice.Embedded.title, "orders, cuts of 20,000 rows",
                entries[0].figures)
    session.drop_topics(filled.tables)
