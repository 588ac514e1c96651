// The broker's side of a consumer group under the cooperative protocol: who is
// a member, which generation it is, and who shall have what.
//
//   stable ──► preparing (members are asked to come) ──► completing ──► stable
//
// As in Kafka (group/GroupCoordinator, KIP-429, KIP-345): a commit is judged by
// member and generation, not by ownership; while a rebalance is completing it
// is refused; a static member that comes back takes its partitions over without
// a rebalance, and its former life is fenced.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "kafka/source.hpp"
#include "simulation/broker.hpp"
#include "simulation/stage.hpp"

namespace sluice::simulation {

using member_id = int;

/// A member as the coordinator reaches it.
class group_client {
public:
  virtual ~group_client() = default;
  /// The rebalance is complete: give up `revoke` and say so, take `assign`.
  virtual void synced(int generation,
                      const std::vector<kafka::topic_partition>& revoke,
                      const std::vector<kafka::topic_partition>& assign) = 0;
  /// It is no member any more (its session expired, or it was fenced).
  virtual void expelled(member_id former) = 0;
};

enum class commit_answer {
  stored,
  unknown_member,
  illegal_generation,
  rebalance_in_progress,
};

class group_coordinator {
public:
  group_coordinator(stage& on, broker& logs) : on_{on}, logs_{logs} {}

  /// How long a member may be silent.
  static constexpr instant session_timeout = std::chrono::seconds{10};
  /// How long a rebalance waits for a member that has not come.
  static constexpr instant rebalance_timeout = std::chrono::seconds{60};

  [[nodiscard]] member_id join(group_client& client,
                               std::optional<int> instance);
  void leave(member_id id);
  /// The member's process stands still or is gone.
  void hears_nothing_of(member_id id);
  void hears_of(member_id id);
  /// The member has given up what it was told to.
  void gave_up(member_id id);
  [[nodiscard]] commit_answer commit(member_id id, int generation,
                                     const kafka::topic_partition& where,
                                     kafka::committed_position position);
  /// Somebody new may get the partition that somebody has.
  void shuffle() {
    shuffle_ = true;
    begin_rebalance();
  }

private:
  enum class phase { stable, preparing, completing };
  using partitions = std::set<kafka::topic_partition>;
  struct member {
    group_client* client;
    std::optional<int> instance;
    bool silent = false;
    /// Counts silences, so that a session ends by the silence that began it.
    int silences = 0;
    partitions owned;
    partitions revoking;
  };

  void begin_rebalance();
  void try_complete();
  void complete();
  void expel(member_id id);
  [[nodiscard]] std::map<kafka::topic_partition, member_id> assignment();
  void sync(member_id id, const partitions& revoke, const partitions& assign);

  stage& on_;
  broker& logs_;
  std::map<member_id, member> members_;
  member_id last_id_ = 0;
  int generation_ = 0;
  phase phase_ = phase::stable;
  instant asked_{0};
  bool shuffle_ = false;
};

} // namespace sluice::simulation
