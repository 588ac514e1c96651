"""`python3 -m tests.chaos ARGUMENTS`: a run of `sluice chaos` on the commerce
system with Apache Kafka, for people; ARGUMENTS go to it."""

import sys

from tests.chaos.real_kafka import Chaos
from tests.stack.stack import exit_on_signals, running

DAY_S = 86_400


def main():
    exit_on_signals()
    with running("chaos") as stack:
        chaos = Chaos(stack, stack.kafka(), *sys.argv[1:])
        try:
            code = chaos.wait(DAY_S)
        finally:
            chaos.process.stop()
            print(chaos.process.output(), end="")
        if code != 0:
            stack.failed()
        return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
