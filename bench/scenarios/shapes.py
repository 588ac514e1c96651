"""Other topics: compressed, wider, and those of the commerce system."""

from ..comparison import Entry, bare_entry, run_rounds
from ..contenders import bare_consumer, sluice
from ..measurement import measure
from ..workloads import commerce, orders

NAME = "shapes"
# Words of the table, tables, codec.
SHAPES = (
    ("lz4", (orders(topic="lz4.orders"),), "lz4"),
    ("zstd", (orders(topic="zstd.orders"),), "zstd"),
    ("1 kB", (orders(topic="wide.orders", wide=True),), "none"),
    ("users and events", commerce(), "none"),
)


def run(session, results, plan, say):
    for words, tables, codec in SHAPES:
        filled = session.fill(tables, plan.messages, codec)
        key = words.replace(" ", "-")
        entries = [Entry(f"sluice-{key}", sluice.Embedded.title,
                         lambda session, filled: measure(
                             sluice.Embedded(session, filled)))]
        if len(tables) == 1:
            entries.insert(0, bare_entry(bare_consumer.VARIANTS[0],
                                         f"bare-consumer-{key}"))
        run_rounds(session, filled, entries, plan.rounds, say)
        for each in entries:
            results.add(each.name, each.title, words, each.figures)
        session.drop_topics(tables)
