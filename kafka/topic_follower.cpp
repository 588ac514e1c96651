#include "kafka/topic_follower.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "kafka/message_batch.hpp"
#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

namespace {

constexpr int poll_ms = 50;

class following final : public topic_follower {
public:
  following(std::shared_ptr<client> from, follower_callbacks to)
      : from_{std::move(from)}, to_{std::move(to)},
        records_{rd_kafka_queue_get_consumer(from_->get())} {}

  ~following() override {
    stop_ = true;
    if (thread_.joinable())
      thread_.join();
  }
  following(const following&) = delete;
  following& operator=(const following&) = delete;

  tl::expected<void, std::string> begin(const std::vector<topic_plan>& topics) {
    partition_list_ptr list{rd_kafka_topic_partition_list_new(0)};
    for (const auto& topic : topics)
      for (std::int32_t partition = 0; partition < topic.partitions;
           ++partition)
        rd_kafka_topic_partition_list_add(list.get(), topic.name.c_str(),
                                          partition)
            ->offset = 0;
    if (auto error = rd_kafka_assign(from_->get(), list.get()); error != 0)
      return tl::unexpected{describe(error, *from_)};
    thread_ = std::thread{[this] { run(); }};
    return {};
  }

  [[nodiscard]] std::map<topic_partition, std::int64_t>
  positions() const override {
    const std::lock_guard lock{mutex_};
    return positions_;
  }

private:
  void run() {
    std::array<rd_kafka_message_t*, 1000> raw{};
    while (!stop_) {
      const auto count = rd_kafka_consume_batch_queue(records_.get(), poll_ms,
                                                      raw.data(), raw.size());
      for (ssize_t i = 0; i < count; ++i) {
        const message_ptr message{raw[static_cast<std::size_t>(i)]};
        take(*message);
      }
    }
  }

  void take(const rd_kafka_message_t& message) {
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tell(message);
    const auto record = copy_of(message);
    to_.record(record);
    const std::lock_guard lock{mutex_};
    positions_[record.where] = record.offset + 1;
  }

  /// Brokers that are away come back; a position that the log does not have
  /// stays lost.
  void tell(const rd_kafka_message_t& message) {
    if (!to_.trouble || message.rkt == nullptr
        || message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      return;
    to_.trouble(to_string({rd_kafka_topic_name(message.rkt), message.partition})
                + ": " + rd_kafka_message_errstr(&message));
  }

  std::shared_ptr<client> from_;
  follower_callbacks to_;
  queue_ptr records_;
  mutable std::mutex mutex_;
  std::map<topic_partition, std::int64_t> positions_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

} // namespace

tl::expected<std::unique_ptr<topic_follower>, std::string>
topic_follower::start(const broker_address& at,
                      const std::vector<topic_plan>& topics,
                      follower_callbacks to) {
  auto from = client::make({.type = RD_KAFKA_CONSUMER,
                            .brokers = at.brokers,
                            .properties = at.properties,
                            // No request of a group is ever sent.
                            .pinned = {{"group.id", "sluice.follower"},
                                       {"enable.auto.commit", "false"},
                                       {"enable.auto.offset.store", "false"},
                                       {"auto.offset.reset", "error"},
                                       {"isolation.level", "read_committed"},
                                       {"check.crcs", "true"},
                                       {"fetch.wait.max.ms", "50"}}});
  if (!from)
    return tl::unexpected{from.error()};
  auto result = std::make_unique<following>(std::move(*from), std::move(to));
  if (auto begun = result->begin(topics); !begun)
    return tl::unexpected{begun.error()};
  return result;
}

} // namespace sluice::kafka
