#include "bench/bare_consumer.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "bench/fingerprint.hpp"
#include "bench/stopwatch.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/topics.hpp"

namespace sluice::bench {

namespace {

using clock = std::chrono::steady_clock;

double seconds_between(clock::time_point from, clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// What the threads have in common.
struct progress {
  std::uint64_t wanted = 0;
  std::atomic<std::uint64_t> taken{0};
  std::atomic<bool> has_first{false};
  clock::time_point first;
  double cpu_at_first = 0;
  std::atomic<bool> failed{false};
};

struct sums {
  std::uint64_t messages = 0;
  std::uint64_t value_bytes = 0;
  std::uint64_t value_sum = 0;
  std::string failure;
};

void take(rd_kafka_queue_t* queue, std::uint64_t batch, progress& common,
          sums& own) {
  constexpr int wait_ms = 100;
  constexpr int patience = 300; // waits without a message: half a minute
  std::vector<rd_kafka_message_t*> messages(batch);
  int idle = 0;
  while (common.taken < common.wanted && !common.failed) {
    const auto count = rd_kafka_consume_batch_queue(
        queue, wait_ms, messages.data(), messages.size());
    if (count <= 0) {
      if (++idle == patience) {
        own.failure = "no message for 30 s";
        common.failed = true;
      }
      continue;
    }
    idle = 0;
    if (!common.has_first.exchange(true)) {
      common.first = clock::now();
      common.cpu_at_first = process_cpu_seconds();
    }
    for (auto at = 0; at < count; ++at) {
      auto* const message = messages[static_cast<std::size_t>(at)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const std::string_view value{static_cast<char*>(message->payload),
                                     message->len};
        ++own.messages;
        own.value_bytes += value.size();
        own.value_sum += word_sum(value);
      } else if (own.failure.empty()) {
        own.failure = rd_kafka_err2str(message->err);
        common.failed = true;
      }
      rd_kafka_message_destroy(message);
    }
    common.taken += static_cast<std::uint64_t>(count);
  }
}

tl::expected<std::uint64_t, std::string>
messages_in(const kafka::client& consumer, const std::string& topic,
            int partitions) {
  constexpr int patience_ms = 30'000;
  std::uint64_t total = 0;
  for (auto partition = 0; partition < partitions; ++partition) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto asked = rd_kafka_query_watermark_offsets(
        consumer.get(), topic.c_str(), partition, &low, &high, patience_ms);
    if (asked != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected(topic + ": " + rd_kafka_err2str(asked));
    total += static_cast<std::uint64_t>(high - low);
  }
  return total;
}

tl::expected<std::shared_ptr<kafka::client>, std::string>
connect(const consume_options& options) {
  const auto fetch = std::to_string(options.fetch_bytes);
  const auto queued = std::to_string(options.queued_messages);
  kafka::client::plan wanted;
  wanted.brokers = options.brokers;
  wanted.pinned = {{"fetch.message.max.bytes", fetch},
                   {"queued.min.messages", queued},
                   {"queued.max.messages.kbytes", "1048576"},
                   {"fetch.wait.max.ms", "10"},
                   {"enable.partition.eof", "false"},
                   {"group.id", "bench-bare-consumer"}};
  return kafka::client::make(wanted);
}

/// One queue and what it has taken.
struct reader {
  kafka::queue_ptr queue;
  sums own;
};

consume_report add_up(const std::vector<reader>& readers) {
  consume_report result;
  for (const auto& each : readers) {
    result.messages += each.own.messages;
    result.value_bytes += each.own.value_bytes;
    result.value_sum += each.own.value_sum;
  }
  return result;
}

} // namespace

tl::expected<consume_report, std::string>
consume(const consume_options& options) {
  const auto start = clock::now();
  auto consumer = connect(options);
  if (!consumer)
    return tl::unexpected(consumer.error());
  const auto counts = kafka::topic_partition_counts(
      {options.brokers, {}}, std::chrono::milliseconds{30'000});
  if (!counts)
    return tl::unexpected(counts.error());
  const auto found = counts->find(options.topic);
  if (found == counts->end())
    return tl::unexpected("there is no topic " + options.topic);
  const auto partitions = found->second;
  auto* const handle = (*consumer)->get();
  const auto wanted = messages_in(**consumer, options.topic, partitions);
  if (!wanted)
    return tl::unexpected(wanted.error());

  kafka::topic_ptr topic{
      rd_kafka_topic_new(handle, options.topic.c_str(), nullptr)};
  std::vector<reader> readers(
      options.queue_per_partition ? static_cast<std::size_t>(partitions) : 1);
  for (auto& each : readers)
    each.queue.reset(rd_kafka_queue_new(handle));
  for (auto partition = 0; partition < partitions; ++partition) {
    auto& into = readers[static_cast<std::size_t>(partition) % readers.size()];
    rd_kafka_consume_start_queue(topic.get(), partition,
                                 RD_KAFKA_OFFSET_BEGINNING, into.queue.get());
  }
  progress common;
  common.wanted = *wanted;
  {
    std::vector<std::thread> threads;
    for (auto& each : readers)
      threads.emplace_back([&each, &common, &options] {
        take(each.queue.get(), options.batch, common, each.own);
      });
    for (auto& each : threads)
      each.join();
  }
  const auto end = clock::now();
  auto result = add_up(readers);
  result.cpu_seconds = process_cpu_seconds() - common.cpu_at_first;
  for (auto partition = 0; partition < partitions; ++partition)
    rd_kafka_consume_stop(topic.get(), partition);
  for (const auto& each : readers)
    if (!each.own.failure.empty())
      return tl::unexpected(options.topic + ": " + each.own.failure);
  if (common.has_first) {
    result.seconds = seconds_between(common.first, end);
    result.start_seconds = seconds_between(start, common.first);
  }
  return result;
}

} // namespace sluice::bench
