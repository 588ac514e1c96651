#include "kafka/candidacy.hpp"

#include <string_view>
#include <utility>

#include "kafka/membership.hpp"

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds poll_interval{200};
constexpr milliseconds poll_interval_leaving{20};
constexpr milliseconds look_interval{2000};
constexpr int look_timeout_ms = 1000;
constexpr milliseconds time_to_leave{2000};
constexpr milliseconds time_to_close{1000};

partition_list_ptr nothing() {
  return partition_list_ptr{rd_kafka_topic_partition_list_new(0)};
}

} // namespace

candidacy::candidacy(std::shared_ptr<client> link, std::string topic,
                     std::function<void(bool leads)> tell,
                     trouble_board& troubles)
    : link_{std::move(link)}, topic_{std::move(topic)}, tell_{std::move(tell)},
      troubles_{troubles}, events_{rd_kafka_queue_get_consumer(link_->get())} {}

candidacy::~candidacy() {
  // librdkafka 2.0.2 aborts the process otherwise, see group_core::finish.
  if (!member_.empty() && !was_assigned_)
    client::never_destroy(link_);
}

tl::expected<void, std::string> candidacy::begin() {
  rd_kafka_poll_set_consumer(link_->get());
  auto topics = list_of({topic_, RD_KAFKA_PARTITION_UA});
  if (auto error = rd_kafka_subscribe(link_->get(), topics.get()); error != 0)
    return tl::unexpected{"kafka: cannot subscribe: "
                          + std::string{rd_kafka_err2str(error)}};
  return {};
}

void candidacy::turn() {
  poll(poll_interval);
  watch_membership();
  if (!troubles_.healthy() && clock::now() >= next_look_)
    look_again();
}

void candidacy::poll(milliseconds patience) {
  event_ptr event{rd_kafka_queue_poll(events_.get(), to_timeout(patience))};
  if (!event)
    return;
  switch (rd_kafka_event_type(event.get())) {
  case RD_KAFKA_EVENT_REBALANCE:
    on_rebalance(event.get());
    break;
  case RD_KAFKA_EVENT_ERROR:
    on_error(event.get());
    break;
  default:
    break;
  }
}

void candidacy::on_rebalance(rd_kafka_event_t* event) {
  was_assigned_ = true;
  auto decisive = false;
  if (const auto* list = rd_kafka_event_topic_partition_list(event))
    decisive = rd_kafka_topic_partition_list_find(list, topic_.c_str(), 0);
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    error_ptr error{rd_kafka_incremental_assign(link_->get(), nothing().get())};
    if (decisive && !leaving_)
      tell_(true);
    return;
  }
  if (decisive || rd_kafka_assignment_lost(link_->get()) != 0)
    tell_(false);
  // From here on another member may lead.
  error_ptr error{rd_kafka_incremental_unassign(link_->get(), nothing().get())};
}

void candidacy::on_error(rd_kafka_event_t* event) {
  const auto error = rd_kafka_event_error(event);
  const std::string words = rd_kafka_event_error_string(event);
  const auto line = [&] { return describe(error, words, link_->brokers()); };
  switch (error) {
  case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
  case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    troubles_.raise("topic", "topic " + topic_ + " does not exist yet");
    break;
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    troubles_.raise("topic", line());
    break;
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
  case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
  case RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED:
    troubles_.raise("group", line());
    break;
  case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    troubles_.raise("connection", describe(error, *link_));
    break;
  case RD_KAFKA_RESP_ERR__AUTHENTICATION:
  case RD_KAFKA_RESP_ERR__SSL:
    troubles_.raise("connection", line());
    break;
  default:
    // librdkafka mends it by itself.
    return;
  }
  next_look_ = clock::now() + look_interval;
}

/// A member that was expelled has another name afterwards, or none.
void candidacy::watch_membership() {
  if (leaving_)
    return;
  auto now = member_id(*link_);
  if (member_.empty()) {
    member_ = std::move(now);
  } else if (now != member_) {
    tell_(false);
    ended_ = true;
  }
  if (group_generation(*link_) >= 0)
    troubles_.clear("group");
}

/// Nothing else would tell a member that stands by that all is well again.
void candidacy::look_again() {
  next_look_ = clock::now() + look_interval;
  // All topics are asked for: asking by name would make some brokers create it.
  const rd_kafka_metadata_t* raw = nullptr;
  if (rd_kafka_metadata(link_->get(), 1, nullptr, &raw, look_timeout_ms)
      != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  const metadata_ptr all{raw};
  troubles_.clear("connection");
  for (int i = 0; i < all->topic_cnt; ++i)
    if (all->topics[i].topic == topic_
        && all->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR)
      troubles_.clear("topic");
}

void candidacy::leave() {
  leaving_ = true;
  tell_(false);
  const auto begin = clock::now();
  // A member that is not in the group now has nothing to leave.
  if (group_generation(*link_) >= 0) {
    rd_kafka_unsubscribe(link_->get());
    // Its name is gone when the LeaveGroup request is on its way; closing waits
    // for the answer.
    for (auto now = member_id(*link_);
         !now.empty() && clock::now() < begin + time_to_leave;
         now = member_id(*link_)) {
      member_ = std::move(now);
      poll(poll_interval_leaving);
    }
  }
  error_ptr error{rd_kafka_consumer_close_queue(link_->get(), events_.get())};
  while (rd_kafka_consumer_closed(link_->get()) == 0
         && clock::now() < begin + time_to_leave + time_to_close)
    poll(poll_interval_leaving);
}

} // namespace sluice::kafka
