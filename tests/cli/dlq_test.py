"""Dead letters, from a node that could not read records to their rows."""

import json

from tests.cli.command_line import COMMERCE, CommandLineTestCase
from tests.stack import sluice
from tests.stack.process import Process

TOPIC = "mongo.commerce.events"


def event(number, user_id, when=1771598047000):
    """A Debezium MongoDB insert; user_id is Int32 in the topology."""
    after = json.dumps({"_id": {"$oid": f"{number:024x}"}, "user_id": user_id,
                        "event_type": "view", "ts": {"$date": when},
                        "metadata": {}})
    return {"topic": TOPIC, "partition": 1, "key": f'{{"id":"{number}"}}',
            "value": json.dumps({"op": "c", "before": None, "after": after})}


class DeadLetterTest(CommandLineTestCase):
    def start_node(self, topology=COMMERCE):
        node = Process("sluice run",
                       [sluice.binary(), "run", topology, "--data",
                        self.folder / "data"],
                       self.folder / "node.log", env=self.env)
        self.addCleanup(node.stop)
        self.succeed("status", "--wait-caught-up", "90s")

    def play(self, records):
        path = self.folder / "records.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in records))
        self.succeed("kafka", "play", path)
        self.succeed("status", "--wait-caught-up", "90s")

    def rows(self):
        return self.succeed(
            "query", COMMERCE, "--format", "TSV", "--no-final",
            "SELECT _partition, _offset, user_id FROM events ORDER BY _offset"
        ).splitlines()

    def letters(self, *choice):
        printed = self.succeed("dlq", "list", COMMERCE, "--json", *choice)
        return [json.loads(line) for line in printed.splitlines()]

    def test_each_record_is_replayed_exactly_once_after_the_fix(self):
        self.start_node()
        self.assertIn("no dead letter", self.succeed("dlq", "list", COMMERCE))
        too_large = 1 << 40
        broken = {"topic": TOPIC, "partition": 1, "key": "k", "value": "{"}
        self.play([event(1, 7), event(2, too_large), broken,
                   event(3, too_large), event(4, 8)])
        before = ["1\t0\t7", "1\t4\t8"]
        self.assertEqual(self.rows(), before)
        listed = self.succeed("dlq", "list", COMMERCE)
        self.assertRegex(listed, r"events +not_json +1\n")
        self.assertRegex(listed, r"events +out_of_range +2\n")
        self.assertEqual([each["offset"] for each in self.letters()],
                         [1, 2, 3])

        with self.subTest("a letter is shown with its bytes"):
            shown = self.succeed("dlq", "show", COMMERCE, "--offset", "2",
                                 "--value")
            self.assertEqual(shown, "{")
            whole = json.loads(self.succeed(
                "dlq", "show", COMMERCE, "--offset", "1", "--json"))
            self.assertEqual(whole["value"], event(2, too_large)["value"])
            self.assertEqual((whole["topic"], whole["partition"],
                              whole["reason"]), (TOPIC, 1, "out_of_range"))
            self.refuse(2, "dlq", "show", COMMERCE, "--value")
            self.refuse(1, "dlq", "show", COMMERCE, "--offset", "99")
            self.refuse(2, "dlq", "list", COMMERCE, "--offset", "2-1")

        with self.subTest("what is not mended stays and is told"):
            lines = self.refuse(1, "dlq", "replay", COMMERCE)
            self.assertEqual(len(lines), 3, lines)
            self.assertIn(f"{TOPIC}/1 offset 1 (table events) stays: "
                          "out_of_range", lines[0])
            self.assertEqual(self.rows(), before)

        clamped = self.changed(("user_id:    Int32\n      event_type",
                                "user_id: {type: Int32, on_invalid: clamp}\n"
                                "      event_type"))
        with self.subTest("the choice is kept to"):
            done = self.succeed("dlq", "replay", clamped, "--offset", "3",
                                "--table", "events", "--reason",
                                "out_of_range")
            self.assertEqual(done, "replayed 1 letter into events\n")
        with self.subTest("the rest follows, and no row twice"):
            done = self.sluice("dlq", "replay", clamped)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stdout, "replayed 1 letter into events\n")
            self.assertIn("offset 2 (table events) stays: not_json",
                          done.stderr)
            after = ["1\t0\t7", "1\t1\t2147483647", "1\t3\t2147483647",
                     "1\t4\t8"]
            self.assertEqual(self.rows(), after)
            self.assertEqual([each["offset"] for each in self.letters()], [2])
            again = self.succeed("dlq", "replay", clamped, "--reason",
                                 "out_of_range")
            self.assertEqual(again, "nothing was replayed\n")
            self.assertEqual(self.rows(), after)

    def test_impossible_event_times_are_quarantined_where_a_gold_says_so(self):
        window = "      over: events.timestamp\n"
        guarded = self.changed((window, window
                                + "      outside: quarantine\n"))
        self.start_node(guarded)
        year_2200 = 7258118400000
        self.play([event(1, 7), event(2, 7, 0), event(3, 8, year_2200),
                   event(4, 8)])
        self.assertEqual(self.rows(), ["1\t0\t7", "1\t3\t8"])
        self.assertEqual([(each["offset"], each["reason"])
                          for each in self.letters()],
                         [(1, "outside_windows"), (2, "outside_windows")])
        for offset, value in (("1", "1970-01-01 00:00:00 UTC"),
                              ("2", "2200-01-01 00:00:00 UTC")):
            shown = self.succeed("dlq", "show", guarded, "--offset", offset)
            self.assertIn(f"column `timestamp`: {value} is in no window of "
                          "gold gold_user_activity, which takes times from "
                          "1980-01-01 00:00:00 UTC (window.oldest) to ", shown)

        with self.subTest("a replay keeps to the bounds"):
            lines = self.refuse(1, "dlq", "replay", guarded)
            self.assertIn("offset 1 (table events) stays: outside_windows",
                          lines[0])
            self.assertEqual(len(self.rows()), 2)
        with self.subTest("and takes what new bounds, or none, let in"):
            done = self.succeed("dlq", "replay", COMMERCE)
            self.assertEqual(done, "replayed 2 letters into events\n")
            self.assertEqual(self.rows(), ["1\t0\t7", "1\t1\t7", "1\t2\t8",
                                           "1\t3\t8"])

    def test_without_a_node_the_embedded_kafka_is_not_there(self):
        lines = self.refuse(1, "dlq", "list", COMMERCE)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("none is running here", lines[0])

    def test_names_a_kafka_that_does_not_answer(self):
        lines = self.refuse(1, "dlq", "list", COMMERCE,
                            env={"KAFKA_BROKERS": "127.0.0.1:1"})
        self.assertIn("127.0.0.1:1", lines[-1])
