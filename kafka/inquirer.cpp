#include "kafka/inquirer.hpp"

#include <algorithm>

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Also bounds how long stop() takes.
constexpr int question_timeout_ms = 1000;
constexpr milliseconds refresh_interval{1000};
constexpr milliseconds nudge_interval{2};
constexpr milliseconds verdict_interval{100};
constexpr milliseconds backoff_min{50};
constexpr milliseconds backoff_max{2000};
/// From this version on librdkafka has fetch.queue.backoff.ms.
constexpr int version_without_stall = 0x02020000;

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

void inquirer::ask_committed(const std::vector<topic_partition>& partitions) {
  std::lock_guard lock{mutex_};
  for (const auto& where : partitions)
    committed_[where] = ++asked_;
  changed_.notify_all();
}

void inquirer::ask_earliest(const topic_partition& where) {
  std::lock_guard lock{mutex_};
  earliest_.insert(where);
  changed_.notify_all();
}

void inquirer::await_topics(const std::vector<std::string>& topics) {
  std::lock_guard lock{mutex_};
  topics_.insert(topics.begin(), topics.end());
}

void inquirer::watch(std::shared_ptr<partition_reader> reader) {
  std::lock_guard lock{mutex_};
  watched_[reader->where()] = std::move(reader);
}

void inquirer::forget(const topic_partition& where) {
  std::lock_guard lock{mutex_};
  committed_.erase(where);
  earliest_.erase(where);
  watched_.erase(where);
}

std::vector<std::shared_ptr<partition_reader>> inquirer::watched() {
  std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<partition_reader>> result;
  result.reserve(watched_.size());
  for (const auto& [where, reader] : watched_)
    result.push_back(reader);
  return result;
}

void inquirer::run() {
  auto next_refresh = steady_clock::now();
  auto next_question = steady_clock::now();
  auto next_verdict = steady_clock::now();
  auto backoff = backoff_min;
  const bool stalls = rd_kafka_version() < version_without_stall;
  std::unique_lock lock{mutex_};
  while (!stop_) {
    const bool asked = !committed_.empty() || !earliest_.empty();
    const bool reading = stalls && !watched_.empty();
    auto now = steady_clock::now();
    auto pause = reading ? nudge_interval : milliseconds{100};
    if (asked && now >= next_question)
      pause = milliseconds{0};
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
  std::map<topic_partition, std::uint64_t> committed;
  std::set<topic_partition> earliest;
  {
    std::lock_guard lock{mutex_};
    committed = committed_;
    earliest = earliest_;
  }
  bool all = committed.empty() || answer_committed(committed);
  for (const auto& where : earliest)
    all = answer_earliest(where) && all;
  return all;
}

bool inquirer::answer_committed(
    const std::map<topic_partition, std::uint64_t>& partitions) {
  partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [where, token] : partitions)
    rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(),
                                      where.partition);
  auto error =
      rd_kafka_committed(link_->get(), list.get(), question_timeout_ms);
  to_.outcome(error);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return false;
  bool all = true;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& item = list->elems[i];
    if (item.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      to_.outcome(item.err);
      all = false;
      continue;
    }
    topic_partition where{item.topic, item.partition};
    {
      // Asked again in the meantime: this answer is from before.
      std::lock_guard lock{mutex_};
      auto at = committed_.find(where);
      if (at == committed_.end() || at->second != partitions.at(where))
        continue;
      committed_.erase(at);
    }
    committed_position position;
    if (item.offset >= 0)
      position.offset = item.offset;
    if (item.metadata)
      position.metadata.assign(static_cast<const char*>(item.metadata),
                               item.metadata_size);
    to_.committed(where, std::move(position));
  }
  return all;
}

bool inquirer::answer_earliest(const topic_partition& where) {
  std::int64_t low = -1;
  std::int64_t high = -1;
  auto error = rd_kafka_query_watermark_offsets(
      link_->get(), where.topic.c_str(), where.partition, &low, &high,
      question_timeout_ms);
  to_.outcome(error);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR || low < 0)
    return false;
  {
    std::lock_guard lock{mutex_};
    if (earliest_.erase(where) == 0)
      return true;
  }
  to_.earliest(where, low);
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

bool inquirer::refresh(partition_reader& reader) {
  std::int64_t low = -1;
  std::int64_t high = -1;
  auto error = rd_kafka_query_watermark_offsets(
      link_->get(), reader.where().topic.c_str(), reader.where().partition,
      &low, &high, question_timeout_ms);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
    reader.set_bounds({low, high});
  to_.outcome(error);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR;
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
  auto readers = watched();
  for (auto& reader : readers)
    // One failure is told; the others would wait for the same broker.
    if (!refresh(*reader))
      return;
  if (!readers.empty())
    return;
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
    log_bounds log;
    auto error = rd_kafka_query_watermark_offsets(
        link_->get(), reader->where().topic.c_str(), reader->where().partition,
        &log.start, &log.end, question_timeout_ms);
    to_.outcome(error);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
      reader->judge(log);
    else if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
             || error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
      reader->judge(std::nullopt);
    else
      return;
  }
}

void inquirer::nudge_all() {
  for (auto& reader : watched())
    if (reader->wants_nudge()) {
      reader->nudged();
      if (!refresh(*reader))
        return;
    }
}

} // namespace sluice::kafka
