#include "kafka/record_fetch.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <thread>
#include <utility>

#include "kafka/log_query.hpp"
#include "kafka/message_batch.hpp"
#include "kafka/plain_reader.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/source.hpp"
#include "kafka/topic_retention.hpp"

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int poll_ms = 100;
constexpr int question_timeout_ms = 1000;
constexpr milliseconds retry_delay{20};

class plain_fetcher final : public record_fetcher {
public:
  explicit plain_fetcher(std::shared_ptr<client> link)
      : link_{std::move(link)} {}

  tl::expected<std::vector<std::optional<owned_record>>, std::string>
  fetch(const topic_partition& where, std::span<const std::int64_t> offsets,
        milliseconds timeout) override {
    wanted_.clear();
    for (auto offset : offsets)
      wanted_.try_emplace(offset);
    until_ = steady_clock::now() + timeout;
    if (auto ok = read(where); !ok)
      return tl::unexpected{to_string(where) + ": " + ok.error()};
    std::vector<std::optional<owned_record>> result;
    result.reserve(offsets.size());
    for (auto offset : offsets)
      result.push_back(wanted_.at(offset));
    wanted_.clear();
    return result;
  }

  tl::expected<std::int64_t, std::string>
  offset_at(const topic_partition& where, std::int64_t time_ms,
            milliseconds timeout) override {
    until_ = steady_clock::now() + timeout;
    // librdkafka takes the time where the offset is to come.
    auto list = list_of(where, time_ms);
    auto error =
        rd_kafka_offsets_for_times(link_->get(), list.get(), left_ms());
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
      error = list->elems[0].err;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected{to_string(where) + ": " + describe(error, *link_)};
    if (list->elems[0].offset >= 0)
      return list->elems[0].offset;
    auto log = ask(where);
    if (!log)
      return tl::unexpected{to_string(where) + ": " + log.error()};
    return log->end;
  }

  tl::expected<std::optional<std::int64_t>, std::string>
  expiry_of(const topic_partition& where, std::int64_t offset,
            milliseconds timeout) override {
    const auto kept = topic_retention(*link_, where.topic, timeout);
    if (!kept)
      return tl::unexpected{kept.error()};
    if (!*kept)
      return std::optional<std::int64_t>{};
    const std::array offsets{offset};
    auto record = fetch(where, offsets, timeout);
    if (!record)
      return tl::unexpected{record.error()};
    if (!record->front())
      return std::optional<std::int64_t>{};
    return record->front()->timestamp_ms + (*kept)->count();
  }

private:
  [[nodiscard]] int left_ms() const {
    return to_timeout(
        std::chrono::duration_cast<milliseconds>(until_ - steady_clock::now()));
  }
  [[nodiscard]] bool in_time() const { return steady_clock::now() < until_; }

  tl::expected<log_bounds, std::string> ask(const topic_partition& where) {
    for (;;) {
      auto log =
          query_bounds(*link_, where, std::min(left_ms(), question_timeout_ms));
      if (log)
        return *log;
      const auto passes =
          log.error() == RD_KAFKA_RESP_ERR__TIMED_OUT
          || log.error() == RD_KAFKA_RESP_ERR__TRANSPORT
          || log.error() == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
      if (!passes || !in_time())
        return tl::unexpected{describe(log.error(), *link_)};
      std::this_thread::sleep_for(retry_delay);
    }
  }

  tl::expected<void, std::string> read(const topic_partition& where) {
    auto log = ask(where);
    if (!log)
      return tl::unexpected{log.error()};
    plain_reader session{*link_, where};
    auto at = wanted_.lower_bound(log->start);
    while (at != wanted_.end() && at->first < log->end) {
      if (auto error = session.go_to(at->first);
          error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return tl::unexpected{describe(error, *link_)};
      auto message = session.next(std::min(left_ms(), poll_ms));
      if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        auto ok = message ? on_error(where, session, *message, *log)
                          : tl::expected<void, std::string>{};
        if (!ok)
          return ok;
        if (message && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
          at = wanted_.lower_bound(message->offset);
        else
          at = wanted_.lower_bound(std::max(at->first, log->start));
      } else {
        // Offsets before this one's have no record.
        at = wanted_.lower_bound(message->offset);
        if (at != wanted_.end() && at->first == message->offset)
          (at++)->second = copy_of(*message);
      }
      if (at != wanted_.end() && at->first < log->end && !in_time())
        return tl::unexpected{"the record at offset "
                              + std::to_string(at->first)
                              + " could not be fetched in time; "
                              + describe(RD_KAFKA_RESP_ERR__TIMED_OUT, *link_)};
    }
    return {};
  }

  /// Retention may delete what is being read: then `log` has its new bounds.
  tl::expected<void, std::string> on_error(const topic_partition& where,
                                           plain_reader& session,
                                           const rd_kafka_message_t& message,
                                           log_bounds& log) {
    switch (message.err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: {
      auto again = ask(where);
      if (!again)
        return tl::unexpected{again.error()};
      log = *again;
      auto at = wanted_.lower_bound(log.start);
      if (at == wanted_.end())
        return {};
      if (auto error = session.restart_at(at->first);
          error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return tl::unexpected{describe(error, *link_)};
      return {};
    }
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      return tl::unexpected{describe(
          message.err, rd_kafka_message_errstr(&message), link_->brokers())};
    default:
      // The log's end, and what librdkafka mends by itself.
      return {};
    }
  }

  std::shared_ptr<client> link_;
  std::map<std::int64_t, std::optional<owned_record>> wanted_;
  steady_clock::time_point until_;
};

} // namespace

tl::expected<std::unique_ptr<record_fetcher>, std::string>
make_record_fetcher(const broker_address& at) {
  auto pinned = plain_reader_settings();
  pinned["fetch.wait.max.ms"] = "10";
  auto link = client::make({.type = RD_KAFKA_CONSUMER,
                            .brokers = at.brokers,
                            .properties = at.properties,
                            .pinned = std::move(pinned),
                            .if_known = {{"fetch.queue.backoff.ms", "1"}}});
  if (!link)
    return tl::unexpected{link.error()};
  return std::make_unique<plain_fetcher>(std::move(*link));
}

} // namespace sluice::kafka
