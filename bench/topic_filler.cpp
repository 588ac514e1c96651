#include "bench/topic_filler.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <thread>

#include <librdkafka/rdkafka.h>

#include "bench/change_stream.hpp"
#include "kafka/partitioner.hpp"
#include "kafka/rdkafka.hpp"

namespace sluice::bench {

namespace {

using clock = std::chrono::steady_clock;

/// What deliveries report to.
struct deliveries {
  std::uint64_t done = 0;
  std::string failure;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& told = *static_cast<deliveries*>(opaque);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
    ++told.done;
  else if (told.failure.empty())
    told.failure = rd_kafka_err2str(message->err);
}

using conf_ptr =
    std::unique_ptr<rd_kafka_conf_t, kafka::freed_by<rd_kafka_conf_destroy>>;
using producer_ptr =
    std::unique_ptr<rd_kafka_t, kafka::freed_by<rd_kafka_destroy>>;

tl::expected<producer_ptr, std::string> connect(const fill_options& options,
                                                deliveries& told) {
  conf_ptr conf{rd_kafka_conf_new()};
  std::array<char, 512> reason{};
  const auto batch = std::to_string(options.batch_bytes);
  const std::array<std::array<const char*, 2>, 8> settings{{
      {"bootstrap.servers", options.brokers.c_str()},
      {"compression.codec", options.codec.c_str()},
      {"batch.size", batch.c_str()},
      {"batch.num.messages", "100000"},
      {"queue.buffering.max.messages", "1000000"},
      {"queue.buffering.max.kbytes", "262144"},
      {"linger.ms", options.rate == 0 ? "50" : "2"},
      // Also keeps the order of what is sent before the partitions are known,
      // on which the totals depend.
      {"enable.idempotence", "true"},
  }};
  for (const auto& [name, value] : settings)
    if (rd_kafka_conf_set(conf.get(), name, value, reason.data(), reason.size())
        != RD_KAFKA_CONF_OK)
      return tl::unexpected(std::string{reason.data()});
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  rd_kafka_conf_set_opaque(conf.get(), &told);
  producer_ptr made{rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason.data(),
                                 reason.size())};
  if (!made)
    return tl::unexpected(std::string{reason.data()});
  static_cast<void>(conf.release()); // the producer owns it now
  return made;
}

struct lane {
  kafka::topic_ptr topic;
  std::unique_ptr<change_stream> stream;
  topic_fill report;
};

tl::expected<std::vector<lane>, std::string>
open_lanes(rd_kafka_t* producer, const std::vector<filled_topic>& topics) {
  std::vector<lane> lanes;
  for (const auto& each : topics) {
    auto stream = make_change_stream(each.stream, each.seed);
    if (!stream)
      return tl::unexpected(stream.error());
    lane added;
    added.topic.reset(rd_kafka_topic_new(producer, each.name.c_str(), nullptr));
    added.stream = std::move(*stream);
    added.report.name = each.name;
    lanes.push_back(std::move(added));
  }
  return lanes;
}

/// Waits for room in the producer's queue as often as needed.
bool send(rd_kafka_t* producer, rd_kafka_topic_t* topic, std::int32_t partition,
          const change& what) {
  constexpr int wait_ms = 100;
  for (;;) {
    // RD_KAFKA_MSG_F_COPY only reads it.
    auto* payload = const_cast<char*>(what.value.data());
    if (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, payload,
                         what.value.size(), what.key.data(), what.key.size(),
                         nullptr)
        == 0)
      return true;
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return false;
    rd_kafka_poll(producer, wait_ms);
  }
}

/// Sleeps until message `number` is due; in slices, so that the producer's
/// events are served.
void keep_rate(rd_kafka_t* producer, const fill_options& options,
               clock::time_point start, std::uint64_t number) {
  if (options.rate == 0)
    return;
  const std::chrono::duration<double> due{static_cast<double>(number)
                                          / static_cast<double>(options.rate)};
  const auto at = start + std::chrono::duration_cast<clock::duration>(due);
  if (clock::now() < at) {
    rd_kafka_poll(producer, 0);
    std::this_thread::sleep_until(at);
  }
}

tl::expected<void, std::string>
wait_for_all(rd_kafka_t* producer, const deliveries& told, std::uint64_t sent) {
  constexpr int patience_ms = 120'000;
  rd_kafka_flush(producer, patience_ms);
  if (!told.failure.empty())
    return tl::unexpected("a message was not delivered: " + told.failure);
  if (told.done != sent)
    return tl::unexpected("only " + std::to_string(told.done) + " of "
                          + std::to_string(sent)
                          + " messages were acknowledged");
  return {};
}

} // namespace

tl::expected<fill_report, std::string>
fill_topics(const fill_options& options) {
  deliveries told;
  auto producer = connect(options, told);
  if (!producer)
    return tl::unexpected(producer.error());
  auto* const handle = producer->get();
  auto lanes = open_lanes(handle, options.topics);
  if (!lanes)
    return tl::unexpected(lanes.error());
  fill_report report;
  report.messages = options.messages;
  const auto start = clock::now();
  constexpr std::uint64_t poll_interval = 1024;
  for (std::uint64_t number = 0; number < options.messages; ++number) {
    keep_rate(handle, options, start, number);
    auto& into = (*lanes)[number % lanes->size()];
    const auto what = into.stream->next();
    if (!send(handle, into.topic.get(),
              kafka::partition_of(what.key, options.partitions), what))
      return tl::unexpected(into.report.name + ": "
                            + rd_kafka_err2str(rd_kafka_last_error()));
    ++into.report.messages;
    report.value_bytes += what.value.size();
    report.value_sum += word_sum(what.value);
    if (number % poll_interval == 0)
      rd_kafka_poll(handle, 0);
  }
  if (const auto done = wait_for_all(handle, told, options.messages); !done)
    return tl::unexpected(done.error());
  report.seconds = std::chrono::duration<double>(clock::now() - start).count();
  for (auto& each : *lanes) {
    each.report.table = each.stream->totals();
    report.topics.push_back(each.report);
  }
  return report;
}

} // namespace sluice::bench
