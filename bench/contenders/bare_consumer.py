"""The limit: librdkafka alone."""

from itertools import product

from tests.stack.process import Process, StackError

from ..costs import peak_bytes
from ..measurement import Figures
from ..session import WrongResult, last_json, program

NAME = "bare-consumer"
TITLE = "bare librdkafka consumer"
# One queue or one each, and how far ahead it fetches: the best counts.
VARIANTS = tuple({"queues": queues, "queued": queued} for queues, queued in
                 product(("one", "partition"), (100_000, 1_000_000)))


def measure(session, filled, settings=VARIANTS[0]):
    """One run over the topic's first table; its sum over all values is checked."""
    name = session.new_name(NAME)
    process = Process(TITLE, [
        program("bench_bare_consumer"), "--brokers", session.kafka.address,
        "--topic", filled.tables[0].topic,
        "--queues", settings["queues"], "--queued", settings["queued"]],
        session.stack.folder / f"{name}.log")
    peak = 0
    try:
        while process.alive():
            try:
                peak = max(peak, peak_bytes(process.pid))
                process.wait(0.05)
            except (OSError, StackError):
                continue
        if process.exit_code() != 0:
            raise StackError(f"{TITLE}: {process.output().strip()}")
    finally:
        process.stop()
    report = last_json(process.output())
    if (report["messages"], report["value_sum"]) != (filled.messages,
                                                     filled.value_sum):
        raise WrongResult(
            f"{TITLE}: {report['messages']} messages with sum "
            f"{report['value_sum']}; there are {filled.messages} with "
            f"{filled.value_sum}")
    return Figures(report["messages"], report["value_bytes"],
                   report["seconds"], report["cpu_seconds"],
                   report["start_seconds"], peak)
