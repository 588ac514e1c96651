#include "kafka/journal_tail.hpp"

#include <array>
#include <utility>

#include "kafka/message_batch.hpp"

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds sync_interval{1000};
constexpr milliseconds discover_interval{250};
constexpr int question_timeout_ms = 1000;

} // namespace

tl::expected<std::unique_ptr<journal_tail>, std::string>
journal_tail::start(journal& to, const std::string& brokers,
                    std::function<void(std::string)> trouble) {
  auto from = client::make({.type = RD_KAFKA_CONSUMER,
                            .brokers = brokers,
                            .pinned = {{"group.id", "sluice.journal"},
                                       {"enable.auto.commit", "false"},
                                       {"enable.auto.offset.store", "false"},
                                       {"auto.offset.reset", "error"},
                                       {"check.crcs", "true"},
                                       {"fetch.wait.max.ms", "10"},
                                       {"fetch.error.backoff.ms", "10"},
                                       {"queued.min.messages", "1000000"}}});
  if (!from)
    return tl::unexpected{from.error()};
  auto result = std::make_unique<journal_tail>(to);
  result->trouble_ = std::move(trouble);
  result->from_ = std::move(*from);
  result->records_.reset(rd_kafka_queue_get_consumer(result->from_->get()));
  auto* self = result.get();
  result->thread_ = std::thread{[self] { self->run(); }};
  return result;
}

journal_tail::~journal_tail() { stop(); }

void journal_tail::stop() {
  stop_ = true;
  if (thread_.joinable())
    thread_.join();
}

void journal_tail::follow(const std::vector<topic_partition>& partitions) {
  partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  std::lock_guard lock{mutex_};
  for (const auto& where : partitions)
    if (followed_.insert(where).second)
      rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(),
                                        where.partition)
          ->offset = to_.end(where);
  if (list->cnt == 0)
    return;
  error_ptr error{rd_kafka_incremental_assign(from_->get(), list.get())};
  if (error)
    trouble_("embedded Kafka: records are not journaled: "
             + std::string{rd_kafka_error_string(error.get())});
}

bool journal_tail::follows(const topic_partition& where) const {
  std::lock_guard lock{mutex_};
  return followed_.contains(where);
}

bool journal_tail::wait_for(const topic_partition& where, std::int64_t offset,
                            steady_clock::time_point until) {
  std::unique_lock lock{mutex_};
  return kept_.wait_until(lock, until,
                          [&] { return to_.end(where) >= offset; });
}

void journal_tail::run() {
  auto next_sync = steady_clock::now() + sync_interval;
  auto next_discovery = steady_clock::now() + discover_interval;
  std::array<rd_kafka_message_t*, 1000> raw{};
  while (!stop_) {
    auto count = rd_kafka_consume_batch_queue(records_.get(), 20, raw.data(),
                                              raw.size());
    for (ssize_t i = 0; i < count; ++i) {
      message_ptr message{raw[static_cast<std::size_t>(i)]};
      keep(*message);
    }
    if (count > 0) {
      std::lock_guard lock{mutex_};
      kept_.notify_all();
    }
    auto now = steady_clock::now();
    if (now >= next_discovery) {
      discover();
      next_discovery = now + discover_interval;
    }
    if (now >= next_sync) {
      if (auto ok = to_.sync(); !ok)
        trouble_(ok.error());
      next_sync = now + sync_interval;
    }
  }
}

void journal_tail::keep(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
    return skip_lost({rd_kafka_topic_name(message.rkt), message.partition});
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  auto record = copy_of(message);
  auto end = to_.end(record.where);
  if (record.offset < end)
    return;
  if (record.offset > end)
    trouble_("embedded Kafka: " + to_string(record.where) + ": records "
             + std::to_string(end) + " to " + std::to_string(record.offset - 1)
             + " were dropped by the broker before they were journaled; "
               "produce more slowly, or with `sluice kafka play`");
  if (auto ok = to_.append(record); !ok && failed_.insert(record.where).second)
    trouble_(ok.error() + "; records from offset "
             + std::to_string(record.offset)
             + " on will be gone after a restart");
}

void journal_tail::skip_lost(const topic_partition& where) {
  std::int64_t low = -1;
  std::int64_t high = -1;
  if (rd_kafka_query_watermark_offsets(from_->get(), where.topic.c_str(),
                                       where.partition, &low, &high,
                                       question_timeout_ms)
      != RD_KAFKA_RESP_ERR_NO_ERROR)
    low = to_.end(where);
  // The gap itself is told when the first record behind it arrives.
  auto list = list_of(where);
  error_ptr gone{rd_kafka_incremental_unassign(from_->get(), list.get())};
  auto again = list_of(where, low);
  error_ptr back{rd_kafka_incremental_assign(from_->get(), again.get())};
}

void journal_tail::discover() {
  const rd_kafka_metadata_t* raw = nullptr;
  if (rd_kafka_metadata(from_->get(), 1, nullptr, &raw, question_timeout_ms)
      != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  metadata_ptr all{raw};
  auto known = to_.topics();
  for (int i = 0; i < all->topic_cnt; ++i) {
    const auto& topic = all->topics[i];
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR || known.contains(topic.topic))
      continue;
    if (auto ok = to_.add_topic(topic.topic, topic.partition_cnt); !ok) {
      trouble_(ok.error());
      continue;
    }
    std::vector<topic_partition> partitions;
    for (int p = 0; p < topic.partition_cnt; ++p)
      partitions.push_back({topic.topic, p});
    follow(partitions);
  }
}

} // namespace sluice::kafka
