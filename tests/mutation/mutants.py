"""The rules of exactly-once and of gold, each broken by a small edit of the real sources.

`before` occurs exactly once in its file; the mutant has `after` in its place.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Mutant:
    name: str
    # Which rule is broken.
    rule: str
    edits: tuple[Edit, ...]
    # What the simulation may also say of this mutant: a false alarm stops a
    # partition until a person has looked. Otherwise a row must be lost or
    # doubled.
    alarms: tuple[str, ...] = ()
    # It is gold that must be wrong, not silver.
    of_gold: bool = False


LEDGER = "kafka/cut_ledger.cpp"
WRITER = "actors/batching_writer.cpp"
CLIENT = "simulation/membership_commits.cpp"
TRANSFORMER = "actors/table_transformer.cpp"
MARKS = "actors/table_transformer_marks.cpp"
COORDINATOR = "actors/coordinator.cpp"

MUTANTS = (
    Mutant(
        "no_intent",
        "the ends of the cuts in flight are recorded with the offset",
        (Edit(LEDGER, "  result.intents = intents();\n", ""),)),
    Mutant(
        "no_token",
        "every insert carries the token of its cut",
        (Edit(WRITER,
              "insert_block{next->work.token, next->work.rows,",
              "insert_block{{}, next->work.rows,"),)),
    Mutant(
        "no_recut",
        "a recorded cut is cut again where it ended",
        (Edit(LEDGER,
              "  if (found == base_.intents.end())\n"
              "    return std::nullopt;\n"
              "  return found->hi;\n",
              "  static_cast<void>(found);\n"
              "  return std::nullopt;\n"),)),
    Mutant(
        "insert_before_reply",
        "a cut is inserted once the reply says that its end is recorded",
        (Edit(LEDGER,
              "    if (each.revision > recorded_)\n"
              "      break;\n",
              "    const auto sent = in_flight_ ? in_flight_->revision"
              " : recorded_;\n"
              "    if (each.revision > sent)\n"
              "      break;\n"),)),
    Mutant(
        "two_commits_in_flight",
        "a partition has one commit in flight",
        (Edit(LEDGER,
              "  if (in_flight_)\n"
              "    return std::nullopt;\n"
              "  const auto offset = frontier();\n",
              "  const auto offset = frontier();\n"),
         # A second reply finds the first one's place empty.
         Edit(LEDGER,
              "  assert(in_flight_);\n"
              "  committed_ = in_flight_->offset;\n",
              "  if (!in_flight_)\n"
              "    return;\n"
              "  committed_ = in_flight_->offset;\n"),
         # The simulation sees two at once by itself; here the rows must tell.
         Edit(CLIENT,
              "  if (of->commits > 0 && of->handed)\n",
              "  if (of->commits > 1'000'000)\n"))),
    Mutant(
        "split_after_unknown_outcome",
        "a block whose outcome was once unknown is never split",
        (Edit(WRITER,
              "    return was_unknown || rows_of(of) < 2 ?",
              "    return (was_unknown && false) || rows_of(of) < 2 ?"),)),
    Mutant(
        "commit_after_unassign",
        "a partition is given up after its consumer has ended",
        (Edit("actors/supervisor.cpp",
              "  self_->send(found->second.consumer, drain{});\n",
              "  self_->send(found->second.consumer, drain{});\n"
              "  parts_.group().release(message.where);\n"),
         # The client asks whether the partition is still assigned; the broker
         # does not.
         Edit(CLIENT,
              "  if (found == held_.end() || found->second != of)\n",
              "  if (found == held_.end() && false)\n"),
         Edit(CLIENT,
              "  if (outcome.status == commit_status::recorded && !ours)",
              "  if (outcome.status == commit_status::recorded && false)"),
         )),
    Mutant(
        "no_question_to_silver",
        "silver is asked for the rows of a replayed cut; its tokens may be "
        "forgotten",
        (Edit("actors/table_transformer.cpp",
              "  work.ask_first = cut->replayed || cut->pieces;\n",
              "  work.ask_first = cut->pieces.has_value();\n"),)),
    Mutant(
        "replay_without_confirmation",
        "only who can still commit the position replays its cuts",
        (Edit("actors/partition_recovery.cpp",
              "  if (!committed.offset && *found_)\n",
              "  if (committed.offset || *found_)\n"),),
        # Its inserts carry the tokens of the owner's, and rows that are there
        # are left out; but what it knows of the log and of Kafka's position is
        # old.
        ("a node says 'topic replaced'", "a node says 'silver ahead'")),
    Mutant(
        "shortened_cut_gets_a_name_of_its_own",
        "a cut of which retention took a part keeps its name",
        (Edit("actors/takeover.cpp",
              "  auto first = start;\n"
              "  for (const auto& intent : intents)\n"
              "    first = std::min(first, intent.lo);\n",
              "  const auto first = start;\n"
              "  for (auto& intent : intents)\n"
              "    intent.lo = std::max(intent.lo, start);\n"),)),
    Mutant(
        "no_mark",
        "the windows that a cut has touched are in the control log",
        (Edit(MARKS,
              "void table_transformer_state::mark(const cut_ptr& cut) {\n",
              "void table_transformer_state::mark(const cut_ptr& cut) {\n"
              "  if (follows_)\n"
              "    return marked(cut);\n"),),
        of_gold=True),
    Mutant(
        "mark_before_the_rows",
        "a mark comes after the rows, so that who has read it reads them",
        (Edit(MARKS,
              "    insert(following);\n",
              "    mark(following);\n"),
         Edit(MARKS,
              "    return marked(cut);\n",
              "    return insert(cut);\n"),
         Edit(MARKS,
              "(const windows_marked&) { marked(cut); }",
              "(const windows_marked&) { insert(cut); }"),
         Edit(TRANSFORMER,
              "    mark(cut);\n",
              "    marked(cut);\n")),
        of_gold=True),
    Mutant(
        "commit_before_the_mark",
        "a cut is finished when the log has its mark",
        (Edit(MARKS,
              "  complete(cut);\n",
              ""),
         Edit(MARKS,
              "void table_transformer_state::mark(const cut_ptr& cut) {\n",
              "void table_transformer_state::mark(const cut_ptr& cut) {\n"
              "  complete(cut);\n")),
        of_gold=True),
    Mutant(
        "finish_covers_more_than_was_read",
        "a run covers what was read of the log before its data",
        (Edit(COORDINATOR,
              "run_id, *term_, run.covers}",
              "run_id, *term_, log_->next()}"),),
        of_gold=True),
    Mutant(
        "no_note_of_the_old_window",
        "the window that a row leaves is noted before the row is replaced",
        (Edit(MARKS,
              "void table_transformer_state::note(const cut_ptr& cut) {\n",
              "void table_transformer_state::note(const cut_ptr& cut) {\n"
              "  if (follows_)\n"
              "    return noted(cut);\n"),),
        of_gold=True),
    Mutant(
        "publish_after_the_finish_record",
        "a run is finished when its window shows its rows",
        (Edit(COORDINATOR,
              "  run_since_check_.emplace(due.gold, due.what);\n",
              "  run_since_check_.emplace(due.gold, due.what);\n"
              "  publish(due, run_id);\n"),
         Edit(COORDINATOR,
              "            if (finished.outcome)\n"
              "              publish(due, run_id);\n",
              "")),
        of_gold=True),
    Mutant(
        "take_over_does_not_compare_run",
        "a window that shows another run than its newest is run again",
        (Edit(COORDINATOR,
              "    if (run_since_check_.contains({each.gold, each.what}))\n",
              "    if (!each.gold.empty())\n"),),
        of_gold=True),
)
