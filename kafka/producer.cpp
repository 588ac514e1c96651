#include "kafka/producer.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/produce_parts.hpp"
#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

namespace {

using answer = std::function<void(std::string)>;

/// What travels with a message as its opaque pointer.
struct sent_record {
  answer done;
  const client* from = nullptr;
};

/// What a broker that finds a record too large does not say.
std::string too_large(const rd_kafka_message_t& message) {
  return "a record of " + std::to_string(message.key_len + message.len)
         + " bytes (key and value) is larger than the topic takes: raise the "
           "topic's max.message.bytes";
}

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
  else if (message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    sent->done(too_large(*message));
  else
    sent->done(describe(message->err, rd_kafka_message_errstr(message),
                        sent->from->brokers()));
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
    auto parts = produce_parts(record, sent.get());
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
                  // Each topic has a limit of its own, and the broker knows it.
                  {"message.max.bytes", "1000000000"},
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
