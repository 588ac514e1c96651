"""All contenders on one topic, in rounds, so that what the machine does besides
strikes all of them."""

import time
from dataclasses import dataclass, field

from .contenders import bare_consumer, kafka_engine, python_script, sluice
from .measurement import measure

ENGINE_FORMS = (kafka_engine.TypedTuple, kafka_engine.JsonExtract)


@dataclass
class Entry:
    """One line of the table, and what measures it."""
    name: str
    title: str
    # (session, filled) -> Figures
    run: object
    # Only once, where time is short.
    once: bool = False
    figures: list = field(default_factory=list)


def entry(contender, once=False):
    return Entry(contender.name, contender.title,
                 lambda session, filled: measure(contender(session, filled)),
                 once)


def bare_entry(settings, name=bare_consumer.NAME):
    words = (f"{bare_consumer.TITLE} ({settings['queues']} queue, "
             f"{settings['queued']} ahead)")
    return Entry(name, words, lambda session, filled: bare_consumer.measure(
        session, filled, settings))


def _best(entries):
    return max(entries, key=lambda each: each.figures[0].per_second)


def choose_settings(session, filled, names, say):
    """Contenders with settings to choose from: one run of each, and what was
    fastest takes part. All figures are said."""
    chosen = []
    if bare_consumer.NAME in names:
        tried = [bare_entry(settings) for settings in bare_consumer.VARIANTS]
        chosen.append(_best(_try_all(session, filled, tried, say)))
    if "kafka-engine" in names:
        for form in ENGINE_FORMS:
            tried = [entry(form), *(
                entry(variant) for variant in kafka_engine.variants()
                if issubclass(variant, form))]
            best = _best(_try_all(session, filled, tried, say))
            best.name = form.name
            chosen.append(best)
    for each in chosen:
        # Chosen by it, so it would flatter.
        each.figures = []
    return chosen


def _try_all(session, filled, entries, say):
    for each in entries:
        each.figures.append(each.run(session, filled))
        say(each, "settings tried")
    return entries


def default_settings(names):
    """What choose_settings() has chosen before, for a short run."""
    chosen = []
    if bare_consumer.NAME in names:
        chosen.append(bare_entry(bare_consumer.VARIANTS[0]))
    if "kafka-engine" in names:
        chosen += map(entry, ENGINE_FORMS)
    return chosen


def run_rounds(session, filled, entries, rounds, say, deadline=None):
    """Every entry `rounds` times. After `deadline` (time.monotonic()) nothing is
    begun that has been measured before."""
    for number in range(rounds):
        for each in entries:
            late = deadline is not None and time.monotonic() > deadline
            if each.figures and (late or (each.once and deadline)):
                continue
            each.figures.append(each.run(session, filled))
            say(each, f"round {number + 1}")
    return entries


def contenders(session, filled, names, rounds, say, quick_until=None):
    """The comparison. `quick_until`: a short run that is to end then."""
    if quick_until is None:
        entries = choose_settings(session, filled, names, say)
    else:
        entries = default_settings(names)
    for contender, once in ((sluice.Embedded, False), (sluice.OverHttp, True),
                            (python_script.PythonScript, True)):
        if contender.name in names:
            entries.append(entry(contender, once))
    run_rounds(session, filled, entries, rounds, say, quick_until)
    return entries
