// The group member's own thread: assignments, revocations and commits.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kafka/fetch_limits.hpp"
#include "kafka/group_source.hpp"
#include "kafka/inquirer.hpp"
#include "kafka/partition_reader.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/trouble_board.hpp"

namespace sluice::kafka {

/// One membership, from joining to leaving or to being expelled; what
/// join_group hands out holds one after the other (renewed_member). Everything
/// that is decided is decided on its thread; other threads leave work with
/// post().
///
/// A partition's way: assigned -> (committed position asked) -> handed to the
/// listener -> started -> revoked -> released -> given up. Under the
/// cooperative protocol librdkafka is told of a partition when it is started
/// for the first time, at its exact offset. The eager protocol must name all
/// partitions at once: there they stand closed at the log's end until a seek
/// has succeeded, as a partition does that is handed out again.
class group_core : public std::enable_shared_from_this<group_core> {
public:
  using answer = std::function<void(commit_outcome)>;
  using reader_ptr = std::shared_ptr<partition_reader>;

  /// `ended`: called from its thread, as the last thing that it does, when
  /// Kafka has ended the membership; everything was given up before.
  group_core(group_options options, fetch_limits limits,
             std::shared_ptr<client> link,
             std::shared_ptr<group_listener> listener,
             std::function<void()> ended);
  ~group_core();
  group_core(const group_core&) = delete;
  group_core& operator=(const group_core&) = delete;

  /// Subscribes and starts the threads.
  [[nodiscard]] tl::expected<void, std::string> begin();

  /// From the owner of `reader`; does nothing when the partition has another.
  void start(const reader_ptr& reader, std::optional<std::int64_t> offset);
  void reopen(const topic_partition& where);
  void release(const topic_partition& where);
  /// Likewise, but answered then, too.
  void commit(const reader_ptr& reader, std::int64_t offset,
              std::string metadata, const answer& done);
  void close(std::chrono::milliseconds deadline);

private:
  using clock = std::chrono::steady_clock;
  /// What leaving the group may take of close()'s deadline.
  static constexpr std::chrono::milliseconds leave_reserve{500};
  struct holding {
    reader_ptr reader;
    bool handed = false;     // the listener has its source
    bool in_library = false; // part of librdkafka's own assignment
    bool started = false;
    bool broken = false; // its fetcher has stopped for good: no seek helps
  };
  struct revocation {
    std::vector<topic_partition> all;
    std::set<topic_partition> waiting;
    clock::time_point deadline;
  };
  struct pending_commit {
    reader_ptr reader;
    std::int64_t offset;
    std::string metadata;
    answer done;
  };

  /// False when the thread has ended; `work` is dropped then.
  bool post(std::function<void()> work);
  void run();
  void run_posted();
  void handle(rd_kafka_event_t* event);
  [[nodiscard]] bool is_finished();
  void leave();
  void disconnect();
  void watch_membership();
  void expel();
  void finish();

  void on_rebalance(rd_kafka_event_t* event);
  void on_assigned(std::vector<topic_partition> partitions);
  void on_revoked(std::vector<topic_partition> partitions);
  void on_starting_point(const reader_ptr& of, starting_point point);
  void watch_revocation();
  void end_revocation();
  void lose(const std::set<topic_partition>& partitions);
  void start_at(const reader_ptr& of, std::int64_t offset);
  [[nodiscard]] holding* held_by(const partition_reader& reader);
  [[nodiscard]] reader_ptr make_reader(const topic_partition& where);
  void enter_library(const topic_partition& where, holding& item);
  void leave_library(const topic_partition& where, holding& item);
  void reopen_waiting();
  void suspend_all();
  void reposition();
  [[nodiscard]] bool is_cooperative() const;
  void change_assignment(bool add, rd_kafka_topic_partition_list_t* list);

  void send_commit(pending_commit wanted);
  void on_commit_reply(rd_kafka_event_t* event);
  [[nodiscard]] bool is_member() const;

  void on_error(rd_kafka_event_t* event);
  void on_outcome(rd_kafka_resp_err_t error);

  group_options options_;
  fetch_limits limits_;
  std::shared_ptr<client> link_;
  std::shared_ptr<group_listener> listener_;
  std::function<void()> ended_membership_;
  queue_ptr events_;
  trouble_board troubles_;
  std::unique_ptr<inquirer> inquirer_;

  std::map<topic_partition, holding> held_;
  std::map<topic_partition, std::shared_ptr<fetch_bell>> bells_;
  std::set<topic_partition> to_seek_;
  std::set<topic_partition> to_reopen_;
  std::optional<revocation> revocation_;
  std::map<std::uintptr_t, pending_commit> commits_;
  std::uintptr_t last_commit_ = 0;
  /// librdkafka may have taken a partition's leaving for the answer to a
  /// revocation that is still to be read.
  bool answered_early_ = false;
  std::optional<clock::time_point> closing_; // deadline
  bool leaving_ = false; // unsubscribed, not yet out of the group
  /// What Kafka calls this member; empty: it has not joined yet.
  std::string member_;
  bool was_assigned_ = false;
  bool expelled_ = false;

  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  bool ended_ = false;
  std::mutex closing_mutex_;
  std::thread thread_;
};

} // namespace sluice::kafka
