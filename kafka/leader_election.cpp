#include "kafka/leader_election.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "kafka/candidacy.hpp"

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;

/// Between two attempts to make a client that fail in this process already.
constexpr milliseconds retry_interval{1000};
/// How long the group's other members wait for one that does not answer a
/// rebalance, though it lives.
constexpr milliseconds rebalance_timeout{60'000};

settings properties_of(const election_options& options) {
  auto result = options.at.properties;
  result.erase("group.instance.id");
  // A topic that appears is found this soon.
  result.try_emplace("topic.metadata.refresh.interval.ms", "5000");
  result.try_emplace("reconnect.backoff.max.ms", "2000");
  return result;
}

settings pinned_of(const election_options& options) {
  return {
      {"client.id", options.client_id},
      {"group.id", options.group},
      {"partition.assignment.strategy", "cooperative-sticky"},
      {"session.timeout.ms", std::to_string(options.session_timeout.count())},
      {"heartbeat.interval.ms", std::to_string(options.heartbeat.count())},
      {"max.poll.interval.ms",
       std::to_string(
           std::max(rebalance_timeout, options.session_timeout).count())},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"allow.auto.create.topics", "false"},
  };
}

tl::expected<std::shared_ptr<client>, std::string>
connect(const election_options& options) {
  return client::make(
      {.type = RD_KAFKA_CONSUMER,
       .brokers = options.at.brokers,
       .properties = properties_of(options),
       .pinned = pinned_of(options),
       .events = RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR});
}

/// One candidacy after the other, on one thread.
class group_election final : public leader_election {
public:
  group_election(election_options options, std::shared_ptr<client> first,
                 std::function<void(bool)> changed,
                 std::function<void(std::string)> trouble)
      : options_{std::move(options)}, changed_{std::move(changed)},
        troubles_{std::move(trouble)},
        thread_{[this,
                 link = std::move(first)](const std::stop_token& stop) mutable {
          run(stop, std::move(link));
        }} {}

private:
  void run(const std::stop_token& stop, std::shared_ptr<client> link) {
    while (!stop.stop_requested()) {
      if (link)
        stand(stop, std::move(link));
      if (stop.stop_requested())
        return;
      auto next = connect(options_);
      if (next) {
        link = std::move(*next);
      } else {
        troubles_.raise("client", next.error());
        std::unique_lock lock{mutex_};
        woken_.wait_for(lock, stop, retry_interval, [] { return false; });
      }
    }
  }

  void stand(const std::stop_token& stop, std::shared_ptr<client> link) {
    candidacy now{std::move(link), options_.topic,
                  [this](bool leads) { tell(leads); }, troubles_};
    if (const auto ok = now.begin(); !ok)
      return troubles_.raise("client", ok.error());
    troubles_.clear("client");
    while (!stop.stop_requested() && !now.has_ended())
      now.turn();
    now.leave();
  }

  void tell(bool leads) {
    if (std::exchange(leads_, leads) != leads)
      changed_(leads);
  }

  election_options options_;
  std::function<void(bool)> changed_;
  trouble_board troubles_;
  bool leads_ = false;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  // Joined first, while the members above are there.
  std::jthread thread_;
};

} // namespace

std::string coordinator_group(const std::string& group) {
  return group + ".coordinator";
}

tl::expected<std::unique_ptr<leader_election>, std::string>
join_election(const election_options& options,
              std::function<void(bool leads)> changed,
              std::function<void(std::string reason)> trouble) {
  auto link = connect(options);
  if (!link)
    return tl::unexpected{link.error()};
  return std::make_unique<group_election>(
      options, std::move(*link), std::move(changed), std::move(trouble));
}

} // namespace sluice::kafka
