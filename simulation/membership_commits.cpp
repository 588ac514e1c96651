// group_membership: a commit's way to the broker and back, and what may become
// of it.
#include <utility>

#include "simulation/group_membership.hpp"

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;
using kafka::commit_outcome;
using kafka::commit_status;

/// The client gives a request up after this.
constexpr instant request_timeout = 5s;

/// As kafka/commit_reply.cpp judges the broker's errors.
commit_outcome outcome_of(commit_answer answer) {
  switch (answer) {
  case commit_answer::stored:
    return {commit_status::recorded, {}};
  case commit_answer::unknown_member:
    return {commit_status::not_owner, "Broker: Unknown member"};
  case commit_answer::illegal_generation:
    return {commit_status::not_owner,
            "Broker: Specified group generation id is not valid"};
  case commit_answer::rebalance_in_progress:
    break;
  }
  return {commit_status::retry, "Broker: Group rebalance in progress"};
}

} // namespace

void group_membership::commit(const std::shared_ptr<holding>& of,
                              std::int64_t offset, std::string metadata,
                              answer done) {
  if (!is_alive())
    return;
  if (of->commits > 0 && of->handed)
    on_.violate(self_.name() + " has two commits of "
                + kafka::to_string(of->where) + " in flight");
  const auto found = held_.find(of->where);
  if (found == held_.end() || found->second != of)
    return done(
        {commit_status::not_owner,
         kafka::to_string(of->where) + " is not assigned to this node"});
  if (generation_ < 0)
    return done(
        {commit_status::retry, "this node is not a member of the group now"});
  on_.out.line(self_.name(), [&] {
    return "commits " + kafka::to_string(of->where) + " at "
           + std::to_string(offset) + " '" + metadata + "'";
  });
  ++of->commits;
  if (on_.strikes(on_.faults.commit_lost, "commits lost")) {
    say("this commit is lost on its way");
    on_.time.after(request_timeout, [=, this] {
      answer_commit(of, done, {commit_status::retry, "Local: Timed out"});
    });
    return;
  }
  const auto way = on_.strikes(on_.faults.commit_slow, "slow commits")
                       ? on_.chance.within(100ms, 4s)
                       : on_.hop();
  const auto reply_lost =
      on_.strikes(on_.faults.commit_reply_lost, "commit replies lost");
  kafka::committed_position position{offset, std::move(metadata)};
  on_.time.after(way, [=, this, id = id_, generation = generation_] {
    commit_arrives(of, id, generation, position, reply_lost, done);
  });
}

void group_membership::commit_arrives(const holding_ptr& of, member_id id,
                                      int generation,
                                      kafka::committed_position position,
                                      bool reply_lost, const answer& done) {
  const auto decided =
      group_.commit(id, generation, of->where, std::move(position));
  auto outcome = outcome_of(decided);
  if (decided == commit_answer::rebalance_in_progress)
    ++on_.counts["commits refused in a rebalance"];
  else if (decided != commit_answer::stored)
    ++on_.counts["commits refused to a former member"];
  if (outcome.status != commit_status::recorded)
    say("the broker refuses the commit: " + outcome.reason);
  if (reply_lost) {
    say("the broker's answer to the commit is lost");
    outcome = {commit_status::retry, "Local: Timed out"};
  }
  const auto back = reply_lost ? request_timeout : on_.hop();
  on_.time.after(back, [=, this] { answer_commit(of, done, outcome); });
}

void group_membership::answer_commit(const holding_ptr& of, const answer& done,
                                     commit_outcome outcome) {
  self_.reach([=, this]() mutable {
    --of->commits;
    const auto found = held_.find(of->where);
    const auto ours = found != held_.end() && found->second == of;
    if (outcome.status == commit_status::recorded && !ours)
      outcome = {commit_status::not_owner,
                 kafka::to_string(of->where)
                     + " was given up before the answer"};
    done(outcome);
    if (ours)
      reopen_waiting(of->where);
  });
}

} // namespace sluice::simulation
