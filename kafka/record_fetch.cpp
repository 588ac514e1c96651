#include "kafka/record_fetch.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "kafka/message_batch.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/source.hpp"

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Reading on is cheaper than seeking while the next offset is this near: the
/// records between are mostly fetched already.
constexpr std::int64_t near = 500;
constexpr int seek_timeout_ms = 1000;

/// Reads one partition with librdkafka's plain consumer, which knows no group,
/// so that no rights on one are needed.
class partition_session {
public:
  partition_session(const client& from, const topic_partition& where)
      : topic_{rd_kafka_topic_new(from.get(), where.topic.c_str(), nullptr)},
        partition_{where.partition} {}
  ~partition_session() {
    if (started_)
      rd_kafka_consume_stop(topic_.get(), partition_);
  }
  partition_session(const partition_session&) = delete;
  partition_session& operator=(const partition_session&) = delete;

  /// The next message comes from `offset`.
  rd_kafka_resp_err_t go_to(std::int64_t offset) {
    if (started_ && offset >= next_ && offset < next_ + near)
      return RD_KAFKA_RESP_ERR_NO_ERROR;
    next_ = offset;
    if (!started_) {
      if (rd_kafka_consume_start(topic_.get(), partition_, offset) != 0)
        return rd_kafka_last_error();
      started_ = true;
      return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    return rd_kafka_seek(topic_.get(), partition_, offset, seek_timeout_ms);
  }

  /// Restarts at `offset` after an error has stopped the fetcher.
  rd_kafka_resp_err_t restart_at(std::int64_t offset) {
    if (std::exchange(started_, false))
      rd_kafka_consume_stop(topic_.get(), partition_);
    return go_to(offset);
  }

  /// nullptr when nothing came in time. May be an error or the log's end.
  message_ptr next(int timeout_ms) {
    message_ptr message{rd_kafka_consume(topic_.get(), partition_, timeout_ms)};
    if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      next_ = message->offset + 1;
    return message;
  }

private:
  topic_ptr topic_;
  std::int32_t partition_;
  std::int64_t next_ = -1;
  bool started_ = false;
};

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

private:
  [[nodiscard]] int left_ms() const {
    return to_timeout(
        std::chrono::duration_cast<milliseconds>(until_ - steady_clock::now()));
  }
  [[nodiscard]] bool in_time() const { return steady_clock::now() < until_; }

  tl::expected<log_bounds, std::string> ask(const topic_partition& where) {
    log_bounds log;
    auto error = rd_kafka_query_watermark_offsets(
        link_->get(), where.topic.c_str(), where.partition, &log.start,
        &log.end, left_ms());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected{describe(error, *link_)};
    return log;
  }

  tl::expected<void, std::string> read(const topic_partition& where) {
    auto log = ask(where);
    if (!log)
      return tl::unexpected{log.error()};
    partition_session session{*link_, where};
    auto at = wanted_.lower_bound(log->start);
    while (at != wanted_.end() && at->first < log->end) {
      if (auto error = session.go_to(at->first);
          error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return tl::unexpected{describe(error, *link_)};
      auto message = session.next(std::min(left_ms(), 100));
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
                                           partition_session& session,
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
  auto link = client::make({.type = RD_KAFKA_CONSUMER,
                            .brokers = at.brokers,
                            .properties = at.properties,
                            .pinned = {{"enable.auto.commit", "false"},
                                       {"enable.auto.offset.store", "false"},
                                       {"auto.offset.reset", "error"},
                                       {"enable.partition.eof", "true"},
                                       {"allow.auto.create.topics", "false"},
                                       {"check.crcs", "true"},
                                       {"isolation.level", "read_committed"},
                                       {"fetch.wait.max.ms", "10"},
                                       {"fetch.error.backoff.ms", "10"},
                                       {"fetch.message.max.bytes", "262144"},
                                       {"queued.min.messages", "10000"},
                                       {"queued.max.messages.kbytes", "4096"}},
                            .if_known = {{"fetch.queue.backoff.ms", "1"}}});
  if (!link)
    return tl::unexpected{link.error()};
  return std::make_unique<plain_fetcher>(std::move(*link));
}

} // namespace sluice::kafka
