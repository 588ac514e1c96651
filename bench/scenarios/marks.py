"""What the marks of gold windows cost: the sustained run with a gold table that
is never due against the same without any."""

from statistics import median

from tests.stack.process import StackError

from ..contenders import sluice
from ..measurement import measure
from ..workloads import order_totals, orders

NAME = "marks"
# Nothing is run while it is measured: no window is quiet for so long. That
# leaves what every cut pays: the look-up of former event times, notes, marks
# and the index by which a run would find its rows.
GOLD = order_totals("1 day", "trigger: change\ndebounce: 1h\n"
                             "max_staleness: 1 day\n")


class _WithGold(sluice.Embedded):
    golds = GOLD


def control_log(contender):
    """Records and cuts that the node tells of; fails when gold has run, which
    would be in the figures."""
    text = contender.metrics()
    runs = sluice.metric_sum(text, "sluice_gold_runs_total")
    if runs:
        raise StackError(f"{NAME}: {runs:.0f} gold runs were measured, too")
    return {"records": sluice.metric_sum(
                text, "sluice_control_log_records_total"),
            "marked": sluice.metric_sum(text, "sluice_control_log_cuts_total"),
            "cuts": sluice.metric_sum(text, "sluice_cuts_total")}


def in_turn(first, second, number):
    """The two, the other one first in every second round: whoever comes later
    finds a warmer or a fuller machine."""
    return (first, second) if number % 2 == 0 else (second, first)


def summarise(rounds):
    """`rounds`: of each, (figures without, figures with, control log)."""
    for _, _, log in rounds:
        if not log["records"] or not log["cuts"]:
            raise StackError(f"{NAME}: no cut was marked: {log}")
    per_cut = [log["records"] / log["cuts"] for _, _, log in rounds]
    speed = [marked.per_second / plain.per_second
             for plain, marked, _ in rounds]
    steady = [marked.steady_per_second / plain.steady_per_second
              for plain, marked, _ in rounds]
    cpu = [plain.cpu_seconds / marked.cpu_seconds
           for plain, marked, _ in rounds]
    return {"messages": rounds[0][0].messages,
            "throughput_ratio": median(speed),
            "steady_ratio": median(steady), "cpu_ratio": median(cpu),
            "records_per_cut": max(per_cut),
            "runs": {"throughput_ratio": speed, "steady_ratio": steady,
                     "cpu_ratio": cpu, "records_per_cut": per_cut,
                     "control_log": [log for _, _, log in rounds]}}


def run(session, results, plan, say):
    filled = session.fill((orders(topic="marks.orders"),), plan.sustained)
    rounds = []
    for number in range(plan.rounds):
        log = {}
        measured = {}
        for each in in_turn(sluice.Embedded, _WithGold, number):
            tell = (lambda contender: log.update(control_log(contender))) \
                if each is _WithGold else None
            measured[each] = measure(each(session, filled), tell)
            say.line(f"gold {'on' if tell else 'off'}: "
                     f"{measured[each].per_second:,.0f}/s, "
                     f"{measured[each].per_core_second:,.0f} a core-second")
        rounds.append((measured[sluice.Embedded], measured[_WithGold], log))
    told = summarise(rounds)
    say.line(f"{told['throughput_ratio']:.3f} of the throughput, "
             f"{told['records_per_cut']:.2f} records a cut")
    results.data["scenarios"][NAME] = told
    session.drop_topics(filled.tables)
