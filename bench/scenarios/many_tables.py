"""What a message costs with one table, and with many on as many topics, at the
same rate in all."""

from statistics import median

from ..contenders import sluice
from ..measurement import measure_live
from ..session import nothing_on
from ..workloads import orders
from .plan import half_load

NAME = "many-tables"


def tables(count, name):
    return tuple(orders(f"orders_{number}", f"{name}.{number}", seed=number)
                 for number in range(1, count + 1))


def _cpu_per_message(session, count, plan, rate):
    chosen = tables(count, session.new_name("tables"))
    session.create_topics(chosen)
    contender = sluice.Embedded(session, nothing_on(chosen))
    figures = measure_live(contender, rate, plan.live_seconds)
    session.drop_topics(chosen)
    return figures.cpu_seconds / figures.messages


def run(session, results, plan, say):
    rate = half_load(results, plan)
    costs = {1: [], plan.tables: []}
    for _ in range(plan.rounds):
        for count, measured in costs.items():
            measured.append(_cpu_per_message(session, count, plan, rate))
            say.line(f"{count} tables: {measured[-1] * 1e6:.2f} us CPU a "
                     "message")
    one, many = map(median, costs.values())
    results.data["scenarios"][NAME] = {
        "rate": rate, "tables": plan.tables, "cost_ratio": many / one,
        "cpu_seconds_per_message": one,
        "cpu_seconds_per_message_many": many,
        "runs": {str(count): measured for count, measured in costs.items()}}
