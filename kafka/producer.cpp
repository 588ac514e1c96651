#include "kafka/producer.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

namespace {

using answer = std::function<void(std::string)>;

/// What travels with a message as its opaque pointer.
struct sent_record {
  answer done;
  const client* from = nullptr;
};

void on_delivered(rd_kafka_t* /*rk*/, const rd_kafka_message_t* message,
                  void* /*opaque*/) {
  std::unique_ptr<sent_record> sent{
      static_cast<sent_record*>(message->_private)};
  if (!sent->done)
    return;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
    sent->done({});
  else if (message->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
    sent->done(describe(RD_KAFKA_RESP_ERR__TIMED_OUT, *sent->from));
  else
    sent->done(describe(message->err, rd_kafka_message_errstr(message),
                        sent->from->brokers()));
}

rd_kafka_vu_t part(rd_kafka_vtype_t type) {
  rd_kafka_vu_t result{};
  result.vtype = type;
  return result;
}

rd_kafka_vu_t bytes(rd_kafka_vtype_t type,
                    const std::optional<std::string>& text) {
  auto result = part(type);
  // librdkafka copies the bytes before the call returns.
  result.u.mem.ptr = text ? const_cast<char*>(text->data()) : nullptr;
  result.u.mem.size = text ? text->size() : 0;
  return result;
}

std::vector<rd_kafka_vu_t> parts_of(const owned_record& record, void* opaque) {
  std::vector<rd_kafka_vu_t> parts;
  parts.reserve(7 + record.headers.size());
  parts.push_back(part(RD_KAFKA_VTYPE_TOPIC));
  parts.back().u.cstr = record.where.topic.c_str();
  parts.push_back(part(RD_KAFKA_VTYPE_PARTITION));
  parts.back().u.i32 = record.where.partition < 0 ? RD_KAFKA_PARTITION_UA
                                                  : record.where.partition;
  parts.push_back(bytes(RD_KAFKA_VTYPE_VALUE, record.value));
  parts.push_back(bytes(RD_KAFKA_VTYPE_KEY, record.key));
  parts.push_back(part(RD_KAFKA_VTYPE_MSGFLAGS));
  parts.back().u.i = RD_KAFKA_MSG_F_COPY;
  parts.push_back(part(RD_KAFKA_VTYPE_OPAQUE));
  parts.back().u.ptr = opaque;
  // 0 means "now" to librdkafka, as no timestamp does to us.
  parts.push_back(part(RD_KAFKA_VTYPE_TIMESTAMP));
  parts.back().u.i64 = std::max<std::int64_t>(record.timestamp_ms, 0);
  for (const auto& item : record.headers) {
    auto element = part(RD_KAFKA_VTYPE_HEADER);
    element.u.header.name = item.name.c_str();
    element.u.header.val = item.value ? item.value->data() : nullptr;
    element.u.header.size =
        item.value ? static_cast<ssize_t>(item.value->size()) : 0;
    parts.push_back(element);
  }
  return parts;
}

class producer final : public record_sink {
public:
  producer(std::shared_ptr<client> link, std::chrono::milliseconds timeout)
      : link_{std::move(link)}, timeout_{timeout}, poller_{[this] { poll(); }} {
  }

  ~producer() override {
    if (!flush(timeout_ + std::chrono::seconds{1}))
      rd_kafka_purge(link_->get(),
                     RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    stop_ = true;
    poller_.join();
    while (rd_kafka_outq_len(link_->get()) > 0
           && rd_kafka_poll(link_->get(), 100) > 0) {
      // Answers of what was purged.
    }
  }

  void send(const owned_record& record, answer done) override {
    auto sent = std::make_unique<sent_record>(
        sent_record{std::move(done), link_.get()});
    auto parts = parts_of(record, sent.get());
    for (;;) {
      error_ptr error{
          rd_kafka_produceva(link_->get(), parts.data(), parts.size())};
      if (!error) {
        static_cast<void>(sent.release());
        return;
      }
      auto code = rd_kafka_error_code(error.get());
      if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && !stop_) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
        continue;
      }
      auto reason =
          describe(code, rd_kafka_error_string(error.get()), link_->brokers());
      if (sent->done)
        reject(std::move(sent->done), to_string(record.where) + ": " + reason);
      return;
    }
  }

  bool flush(std::chrono::milliseconds deadline) override {
    // Not rd_kafka_flush alone: it returns when the reports are queued, and
    // the caller wants its answers.
    auto until = std::chrono::steady_clock::now() + deadline;
    while (rd_kafka_outq_len(link_->get()) > 0 || rejected_ > 0) {
      if (std::chrono::steady_clock::now() >= until)
        return false;
      rd_kafka_flush(link_->get(), 1);
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return polls_idle(until);
  }

private:
  void reject(answer done, std::string reason) {
    ++rejected_;
    std::lock_guard lock{mutex_};
    rejections_.emplace_back(std::move(done), std::move(reason));
  }

  /// The queue is empty as soon as the last report was taken out, which is
  /// before its callback has returned: wait for one more turn of the poller.
  bool polls_idle(std::chrono::steady_clock::time_point until) {
    auto seen = turns_.load();
    while (turns_.load() < seen + 2) {
      if (std::chrono::steady_clock::now() >= until)
        return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
  }

  void poll() {
    while (!stop_) {
      rd_kafka_poll(link_->get(), 10);
      std::vector<std::pair<answer, std::string>> rejections;
      {
        std::lock_guard lock{mutex_};
        rejections.swap(rejections_);
      }
      for (auto& [done, reason] : rejections) {
        done(std::move(reason));
        --rejected_;
      }
      ++turns_;
    }
  }

  std::shared_ptr<client> link_;
  std::chrono::milliseconds timeout_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> turns_ = 0;
  std::atomic<std::size_t> rejected_ = 0;
  std::mutex mutex_;
  std::vector<std::pair<answer, std::string>> rejections_;
  std::thread poller_;
};

} // namespace

tl::expected<std::unique_ptr<record_sink>, std::string>
make_producer(const producer_options& options) {
  auto link = client::make(
      {.type = RD_KAFKA_PRODUCER,
       .brokers = options.brokers,
       .properties = options.properties,
       .pinned = {{"client.id", options.client_id},
                  {"enable.idempotence", "true"},
                  {"partitioner", "murmur2_random"},
                  {"linger.ms", std::to_string(options.linger.count())},
                  {"message.timeout.ms",
                   std::to_string(options.delivery_timeout.count())},
                  {"queue.buffering.max.messages",
                   std::to_string(options.in_flight)}},
       .if_known = {},
       .delivered = &on_delivered});
  if (!link)
    return tl::unexpected{link.error()};
  return std::make_unique<producer>(std::move(*link), options.delivery_timeout);
}

} // namespace sluice::kafka
