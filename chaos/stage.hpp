// What a chaos run is played on: the throwaway topology with its processes,
// the proxy in front of ClickHouse, the load and who watches them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include <tl/expected.hpp>

#include "chaos/cluster.hpp"
#include "chaos/fault_proxy.hpp"
#include "chaos/gold_watch.hpp"
#include "chaos/load.hpp"
#include "chaos/model.hpp"
#include "chaos/run.hpp"
#include "chaos/scraper.hpp"
#include "chaos/throwaway.hpp"
#include "chaos/write_gaps.hpp"
#include "kafka/group_positions.hpp"
#include "kafka/topic_follower.hpp"

namespace sluice::chaos {

/// Built up and taken down by one thread, the main one.
class stage {
public:
  explicit stage(const run_options& options);
  ~stage();
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  /// Broker, ClickHouse, proxy, topics, tables, nodes, load, in this order.
  [[nodiscard]] tl::expected<void, std::string> set_up();

  [[nodiscard]] cluster& processes() { return cluster_; }
  [[nodiscard]] fault_proxy& proxy() { return *proxy_; }
  [[nodiscard]] load& records() { return *load_; }
  [[nodiscard]] const throwaway_topology& copy() const { return copy_; }
  [[nodiscard]] metric_sums counters() const { return scraper_->sums(); }
  [[nodiscard]] tl::expected<void, std::string> start_node(std::size_t number);

  /// Something broke now, for the gaps in the writes.
  void broke(const std::string& what);
  [[nodiscard]] std::map<std::string, std::chrono::milliseconds>
  longest_gaps() const;

  /// Runs a statement on ClickHouse itself until it succeeds or the deadline
  /// has passed.
  [[nodiscard]] tl::expected<void, std::string>
  insist(const std::string& sql, std::chrono::milliseconds deadline);
  /// Records that the group has not committed yet, dead letters that were not
  /// read yet; std::nullopt when the broker does not say.
  [[nodiscard]] std::optional<std::int64_t> unread();
  /// Reads the control log to its end and says how many windows of gold are to
  /// be run, or to be run again because they are not what was run; std::nullopt
  /// when the broker or ClickHouse does not say.
  [[nodiscard]] std::optional<std::size_t> windows_to_run();
  /// What the followers of the topics have seen so far.
  void look_at_model(const std::function<void(const model&)>& look) const;
  /// Troubles of the followers, one line each.
  [[nodiscard]] std::vector<std::string> troubles() const;

private:
  [[nodiscard]] tl::expected<void, std::string> set_up_broker();
  [[nodiscard]] tl::expected<void, std::string> set_up_clickhouse();
  [[nodiscard]] tl::expected<void, std::string> set_up_tables();
  [[nodiscard]] tl::expected<void, std::string> set_up_followers();
  [[nodiscard]] tl::expected<void, std::string> set_up_load();
  /// Once a second.
  void look();
  void watch_backlog();

  const run_options& options_;
  cluster cluster_;
  throwaway_topology copy_;
  std::vector<kafka::topic_plan> topics_;
  std::filesystem::path topology_file_;
  bool owns_broker_ = false;
  mutable std::mutex mutex_; // guards the next three
  write_gaps gaps_;
  std::unique_ptr<model> model_;
  std::vector<std::string> troubles_;
  std::atomic<bool> is_behind_ = false;
  std::unique_ptr<fault_proxy> proxy_;
  std::unique_ptr<kafka::group_positions> positions_;
  std::unique_ptr<kafka::topic_follower> follower_;
  std::unique_ptr<gold_watch> golds_;
  std::unique_ptr<scraper> scraper_;
  std::unique_ptr<load> load_;
};

} // namespace sluice::chaos
