// The thread that asks brokers, so that the group's own thread never waits.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/partition_reader.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/source.hpp"

namespace sluice::kafka {

/// What must be known of a partition before its owner can begin.
struct starting_point {
  committed_position committed;
  log_bounds bounds;
  /// Of the topic.
  std::int32_t partition_count = 0;
};

/// Asks for starting points and log bounds, repeats what fails until it is
/// forgotten, keeps the bounds of watched partitions fresh, and nudges their
/// fetchers. The callbacks run on its thread.
class inquirer {
public:
  using reader_ptr = std::shared_ptr<partition_reader>;
  struct answers {
    std::function<void(reader_ptr, starting_point)> starting;
    std::function<void(reader_ptr, std::int64_t)> earliest;
    /// Outcome of each question; NO_ERROR: a broker has answered.
    std::function<void(rd_kafka_resp_err_t)> outcome;
    /// Every topic asked for by await_topics exists now.
    std::function<void()> topics_there;
    /// A watched topic has more partitions than was told last.
    std::function<void(std::string, std::int32_t)> partitions_added;
  };

  inquirer(std::shared_ptr<client> link, answers to);
  ~inquirer();
  inquirer(const inquirer&) = delete;
  inquirer& operator=(const inquirer&) = delete;

  /// Where the partitions of these readers stand; the answer names the reader,
  /// because its partition may have another one by then.
  void ask_starting(const std::vector<reader_ptr>& readers);
  void ask_earliest(const reader_ptr& reader);
  void await_topics(const std::vector<std::string>& topics);
  /// Of a partition only the reader that came last is watched.
  void watch(reader_ptr reader);
  /// No answer about it comes any more, but for one already under way.
  void forget(const topic_partition& where);
  /// Ends the thread after the question under way (at most a second).
  void stop();

private:
  void run();
  /// Whether everything asked was answered.
  bool answer_questions();
  using questions = std::map<topic_partition, reader_ptr>;
  bool answer_starting(const questions& partitions);
  bool answer_starting(const std::vector<reader_ptr>& readers,
                       std::vector<starting_point> points);
  void tell_starting(const reader_ptr& of, starting_point point);
  [[nodiscard]] std::optional<std::int32_t>
  partition_count(const std::string& topic);
  void watch_counts();
  bool answer_earliest(const reader_ptr& of);
  bool answer_topics(const std::set<std::string>& topics);
  void refresh_all();
  void nudge_all();
  void judge_refused();
  [[nodiscard]] bool is_apart() const {
    return std::chrono::steady_clock::now() < apart_until_;
  }
  /// A question to all partitions together has failed, perhaps because of one:
  /// for a while each is asked alone. Always false.
  bool ask_apart();
  bool refresh(const std::vector<reader_ptr>& readers);
  bool nudge(const std::vector<reader_ptr>& readers);
  [[nodiscard]] std::vector<reader_ptr> watched();

  std::shared_ptr<client> link_;
  answers to_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  questions starting_;
  questions earliest_;
  std::set<std::string> topics_;
  std::map<topic_partition, reader_ptr> watched_;
  // What was told last. Only the thread uses it.
  std::map<std::string, std::int32_t> counts_;
  std::chrono::steady_clock::time_point apart_until_;
  std::size_t turn_ = 0;
  std::thread thread_;
};

} // namespace sluice::kafka
