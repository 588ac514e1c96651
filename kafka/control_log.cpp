#include "kafka/control_log.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "kafka/log_query.hpp"
#include "kafka/log_trim.hpp"
#include "kafka/message_batch.hpp"
#include "kafka/plain_reader.hpp"
#include "kafka/producer.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/topic_retention.hpp"

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int question_timeout_ms = 1000;
constexpr int poll_ms = 100;
constexpr milliseconds look_again{100};
/// A broker that has records but does not send them for this long is an error.
constexpr milliseconds stall_max{10'000};
constexpr std::size_t batch_bytes = 1U << 20U;

const std::map<std::string, std::string>& topic_settings() {
  static const std::map<std::string, std::string> settings{
      {"cleanup.policy", "delete"},
      {"retention.ms", "-1"},
      {"retention.bytes", "-1"}};
  return settings;
}

std::string how_to_create(const std::string& topic) {
  auto result = "create it by hand: kafka-topics.sh --create --topic " + topic
                + " --partitions 1";
  for (const auto& [name, value] : topic_settings())
    result += " --config " + name + "=" + value;
  return result;
}

/// 0: not there.
tl::expected<int, std::string> count_partitions(const broker_address& at,
                                                const std::string& topic,
                                                milliseconds deadline) {
  // All topics are asked for: asking by name would make some brokers create it.
  auto counts = topic_partition_counts(at, deadline);
  if (!counts)
    return tl::unexpected{counts.error()};
  auto found = counts->find(topic);
  return found == counts->end() ? 0 : found->second;
}

tl::expected<void, std::string> check_topic(const control_log_options& wanted) {
  const auto until = steady_clock::now() + wanted.deadline;
  auto created = false;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
    const auto count =
        count_partitions(wanted.at, wanted.topic, std::max(left, look_again));
    if (!count)
      return tl::unexpected{"control log: " + count.error()};
    if (*count == 1)
      return {};
    if (*count > 1)
      return tl::unexpected{
          "control log: topic " + wanted.topic + " has "
          + std::to_string(*count)
          + " partitions, and its order needs exactly one; delete it if nothing"
            " else uses it, then "
          + how_to_create(wanted.topic)};
    if (!wanted.create)
      return tl::unexpected{"control log: topic " + wanted.topic
                            + " does not exist; `sluice run` creates it, or "
                            + how_to_create(wanted.topic)};
    if (!created) {
      auto ok = ensure_topics(wanted.at,
                              {{.name = wanted.topic,
                                .partitions = 1,
                                .settings = topic_settings()}},
                              std::max(left, look_again));
      if (!ok)
        return tl::unexpected{"control log: " + ok.error() + "; or "
                              + how_to_create(wanted.topic)};
      created = true;
    } else if (left <= milliseconds{0}) {
      return tl::unexpected{"control log: topic " + wanted.topic
                            + " was created but has not appeared; try again"};
    }
    // A new topic reaches the brokers one after the other.
    std::this_thread::sleep_for(look_again);
  }
}

/// A topic that was made by hand, or by the broker on its own.
tl::expected<void, std::string> check_retention(const client& link,
                                                const std::string& topic) {
  const auto kept =
      topic_retention(link, topic, milliseconds{question_timeout_ms});
  // Who cannot ask now cannot read either, and says so.
  if (!kept || !*kept)
    return {};
  return tl::unexpected{
      "control log: topic " + topic + " keeps its records for "
      + std::to_string(std::chrono::floor<std::chrono::hours>(**kept).count())
      + " h only, whoever has read them or not; set it right: kafka-configs.sh"
        " --alter --entity-type topics --entity-name "
      + topic + " --add-config retention.ms=-1"};
}

class topic_log final : public control_log {
public:
  topic_log(std::string topic, std::unique_ptr<record_sink> sink,
            std::shared_ptr<client> link, const control_log_options& options)
      : where_{std::move(topic), 0}, sink_{std::move(sink)},
        link_{std::move(link)}, reader_{*link_, where_},
        deadline_{options.deadline}, make_durable_{options.make_durable} {}

  void append(std::string bytes,
              std::function<void(std::string error)> done) override {
    owned_record record;
    record.where = where_;
    record.value = std::move(bytes);
    if (!make_durable_)
      return sink_->send(record, std::move(done));
    sink_->send(record, [make_durable = make_durable_,
                         done = std::move(done)](std::string error) {
      done(error.empty() ? make_durable() : std::move(error));
    });
  }

  tl::expected<control_batch, std::string>
  read(std::int64_t from, milliseconds patience) override {
    auto log = query_bounds(*link_, where_, question_timeout_ms);
    if (!log)
      return failed(describe(log.error(), *link_));
    if (from > log->end)
      return failed("its log ends at " + std::to_string(log->end) + ", before "
                    + std::to_string(from)
                    + ", which was read already: the topic was created anew; "
                      "restart every node");
    control_batch result;
    result.next = std::max(from, log->start);
    result.start = log->start;
    result.end = log->end;
    // A broken fetcher is started again.
    auto error = std::exchange(broken_, false) ? reader_.restart_at(result.next)
                                               : reader_.go_to(result.next);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return failed(describe(error, *link_));
    const auto filled = result.at_end() ? wait(result, patience) : fill(result);
    if (!filled)
      return failed(filled.error());
    return result;
  }

  tl::expected<trim_outcome, std::string> trim(std::int64_t before) override {
    if (before <= 0)
      return trim_outcome::trimmed;
    // It would say so itself, but then librdkafka 2.0.2 loses some memory.
    if (const auto embedded = is_embedded_broker(*link_, deadline_);
        embedded && *embedded)
      return trim_outcome::unsupported;
    const auto deleted = delete_records(*link_, where_, before, deadline_);
    if (deleted)
      return trim_outcome::trimmed;
    if (deleted.error().code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
      return trim_outcome::unsupported;
    return tl::unexpected{"control log " + where_.topic
                          + ": its records below offset "
                          + std::to_string(before)
                          + " cannot be deleted: " + deleted.error().reason};
  }

private:
  tl::unexpected<std::string> failed(const std::string& reason) {
    broken_ = true;
    return tl::unexpected{"control log " + where_.topic + ": " + reason};
  }

  /// Reads up to the end that is known, or as much as a batch holds.
  tl::expected<void, std::string> fill(control_batch& into) {
    auto until = steady_clock::now() + stall_max;
    std::size_t bytes = 0;
    while (!into.at_end() && bytes < batch_bytes) {
      auto taken = take(into, poll_ms);
      if (!taken)
        return tl::unexpected{taken.error()};
      if (*taken)
        until = steady_clock::now() + stall_max;
      else if (steady_clock::now() >= until)
        return tl::unexpected{"offset " + std::to_string(into.next)
                              + " does not come; "
                              + describe(RD_KAFKA_RESP_ERR__TIMED_OUT, *link_)};
      bytes += taken->value_or(0);
    }
    return {};
  }

  tl::expected<void, std::string> wait(control_batch& into,
                                       milliseconds patience) {
    const auto until = steady_clock::now() + patience;
    while (into.records.empty()) {
      const auto left =
          std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
      if (left <= milliseconds{0})
        return {};
      auto taken = take(into, std::min(to_timeout(left), poll_ms));
      if (!taken)
        return tl::unexpected{taken.error()};
    }
    return {};
  }

  /// The bytes of one record or of the log's end; std::nullopt: nothing came.
  tl::expected<std::optional<std::size_t>, std::string>
  take(control_batch& into, int timeout_ms) {
    auto message = reader_.next(timeout_ms);
    if (!message)
      return std::nullopt;
    switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: {
      if (message->offset < into.next)
        return 0;
      auto record = copy_of(*message);
      into.next = record.offset + 1;
      into.records.push_back({record.offset, record.timestamp_ms,
                              std::move(record.value).value_or("")});
      return payload_bytes(*message);
    }
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      // Behind it only markers of transactions.
      into.next = std::max(into.next, message->offset);
      return std::nullopt;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      return tl::unexpected{describe(message->err,
                                     rd_kafka_message_errstr(message.get()),
                                     link_->brokers())};
    default:
      // librdkafka mends it by itself.
      return std::nullopt;
    }
  }

  topic_partition where_;
  std::unique_ptr<record_sink> sink_;
  std::shared_ptr<client> link_;
  plain_reader reader_;
  milliseconds deadline_;
  std::function<std::string()> make_durable_;
  bool broken_ = false;
};

} // namespace

std::string control_topic(const std::string& group) {
  return group + ".control";
}

tl::expected<std::unique_ptr<control_log>, std::string>
open_control_log(const control_log_options& options) {
  if (auto ok = check_topic(options); !ok)
    return tl::unexpected{ok.error()};
  auto sink = make_producer(
      {.brokers = options.at.brokers, .properties = options.at.properties});
  if (!sink)
    return tl::unexpected{sink.error()};
  auto pinned = plain_reader_settings();
  pinned["fetch.wait.max.ms"] = std::to_string(options.fetch_wait.count());
  auto link = client::make({.type = RD_KAFKA_CONSUMER,
                            .brokers = options.at.brokers,
                            .properties = options.at.properties,
                            .pinned = std::move(pinned)});
  if (!link)
    return tl::unexpected{link.error()};
  if (options.create)
    if (auto ok = check_retention(**link, options.topic); !ok)
      return tl::unexpected{ok.error()};
  return std::make_unique<topic_log>(options.topic, std::move(*sink),
                                     std::move(*link), options);
}

} // namespace sluice::kafka
