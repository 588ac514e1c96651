#include "simulation/group_membership.hpp"

#include <algorithm>

#include "simulation/partition_source.hpp"

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;

/// As group_options::revocation_deadline.
constexpr instant revocation_deadline = 30s;

} // namespace

group_membership::group_membership(stage& on, broker& logs,
                                   group_coordinator& group, process& self,
                                   std::optional<int> instance)
    : on_{on}, logs_{logs}, group_{group}, self_{self}, instance_{instance} {}

void group_membership::say(const std::string& text) {
  on_.out.line(self_.name(), [&] { return text; });
}

void group_membership::join(std::shared_ptr<kafka::group_listener> listener) {
  listener_ = std::move(listener);
  id_ = group_.join(*this, instance_);
  say("joins as member " + std::to_string(id_));
}

void group_membership::leave() {
  if (leaving_)
    return;
  leaving_ = true;
  say("leaves the group");
  std::vector<kafka::topic_partition> all;
  for (const auto& each : held_)
    all.push_back(each.first);
  give_up(all);
}

void group_membership::close(std::chrono::milliseconds) { leave(); }

void group_membership::synced(
    int generation, const std::vector<kafka::topic_partition>& revoke,
    const std::vector<kafka::topic_partition>& assign) {
  self_.reach([=, this] {
    generation_ = generation;
    for (const auto& where : assign) {
      held_[where] = std::make_shared<holding>();
      held_[where]->where = where;
      ask_position(where);
    }
    if (!revoke.empty() && !leaving_)
      give_up(revoke);
  });
}

void group_membership::give_up(
    const std::vector<kafka::topic_partition>& partitions) {
  revoked_.insert(partitions.begin(), partitions.end());
  std::vector<kafka::topic_partition> handed;
  for (const auto& where : partitions) {
    const auto found = held_.find(where);
    if (found != held_.end() && found->second->handed
        && waiting_.insert(where).second)
      handed.push_back(where);
  }
  if (!handed.empty())
    listener_->revoked(handed);
  if (waiting_.empty())
    return end_revocation();
  on_.time.after(revocation_deadline, [this, turn = ++revocations_] {
    self_.reach([this, turn] {
      if (turn != revocations_ || waiting_.empty())
        return;
      lose(std::exchange(waiting_, {}));
      end_revocation();
    });
  });
}

void group_membership::release(const kafka::topic_partition& where) {
  self_.reach([=, this] {
    if (waiting_.erase(where) > 0 && waiting_.empty())
      end_revocation();
  });
}

void group_membership::end_revocation() {
  ++revocations_;
  for (const auto& where : std::exchange(revoked_, {})) {
    const auto found = held_.find(where);
    if (found == held_.end())
      continue;
    found->second->closed = true;
    held_.erase(found);
    to_reopen_.erase(where);
  }
  on_.time.after(on_.hop(), [this, id = id_, leaving = leaving_] {
    if (leaving)
      group_.leave(id);
    else
      group_.gave_up(id);
  });
  left_ = leaving_;
}

void group_membership::lose(
    const std::set<kafka::topic_partition>& partitions) {
  for (const auto& where : partitions)
    if (const auto found = held_.find(where); found != held_.end())
      found->second->closed = true;
  if (!partitions.empty())
    listener_->lost({partitions.begin(), partitions.end()});
}

/// A process that stood still learns of it with its next heartbeat.
void group_membership::expelled(member_id former) {
  self_.reach([=, this] {
    on_.time.after(on_.chance.within(1ms, 3s), [=, this] {
      self_.reach([=, this] {
        if (id_ != former || left_)
          return;
        say("learns that it is no member any more");
        generation_ = -1;
        std::set<kafka::topic_partition> handed;
        for (const auto& [where, each] : held_)
          if (each->handed)
            handed.insert(where);
        lose(handed);
        ++revocations_;
        held_.clear();
        waiting_.clear();
        revoked_.clear();
        to_reopen_.clear();
        left_ = leaving_;
        if (!leaving_)
          on_.time.after(on_.chance.within(1ms, 500ms), [this] {
            self_.reach([this] {
              if (leaving_)
                return;
              id_ = group_.join(*this, instance_);
              say("joins again as member " + std::to_string(id_));
            });
          });
      });
    });
  });
}

void group_membership::ask_position(const kafka::topic_partition& where) {
  on_.time.after(on_.hop(), [=, this] {
    const auto position = logs_.log(where).committed;
    on_.time.after(on_.hop(), [=, this] {
      self_.reach([=, this] { hand_out(where, position); });
    });
  });
}

void group_membership::hand_out(const kafka::topic_partition& where,
                                kafka::committed_position position) {
  const auto found = held_.find(where);
  if (found == held_.end() || found->second->handed || leaving_
      || revoked_.contains(where))
    return;
  found->second->handed = true;
  std::vector<kafka::assigned_partition> one;
  one.push_back({std::make_unique<partition_source>(*this, found->second),
                 std::move(position), logs_.partitions_of(where.topic),
                 bounds(where)});
  listener_->assigned(std::move(one));
}

void group_membership::reopen(const kafka::topic_partition& where) {
  self_.reach([=, this] {
    to_reopen_.insert(where);
    reopen_waiting(where);
  });
}

/// A commit under way may still move the position that is to be read.
void group_membership::reopen_waiting(const kafka::topic_partition& where) {
  const auto found = held_.find(where);
  if (found == held_.end()) {
    to_reopen_.erase(where);
    return;
  }
  if (found->second->commits > 0 || to_reopen_.erase(where) == 0)
    return;
  auto& item = *found->second;
  item.handed = false;
  item.started = false;
  ++item.life;
  item.position = -1;
  item.failure.reset();
  ask_position(where);
}

void group_membership::start(const holding_ptr& of,
                             std::optional<std::int64_t> offset) {
  if (!is_alive())
    return;
  // On the member's own thread: the owner goes on meanwhile.
  on_.time.after(1ms, [=, this, life = of->life] {
    self_.reach([=, this] {
      if (of->life != life || of->closed)
        return;
      of->position = offset.value_or(logs_.log(of->where).start);
      of->fetched = of->position;
      of->started = true;
      of->failure.reset();
      plan_fetch(of);
    });
  });
}

void group_membership::appended(const kafka::topic_partition& where) {
  const auto found = held_.find(where);
  if (found != held_.end() && found->second->started)
    plan_fetch(found->second);
}

void group_membership::plan_fetch(const holding_ptr& of) {
  if (std::exchange(of->fetching, true))
    return;
  const auto delay = on_.strikes(on_.faults.fetch_slow, "slow fetches")
                         ? on_.chance.within(500ms, 3s)
                         : on_.hop();
  on_.time.after(delay, [this, of] {
    self_.reach([this, of] {
      of->fetching = false;
      if (of->started && !of->closed)
        fetch(*of);
    });
  });
}

void group_membership::fetch(holding& of) {
  const auto& log = logs_.log(of.where);
  using kind = kafka::source_failure::kind;
  if (of.fetched < log.start || of.fetched > log.end)
    of.failure = {of.fetched < log.start ? kind::records_lost
                                         : kind::beyond_end,
                  log.start, log.end,
                  "cannot be read at offset " + std::to_string(of.fetched)
                      + ": offset out of range"};
  else
    of.fetched = log.end;
  if (of.notify)
    of.notify();
}

kafka::record_batch_ptr group_membership::take(holding& of,
                                               std::size_t records_max,
                                               std::size_t bytes_max) {
  if (!is_alive() || !of.started || of.closed)
    return nullptr;
  if (on_.chance.chance(0.2))
    records_max = 1 + on_.chance.below(records_max);
  const auto& log = logs_.log(of.where);
  std::vector<kafka::owned_record> taken;
  std::size_t bytes = 0;
  for (auto i = log.index_at(of.position);
       i < log.records.size() && taken.size() < records_max; ++i) {
    const auto& next = log.records[i];
    bytes += next.key.value_or("").size() + next.value.value_or("").size();
    if (next.offset >= of.fetched || (!taken.empty() && bytes > bytes_max))
      break;
    taken.push_back(next);
  }
  if (taken.empty()) {
    of.position = std::max(of.position, of.fetched);
    return nullptr;
  }
  of.position = taken.back().offset + 1;
  return kafka::make_record_batch(std::move(taken));
}

kafka::log_bounds
group_membership::bounds(const kafka::topic_partition& where) const {
  const auto& log = logs_.log(where);
  return {log.start, log.end};
}

} // namespace sluice::simulation
