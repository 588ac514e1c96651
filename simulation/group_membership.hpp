// A node's side of the consumer group: what kafka/group_core does with
// librdkafka, done with the simulated broker.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kafka/source.hpp"
#include "simulation/broker.hpp"
#include "simulation/group_coordinator.hpp"
#include "simulation/process.hpp"
#include "simulation/stage.hpp"

namespace sluice::simulation {

/// A partition that the member holds; shared with the source that was handed
/// out for it.
struct holding {
  kafka::topic_partition where;
  /// The listener has its source.
  bool handed = false;
  bool started = false;
  /// Counts how often it was opened again.
  int life = 0;
  /// Given up: nothing is delivered any more.
  bool closed = false;
  /// -1: not started.
  std::int64_t position = -1;
  /// The member's queue has everything below.
  std::int64_t fetched = 0;
  bool fetching = false;
  std::function<void()> notify;
  std::optional<kafka::source_failure> failure;
  std::size_t commits = 0;
};

class group_membership final : public kafka::group_member, public group_client {
public:
  group_membership(stage& on, broker& logs, group_coordinator& group,
                   process& self, std::optional<int> instance);

  /// Joins; `listener` hears what the group decides.
  void join(std::shared_ptr<kafka::group_listener> listener);
  /// Gives everything up and leaves when that is done.
  void leave();
  [[nodiscard]] bool has_left() const { return left_; }
  [[nodiscard]] member_id id() const { return id_; }
  /// New records are on a partition.
  void appended(const kafka::topic_partition& where);

  void reopen(const kafka::topic_partition& where) override;
  void release(const kafka::topic_partition& where) override;
  void close(std::chrono::milliseconds deadline) override;

  void synced(int generation, const std::vector<kafka::topic_partition>& revoke,
              const std::vector<kafka::topic_partition>& assign) override;
  void expelled(member_id former) override;

  /// From a source.
  void start(const std::shared_ptr<holding>& of,
             std::optional<std::int64_t> offset);
  void commit(const std::shared_ptr<holding>& of, std::int64_t offset,
              std::string metadata,
              std::function<void(kafka::commit_outcome)> done);
  [[nodiscard]] kafka::record_batch_ptr
  take(holding& of, std::size_t records_max, std::size_t bytes_max);
  [[nodiscard]] kafka::log_bounds
  bounds(const kafka::topic_partition& where) const;
  [[nodiscard]] bool is_alive() const { return self_.is_alive(); }

private:
  using holding_ptr = std::shared_ptr<holding>;
  using answer = std::function<void(kafka::commit_outcome)>;

  void give_up(const std::vector<kafka::topic_partition>& partitions);
  void end_revocation();
  void lose(const std::set<kafka::topic_partition>& partitions);
  void ask_position(const kafka::topic_partition& where);
  void hand_out(const kafka::topic_partition& where,
                kafka::committed_position position);
  void reopen_waiting(const kafka::topic_partition& where);
  void plan_fetch(const holding_ptr& of);
  void fetch(holding& of);
  void commit_arrives(const holding_ptr& of, member_id id, int generation,
                      kafka::committed_position position, bool reply_lost,
                      const answer& done);
  void answer_commit(const holding_ptr& of, const answer& done,
                     kafka::commit_outcome outcome);
  void say(const std::string& text);

  stage& on_;
  broker& logs_;
  group_coordinator& group_;
  process& self_;
  std::optional<int> instance_;
  std::shared_ptr<kafka::group_listener> listener_;
  member_id id_ = 0;
  /// -1: no member now.
  int generation_ = -1;
  std::map<kafka::topic_partition, holding_ptr> held_;
  std::set<kafka::topic_partition> revoked_;
  std::set<kafka::topic_partition> waiting_;
  int revocations_ = 0;
  std::set<kafka::topic_partition> to_reopen_;
  bool leaving_ = false;
  bool left_ = false;
};

} // namespace sluice::simulation
