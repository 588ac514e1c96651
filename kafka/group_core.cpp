#include "kafka/group_core.hpp"

#include <algorithm>
#include <utility>

#include "kafka/membership.hpp"

namespace sluice::kafka {

namespace {

constexpr int poll_ms = 50;

} // namespace

group_core::group_core(group_options options, fetch_limits limits,
                       std::shared_ptr<client> link,
                       std::shared_ptr<group_listener> listener,
                       std::function<void()> ended)
    : options_{std::move(options)}, limits_{limits}, link_{std::move(link)},
      listener_{std::move(listener)}, ended_membership_{std::move(ended)},
      events_{rd_kafka_queue_get_consumer(link_->get())},
      troubles_{[this](std::string reason) {
        listener_->trouble(std::move(reason));
      }} {}

group_core::~group_core() { close(std::chrono::milliseconds{0}); }

tl::expected<void, std::string> group_core::begin() {
  rd_kafka_poll_set_consumer(link_->get());
  partition_list_ptr topics{rd_kafka_topic_partition_list_new(
      static_cast<int>(options_.topics.size()))};
  for (const auto& topic : options_.topics)
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(),
                                      RD_KAFKA_PARTITION_UA);
  if (auto error = rd_kafka_subscribe(link_->get(), topics.get()); error != 0)
    return tl::unexpected{"kafka: cannot subscribe: "
                          + std::string{rd_kafka_err2str(error)}};
  inquirer_ = std::make_unique<inquirer>(
      link_, inquirer::answers{
                 [this](const reader_ptr& of, starting_point point) {
                   post([this, of, point = std::move(point)]() mutable {
                     on_starting_point(of, std::move(point));
                   });
                 },
                 [this](const reader_ptr& of, std::int64_t offset) {
                   post([this, of, offset] { start_at(of, offset); });
                 },
                 [this](rd_kafka_resp_err_t error) {
                   post([this, error] { on_outcome(error); });
                 },
                 [this] { post([this] { troubles_.clear_all("topic:"); }); },
                 [this](const std::string& topic, std::int32_t count) {
                   post([this, topic, count] {
                     listener_->partitions_added(topic, count);
                   });
                 }});
  thread_ = std::thread{[this] { run(); }};
  return {};
}

bool group_core::post(std::function<void()> work) {
  {
    std::lock_guard lock{mutex_};
    if (ended_)
      return false;
    posted_.push_back(std::move(work));
  }
  rd_kafka_queue_yield(events_.get());
  return true;
}

void group_core::start(const reader_ptr& reader,
                       std::optional<std::int64_t> offset) {
  post([this, reader, offset] {
    if (!held_by(*reader))
      return;
    if (offset)
      start_at(reader, *offset);
    else
      inquirer_->ask_earliest(reader);
  });
}

void group_core::reopen(const topic_partition& where) {
  post([this, where] {
    if (auto at = held_.find(where); at != held_.end()) {
      at->second.reader->close();
      to_seek_.erase(where);
      to_reopen_.insert(where);
    }
  });
}

void group_core::release(const topic_partition& where) {
  post([this, where] {
    if (revocation_)
      revocation_->waiting.erase(where);
  });
}

void group_core::commit(const reader_ptr& reader, std::int64_t offset,
                        std::string metadata, const answer& done) {
  pending_commit wanted{reader, offset, std::move(metadata), done};
  auto work = [this, wanted = std::move(wanted)]() mutable {
    send_commit(std::move(wanted));
  };
  if (!post(std::move(work)))
    done({commit_status::not_owner, "this node has left the group"});
}

void group_core::close(std::chrono::milliseconds deadline) {
  std::lock_guard once{closing_mutex_};
  if (!thread_.joinable())
    return;
  post([this, until = clock::now() + deadline] {
    if (closing_)
      return; // expelled meanwhile
    closing_ = until;
    leaving_ = true;
    // A member that is not in the group now has nothing to leave.
    if (is_member())
      rd_kafka_unsubscribe(link_->get());
    else
      disconnect();
  });
  thread_.join();
  inquirer_->stop();
}

void group_core::run() {
  while (!is_finished()) {
    run_posted();
    event_ptr event{rd_kafka_queue_poll(events_.get(), poll_ms)};
    if (event)
      handle(event.get());
    else
      answered_early_ = false;
    watch_membership();
    watch_revocation();
    leave();
    reopen_waiting();
    if (!revocation_ && !to_seek_.empty())
      reposition();
  }
  finish();
}

void group_core::run_posted() {
  std::vector<std::function<void()>> work;
  {
    std::lock_guard lock{mutex_};
    work.swap(posted_);
  }
  for (auto& item : work)
    item();
}

void group_core::handle(rd_kafka_event_t* event) {
  switch (rd_kafka_event_type(event)) {
  case RD_KAFKA_EVENT_REBALANCE:
    on_rebalance(event);
    break;
  case RD_KAFKA_EVENT_OFFSET_COMMIT:
    on_commit_reply(event);
    break;
  case RD_KAFKA_EVENT_ERROR:
    on_error(event);
    break;
  default:
    break;
  }
}

/// Closing alone would leave a static member's partitions idle until its
/// session has expired: librdkafka tells the group of a static member's end
/// only when it unsubscribes, and not once it is being closed.
void group_core::leave() {
  if (!closing_ || !leaving_)
    return;
  // librdkafka forgets its member id as it sends the LeaveGroup request, and
  // waits for the answer when it closes.
  const auto now = member_id(*link_);
  if (!now.empty())
    member_ = now;
  const bool in_group = revocation_ || !now.empty();
  if (!in_group || clock::now() >= *closing_ - leave_reserve / 2)
    disconnect();
}

void group_core::disconnect() {
  leaving_ = false;
  // is_finished() watches it.
  error_ptr error{rd_kafka_consumer_close_queue(link_->get(), events_.get())};
}

/// A member that was expelled has another name afterwards, or none. Nothing of
/// it is true any more, whatever librdkafka takes over into the next
/// membership.
void group_core::watch_membership() {
  if (closing_)
    return;
  auto now = member_id(*link_);
  if (member_.empty())
    member_ = std::move(now);
  else if (now != member_)
    expel();
}

void group_core::expel() {
  constexpr std::chrono::seconds time_to_leave{3};
  expelled_ = true;
  troubles_.raise("member", "the membership in group " + options_.group
                                + " has ended; joins again");
  std::set<topic_partition> handed;
  for (auto& [where, item] : held_)
    if (std::exchange(item.handed, false))
      handed.insert(where);
  lose(handed);
  if (revocation_)
    revocation_->waiting.clear();
  closing_ = clock::now() + time_to_leave;
  leaving_ = true;
  if (is_member())
    rd_kafka_unsubscribe(link_->get());
  else
    disconnect();
}

bool group_core::is_finished() {
  if (!closing_)
    return false;
  return clock::now() >= *closing_
         || (!leaving_ && !revocation_
             && rd_kafka_consumer_closed(link_->get()) != 0);
}

void group_core::finish() {
  std::set<topic_partition> rest;
  for (auto& [where, item] : held_) {
    item.reader->close();
    if (item.handed)
      rest.insert(where);
  }
  if (!rest.empty())
    listener_->lost({rest.begin(), rest.end()});
  held_.clear();
  std::vector<std::function<void()>> work;
  {
    std::lock_guard lock{mutex_};
    ended_ = true;
    work.swap(posted_);
  }
  // Commits posted last find nothing held and are refused.
  for (auto& item : work)
    item();
  for (auto& [id, item] : std::exchange(commits_, {}))
    item.done({commit_status::not_owner,
               "this node left the group before the broker answered"});
  // librdkafka 2.0.2 aborts the process when a member that has joined, but has
  // not been assigned anything yet, is destroyed (the assignor's state is freed
  // unseen: rd_kafka_sticky_assignor_state_destroy).
  if (!member_.empty() && !was_assigned_)
    client::never_destroy(link_);
  if (expelled_) {
    troubles_.clear_all("");
    ended_membership_();
  }
}

bool group_core::is_cooperative() const {
  return std::string_view{rd_kafka_rebalance_protocol(link_->get())}
         == "COOPERATIVE";
}

void group_core::on_error(rd_kafka_event_t* event) {
  auto error = rd_kafka_event_error(event);
  std::string words = rd_kafka_event_error_string(event);
  switch (error) {
  case RD_KAFKA_RESP_ERR__FATAL: {
    char text[512];
    rd_kafka_fatal_error(link_->get(), text, sizeof text);
    troubles_.raise("fatal", "Kafka at " + link_->brokers()
                                 + " has fenced this node (" + text
                                 + "); is its instance id used twice? Restart "
                                   "the node");
    break;
  }
  case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
  case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    troubles_.raise("topic:" + words, describe(error, words, link_->brokers()));
    inquirer_->await_topics(options_.topics);
    break;
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    troubles_.raise("rights:", describe(error, words, link_->brokers()));
    break;
  case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    troubles_.raise("connection", describe(error, *link_));
    break;
  case RD_KAFKA_RESP_ERR__AUTHENTICATION:
  case RD_KAFKA_RESP_ERR__SSL:
    // The same outage, told better.
    troubles_.raise("connection", describe(error, words, link_->brokers()));
    break;
  default:
    // Single connections come and go; the inquirer tells lasting trouble.
    break;
  }
}

void group_core::on_outcome(rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
    troubles_.clear("connection");
  else if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
           || error == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
    troubles_.raise("rights:", describe(error, {}, link_->brokers()));
  else if (error != RD_KAFKA_RESP_ERR__DESTROY
           && error != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
    troubles_.raise("connection", describe(error, *link_));
}

} // namespace sluice::kafka
