#include "simulation/group_coordinator.hpp"

#include <algorithm>

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;

std::string names(const std::set<kafka::topic_partition>& partitions) {
  std::string result;
  for (const auto& each : partitions)
    result += " " + kafka::to_string(each);
  return result;
}

std::vector<kafka::topic_partition>
listed(const std::set<kafka::topic_partition>& partitions) {
  return {partitions.begin(), partitions.end()};
}

} // namespace

member_id group_coordinator::join(group_client& client,
                                  std::optional<int> instance) {
  const auto id = ++last_id_;
  if (instance) {
    const auto former = std::ranges::find_if(members_, [&](const auto& each) {
      return each.second.instance == instance;
    });
    if (former != members_.end()) {
      ++on_.counts["static members that came back"];
      auto* fenced = former->second.client;
      const auto fenced_id = former->first;
      partitions owned = former->second.owned;
      members_.erase(former);
      members_.emplace(id, member{&client, instance, false, 0, owned, {}});
      on_.time.after(on_.hop(), [=] { fenced->expelled(fenced_id); });
      if (phase_ == phase::stable)
        sync(id, {}, owned);
      else
        members_.at(id).owned.clear();
      return id;
    }
  }
  members_.emplace(id, member{&client, instance, false, 0, {}, {}});
  begin_rebalance();
  return id;
}

void group_coordinator::leave(member_id id) {
  if (members_.erase(id) > 0)
    begin_rebalance();
}

void group_coordinator::hears_nothing_of(member_id id) {
  const auto found = members_.find(id);
  if (found == members_.end())
    return;
  found->second.silent = true;
  const auto silence = ++found->second.silences;
  on_.time.after(session_timeout, [this, id, silence] {
    const auto still = members_.find(id);
    if (still == members_.end() || !still->second.silent
        || still->second.silences != silence)
      return;
    ++on_.counts["sessions expired"];
    expel(id);
  });
}

void group_coordinator::hears_of(member_id id) {
  const auto found = members_.find(id);
  if (found != members_.end())
    found->second.silent = false;
}

void group_coordinator::expel(member_id id) {
  on_.out.line("broker", [&] { return "expels member " + std::to_string(id); });
  auto* client = members_.at(id).client;
  members_.erase(id);
  on_.time.after(on_.hop(), [client, id] { client->expelled(id); });
  begin_rebalance();
}

void group_coordinator::gave_up(member_id id) {
  const auto found = members_.find(id);
  if (found == members_.end() || found->second.revoking.empty())
    return;
  for (const auto& each : std::exchange(found->second.revoking, {}))
    found->second.owned.erase(each);
  begin_rebalance();
}

void group_coordinator::begin_rebalance() {
  if (phase_ != phase::stable)
    return;
  phase_ = phase::preparing;
  asked_ = on_.time.now();
  on_.time.after(on_.chance.within(5ms, 200ms), [this] { try_complete(); });
}

void group_coordinator::try_complete() {
  const auto missing = std::ranges::find_if(members_, [](const auto& each) {
    return each.second.silent || !each.second.revoking.empty();
  });
  if (missing != members_.end()) {
    if (on_.time.now() - asked_ >= rebalance_timeout)
      expel(missing->first);
    on_.time.after(100ms, [this] { try_complete(); });
    return;
  }
  phase_ = phase::completing;
  on_.time.after(on_.chance.within(1ms, 50ms), [this] { complete(); });
}

std::map<kafka::topic_partition, member_id> group_coordinator::assignment() {
  std::map<member_id, std::size_t> load;
  for (const auto& each : members_)
    load[each.first] = 0;
  const auto count = logs_.logs().size();
  const auto most = (count + load.size() - 1) / load.size();
  std::map<kafka::topic_partition, member_id> result;
  for (const auto& [id, each] : members_)
    for (const auto& where : each.owned)
      if (load[id] < most) {
        result.emplace(where, id);
        ++load[id];
      }
  for (const auto& each : logs_.logs()) {
    if (result.contains(each.first))
      continue;
    const auto least = std::ranges::min_element(
        load, {}, [](const auto& entry) { return entry.second; });
    result.emplace(each.first, least->first);
    ++least->second;
  }
  if (std::exchange(shuffle_, false)) {
    const auto moved =
        std::next(result.begin(),
                  static_cast<std::ptrdiff_t>(on_.chance.below(result.size())));
    const auto to = std::next(
        members_.begin(),
        static_cast<std::ptrdiff_t>(on_.chance.below(members_.size())));
    moved->second = to->first;
  }
  return result;
}

void group_coordinator::complete() {
  phase_ = phase::stable;
  ++generation_;
  ++on_.counts["rebalances"];
  if (members_.empty())
    return;
  const auto target = assignment();
  partitions owned;
  for (const auto& each : members_)
    owned.insert(each.second.owned.begin(), each.second.owned.end());
  for (auto& [id, each] : members_) {
    partitions assign;
    partitions revoke;
    for (const auto& [where, owner] : target)
      if (owner == id && !owned.contains(where))
        assign.insert(where);
    for (const auto& where : each.owned)
      if (target.at(where) != id)
        revoke.insert(where);
    each.owned.insert(assign.begin(), assign.end());
    each.revoking = revoke;
    sync(id, revoke, assign);
  }
}

void group_coordinator::sync(member_id id, const partitions& revoke,
                             const partitions& assign) {
  on_.out.line("broker", [&] {
    return "generation " + std::to_string(generation_) + ": member "
           + std::to_string(id) + " gives up:" + names(revoke)
           + "; gets:" + names(assign);
  });
  on_.time.after(on_.hop(), [this, id, generation = generation_, revoke,
                             assign] {
    const auto found = members_.find(id);
    if (found != members_.end())
      found->second.client->synced(generation, listed(revoke), listed(assign));
  });
}

commit_answer group_coordinator::commit(member_id id, int generation,
                                        const kafka::topic_partition& where,
                                        kafka::committed_position position) {
  if (!members_.contains(id))
    return commit_answer::unknown_member;
  if (generation != generation_)
    return commit_answer::illegal_generation;
  if (phase_ == phase::completing)
    return commit_answer::rebalance_in_progress;
  logs_.store(where, std::move(position));
  return commit_answer::stored;
}

} // namespace sluice::simulation
