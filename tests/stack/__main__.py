"""`python3 -m tests.stack`: the servers of the tests, for people."""

import argparse
import json
import os
import signal
import sys
from contextlib import contextmanager

from .artifacts import DEBEZIUM_POSTGRES, KAFKA, Unreachable, fetch
from .process import StackError
from .stack import exit_on_signals, running

USERS = """\
CREATE TABLE IF NOT EXISTS users(user_id int PRIMARY KEY, full_name text,
                                 email text, updated_at timestamp);"""
TOPICS = ("postgres.public.users", "mongo.commerce.events")


def arguments():
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.stack", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("fetch", help="only fetch what the servers need; exit "
                     "code 3 when a registry cannot be reached")
    up = verbs.add_parser(
        "up", help="start the servers of the commerce system, print their "
        "addresses as JSON on one line, and stop them at SIGINT or SIGTERM")
    up.add_argument("--only", default="kafka,postgres,connect",
                    help="which of them, separated by commas "
                    "(default: %(default)s)")
    up.add_argument("--keep", action="store_true",
                    help="keep logs and data afterwards")
    return parser.parse_args()


@contextmanager
def stopped_quietly():
    """To be stopped by a signal is how `up` is meant to end."""
    try:
        yield
    except KeyboardInterrupt:
        pass


def start(stack, wanted):
    addresses = {"folder": str(stack.folder), "pids": {}}
    kafka = postgres = connect = None
    if wanted & {"kafka", "connect"}:
        kafka = stack.kafka(TOPICS)
        addresses["kafka"] = kafka.address
        addresses["pids"]["kafka"] = kafka.pid
    if wanted & {"postgres", "connect"}:
        postgres = stack.postgres(USERS)
        addresses["postgres"] = (f"postgresql://{postgres.user}@127.0.0.1:"
                                 f"{postgres.port}/{postgres.database}")
        addresses["pids"]["postgres"] = postgres.pid
    if "connect" in wanted:
        connect = stack.connect(kafka, postgres, "postgres",
                                ["public.users"])
        addresses["connect"] = connect.address
        addresses["pids"]["connect"] = connect.pid
    addresses["start_seconds"] = stack.start_seconds
    return addresses


def main():
    options = arguments()
    try:
        if options.verb == "fetch":
            for bundle in (KAFKA, DEBEZIUM_POSTGRES):
                print(fetch(bundle))
            return 0
        exit_on_signals()
        wanted = set(options.only.split(","))
        unknown = wanted - {"kafka", "postgres", "connect"}
        if unknown:
            print(f"no such server: {', '.join(sorted(unknown))}",
                  file=sys.stderr)
            return 2
        if options.keep:
            os.environ["SLUICE_KEEP_RUNS"] = "1"
        with stopped_quietly(), running("stack") as stack:
            print(json.dumps(start(stack, wanted)), flush=True)
            signal.pause()
        return 0
    except Unreachable as error:
        print(error, file=sys.stderr)
        return 3
    except StackError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
