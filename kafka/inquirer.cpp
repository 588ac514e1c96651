#include "kafka/inquirer.hpp"

#include <algorithm>
#include <utility>

#include "kafka/log_query.hpp"

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Also bounds how long stop() takes.
constexpr int question_timeout_ms = 1000;
constexpr milliseconds refresh_interval{1000};
constexpr milliseconds nudge_interval_min{2};
/// The more partitions there are, the longer each may wait: together they have
/// as much in their queues as few have.
constexpr std::chrono::microseconds nudge_interval_per_partition{100};
constexpr milliseconds verdict_interval{100};
/// After a question to all partitions together has failed.
constexpr milliseconds apart_interval{5000};
/// As often as the group's own metadata is refreshed.
constexpr milliseconds count_interval{5000};
constexpr milliseconds backoff_min{50};
constexpr milliseconds backoff_max{2000};
/// From this version on librdkafka has fetch.queue.backoff.ms.
constexpr int version_without_stall = 0x02020000;

std::vector<topic_partition>
places_of(const std::vector<inquirer::reader_ptr>& readers) {
  std::vector<topic_partition> result;
  result.reserve(readers.size());
  for (const auto& each : readers)
    result.push_back(each->where());
  return result;
}

} // namespace

inquirer::inquirer(std::shared_ptr<client> link, answers to)
    : link_{std::move(link)}, to_{std::move(to)}, thread_{[this] { run(); }} {}

inquirer::~inquirer() { stop(); }

void inquirer::stop() {
  {
    std::lock_guard lock{mutex_};
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void inquirer::ask_starting(const std::vector<reader_ptr>& readers) {
  std::lock_guard lock{mutex_};
  for (const auto& each : readers)
    starting_[each->where()] = each;
  changed_.notify_all();
}

void inquirer::ask_earliest(const reader_ptr& reader) {
  std::lock_guard lock{mutex_};
  earliest_[reader->where()] = reader;
  changed_.notify_all();
}

void inquirer::await_topics(const std::vector<std::string>& topics) {
  std::lock_guard lock{mutex_};
  topics_.insert(topics.begin(), topics.end());
}

void inquirer::watch(reader_ptr reader) {
  std::lock_guard lock{mutex_};
  watched_[reader->where()] = std::move(reader);
}

void inquirer::forget(const topic_partition& where) {
  std::lock_guard lock{mutex_};
  starting_.erase(where);
  earliest_.erase(where);
  watched_.erase(where);
}

std::vector<inquirer::reader_ptr> inquirer::watched() {
  std::lock_guard lock{mutex_};
  std::vector<reader_ptr> result;
  result.reserve(watched_.size());
  for (const auto& [where, reader] : watched_)
    result.push_back(reader);
  return result;
}

void inquirer::run() {
  auto next_refresh = steady_clock::now();
  auto next_question = steady_clock::now();
  auto next_verdict = steady_clock::now();
  auto next_count = steady_clock::now() + count_interval;
  auto backoff = backoff_min;
  const bool stalls = rd_kafka_version() < version_without_stall;
  std::unique_lock lock{mutex_};
  while (!stop_) {
    const bool asked = !starting_.empty() || !earliest_.empty();
    const bool reading = stalls && !watched_.empty();
    auto now = steady_clock::now();
    std::chrono::microseconds pause = milliseconds{100};
    if (reading)
      pause = std::max<std::chrono::microseconds>(
          nudge_interval_min, nudge_interval_per_partition * watched_.size());
    if (asked && now >= next_question)
      pause = {};
    changed_.wait_for(lock, pause);
    if (stop_)
      break;
    lock.unlock();
    now = steady_clock::now();
    if (now >= next_question) {
      backoff =
          answer_questions() ? backoff_min : std::min(backoff * 2, backoff_max);
      // Without a question the next one is answered at once.
      next_question = asked ? now + backoff : now;
    }
    if (now >= next_refresh) {
      refresh_all();
      next_refresh = steady_clock::now() + refresh_interval;
    }
    if (now >= next_count) {
      watch_counts();
      next_count = steady_clock::now() + count_interval;
    }
    if (now >= next_verdict) {
      judge_refused();
      next_verdict = steady_clock::now() + verdict_interval;
    }
    if (reading)
      nudge_all();
    lock.lock();
  }
}

bool inquirer::answer_questions() {
  questions starting;
  questions earliest;
  {
    std::lock_guard lock{mutex_};
    starting = starting_;
    earliest = earliest_;
  }
  bool all = starting.empty() || answer_starting(starting);
  for (const auto& [where, reader] : earliest)
    all = answer_earliest(reader) && all;
  return all;
}

bool inquirer::answer_starting(const questions& partitions) {
  partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [where, reader] : partitions)
    rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(),
                                      where.partition);
  auto error =
      rd_kafka_committed(link_->get(), list.get(), question_timeout_ms);
  to_.outcome(error);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return false;
  bool all = true;
  std::vector<reader_ptr> readers;
  std::vector<starting_point> points;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& item = list->elems[i];
    if (item.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      to_.outcome(item.err);
      all = false;
      continue;
    }
    auto& position = points.emplace_back().committed;
    if (item.offset >= 0)
      position.offset = item.offset;
    if (item.metadata)
      position.metadata.assign(static_cast<const char*>(item.metadata),
                               item.metadata_size);
    readers.push_back(
        partitions.at(topic_partition{item.topic, item.partition}));
  }
  return answer_starting(readers, std::move(points)) && all;
}

bool inquirer::answer_starting(const std::vector<reader_ptr>& readers,
                               std::vector<starting_point> points) {
  if (readers.empty())
    return true;
  tl::expected<std::vector<log_bounds>, rd_kafka_resp_err_t> logs;
  if (!is_apart())
    logs = query_bounds(*link_, places_of(readers), question_timeout_ms);
  if (!logs) {
    to_.outcome(logs.error());
    return ask_apart();
  }
  std::map<std::string, std::optional<std::int32_t>> counts;
  bool all = true;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    const auto& where = readers[i]->where();
    const auto log = logs->empty()
                         ? query_bounds(*link_, where, question_timeout_ms)
                         : (*logs)[i];
    to_.outcome(log ? RD_KAFKA_RESP_ERR_NO_ERROR : log.error());
    if (log && !counts.contains(where.topic))
      counts[where.topic] = partition_count(where.topic);
    const auto count = log ? counts[where.topic] : std::nullopt;
    all = all && count;
    if (!count)
      continue;
    points[i].bounds = *log;
    points[i].partition_count = *count;
    tell_starting(readers[i], std::move(points[i]));
  }
  return all;
}

void inquirer::tell_starting(const reader_ptr& of, starting_point point) {
  const auto& where = of->where();
  {
    // Asked again in the meantime: this answer is from before.
    std::lock_guard lock{mutex_};
    auto at = starting_.find(where);
    if (at == starting_.end() || at->second != of)
      return;
    starting_.erase(at);
    of->set_bounds(point.bounds);
  }
  auto& known = counts_[where.topic];
  known = std::max(known, point.partition_count);
  to_.starting(of, std::move(point));
}

std::optional<std::int32_t>
inquirer::partition_count(const std::string& topic) {
  topic_ptr handle{rd_kafka_topic_new(link_->get(), topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  auto error = rd_kafka_metadata(link_->get(), 0, handle.get(), &raw,
                                 question_timeout_ms);
  to_.outcome(error);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  metadata_ptr answer{raw};
  if (answer->topic_cnt != 1
      || answer->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  return answer->topics[0].partition_cnt;
}

void inquirer::watch_counts() {
  std::set<std::string> topics;
  for (const auto& reader : watched())
    topics.insert(reader->where().topic);
  for (const auto& topic : topics) {
    // Before its first starting point nothing was told that could change.
    auto known = counts_.find(topic);
    if (known == counts_.end())
      continue;
    const auto count = partition_count(topic);
    if (!count)
      return;
    if (*count > known->second)
      to_.partitions_added(topic, *count);
    known->second = *count;
  }
}

bool inquirer::answer_earliest(const reader_ptr& of) {
  const auto& where = of->where();
  const auto log = query_bounds(*link_, where, question_timeout_ms);
  to_.outcome(log ? RD_KAFKA_RESP_ERR_NO_ERROR : log.error());
  if (!log)
    return false;
  {
    std::lock_guard lock{mutex_};
    auto at = earliest_.find(where);
    if (at == earliest_.end() || at->second != of)
      return true;
    earliest_.erase(at);
  }
  to_.earliest(of, log->start);
  return true;
}

bool inquirer::answer_topics(const std::set<std::string>& topics) {
  const rd_kafka_metadata_t* raw = nullptr;
  auto error =
      rd_kafka_metadata(link_->get(), 1, nullptr, &raw, question_timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return false;
  metadata_ptr all{raw};
  std::size_t there = 0;
  for (int i = 0; i < all->topic_cnt; ++i)
    if (all->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR
        && topics.contains(all->topics[i].topic))
      ++there;
  return there == topics.size();
}

bool inquirer::ask_apart() {
  apart_until_ = steady_clock::now() + apart_interval;
  return false;
}

bool inquirer::refresh(const std::vector<reader_ptr>& readers) {
  const auto logs =
      query_bounds(*link_, places_of(readers), question_timeout_ms);
  for (std::size_t i = 0; logs && i < readers.size(); ++i)
    readers[i]->set_bounds((*logs)[i]);
  to_.outcome(logs ? RD_KAFKA_RESP_ERR_NO_ERROR : logs.error());
  return logs.has_value();
}

bool inquirer::nudge(const std::vector<reader_ptr>& readers) {
  for (const auto& each : readers)
    each->nudged();
  const auto ends =
      query_log_ends(*link_, places_of(readers), question_timeout_ms);
  for (std::size_t i = 0; i < readers.size(); ++i)
    if (ends)
      readers[i]->set_end((*ends)[i]);
    else
      readers[i]->nudge_failed();
  to_.outcome(ends ? RD_KAFKA_RESP_ERR_NO_ERROR : ends.error());
  return ends.has_value();
}

void inquirer::refresh_all() {
  std::set<std::string> topics;
  {
    std::lock_guard lock{mutex_};
    topics = topics_;
  }
  if (!topics.empty() && answer_topics(topics)) {
    {
      std::lock_guard lock{mutex_};
      topics_.clear();
    }
    to_.topics_there();
  }
  if (const auto readers = watched(); !readers.empty()) {
    if (!is_apart()) {
      if (!refresh(readers))
        ask_apart();
      return;
    }
    for (const auto& each : readers)
      // One failure is told; the others would wait for the same broker.
      if (!refresh({each}))
        return;
    return;
  }
  const rd_kafka_metadata_t* raw = nullptr;
  auto error =
      rd_kafka_metadata(link_->get(), 0, nullptr, &raw, question_timeout_ms);
  metadata_ptr all{raw};
  to_.outcome(error);
}

void inquirer::judge_refused() {
  for (auto& reader : watched()) {
    if (!reader->wants_verdict())
      continue;
    const auto log = query_bounds(*link_, reader->where(), question_timeout_ms);
    to_.outcome(log ? RD_KAFKA_RESP_ERR_NO_ERROR : log.error());
    if (log)
      reader->judge(*log);
    else if (log.error() == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
             || log.error() == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
      reader->judge(std::nullopt);
    else
      return;
  }
}

/// A question wakes the thread of the leader that it goes to, which then
/// fetches for every partition that has room again.
void inquirer::nudge_all() {
  auto readers = watched();
  std::erase_if(readers, [](const auto& each) { return !each->wants_nudge(); });
  if (readers.empty())
    return;
  if (!is_apart()) {
    if (!nudge(readers))
      ask_apart();
    return;
  }
  // Not the same one first each time: behind it the others would wait.
  const auto first = turn_++;
  for (std::size_t i = 0; i < readers.size(); ++i)
    if (!nudge({readers[(first + i) % readers.size()]}))
      return;
}

} // namespace sluice::kafka
