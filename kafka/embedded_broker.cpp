#include "kafka/embedded_broker.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "kafka/group_positions.hpp"
#include "kafka/journal.hpp"
#include "kafka/journal_tail.hpp"
#include "kafka/rdkafka.hpp"
#include <librdkafka/rdkafka_mock.h>

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds poll_interval{200};
/// While the playback waits for the group.
constexpr milliseconds feed_interval{20};
/// A record is journaled within milliseconds; a disk may be slow.
constexpr milliseconds commit_deadline{10'000};

using mock_ptr = std::unique_ptr<rd_kafka_mock_cluster_t,
                                 freed_by<rd_kafka_mock_cluster_destroy>>;

class journaled_broker final : public embedded_broker {
public:
  explicit journaled_broker(embedded_broker_options options)
      : options_{std::move(options)} {}

  ~journaled_broker() override {
    {
      std::lock_guard lock{mutex_};
      stop_ = true;
    }
    changed_.notify_all();
    if (watcher_.joinable())
      watcher_.join();
    if (tail_) {
      // What was produced before the end is kept.
      static_cast<void>(wait_journaled(milliseconds{2000}));
      tail_->stop();
    }
  }

  tl::expected<void, std::string> open();

  std::string brokers() const override { return brokers_; }
  const std::vector<std::string>& notices() const override { return notices_; }
  bool is_played_back() const override {
    std::lock_guard lock{mutex_};
    return played_back_;
  }
  bool wait_played_back(milliseconds deadline) override {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, deadline, [&] { return played_back_; });
  }
  tl::expected<void, std::string> create_topic(const topic_plan& plan) override;
  tl::expected<void, std::string>
  journal_commit(const std::string& group, const topic_partition& where,
                 std::int64_t offset, const std::string& metadata) override;
  tl::expected<void, std::string>
  wait_journaled(milliseconds deadline) override;
  tl::expected<void, std::string>
  wait_journaled(const topic_partition& where, milliseconds deadline) override;

private:
  tl::expected<void, std::string> start_cluster();
  tl::expected<void, std::string> make_topics();
  tl::expected<void, std::string> restore_commits();
  tl::expected<void, std::string> begin_playback();
  tl::expected<bool, std::string> feed();
  void watch();
  void watch_commits(const std::string& group, group_positions& reader);
  tl::expected<void, std::string> await_records(const topic_partition& where,
                                                steady_clock::time_point until);
  [[nodiscard]] std::vector<topic_partition> partitions() const;
  void tell(const std::string& text) const {
    if (options_.trouble)
      options_.trouble(text);
  }

  embedded_broker_options options_;
  std::unique_ptr<journal> journal_;
  std::shared_ptr<client> host_;
  mock_ptr cluster_;
  std::string brokers_;
  std::vector<std::string> notices_;
  std::map<std::string, std::unique_ptr<group_positions>> groups_;
  std::unique_ptr<group_positions> ends_;
  std::unique_ptr<playback> playback_;
  std::unique_ptr<journal_tail> tail_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  bool played_back_ = false;
  std::mutex commits_mutex_;
  /// Counts this process's own commits, so that an older answer of the broker
  /// is not taken for a newer commit of somebody else.
  std::map<journal::commit_key, std::uint64_t> own_commits_;
  std::thread watcher_;
};

tl::expected<void, std::string> journaled_broker::open() {
  auto opened = journal::open(options_.directory);
  if (!opened)
    return tl::unexpected{opened.error()};
  journal_ = std::move(*opened);
  notices_ = journal_->notices();
  if (auto ok = start_cluster(); !ok)
    return ok;
  if (auto ok = make_topics(); !ok)
    return ok;
  if (auto ok = restore_commits(); !ok)
    return ok;
  auto ends = group_positions::make({brokers_}, "sluice.journal");
  if (!ends)
    return tl::unexpected{ends.error()};
  ends_ = std::move(*ends);
  auto tail = journal_tail::start(
      *journal_, brokers_, [this](const std::string& text) { tell(text); });
  if (!tail)
    return tl::unexpected{tail.error()};
  tail_ = std::move(*tail);
  if (auto ok = begin_playback(); !ok)
    return ok;
  watcher_ = std::thread{[this] { watch(); }};
  return {};
}

tl::expected<void, std::string> journaled_broker::start_cluster() {
  // The instance only hosts the cluster's thread and connects nowhere.
  auto host =
      client::make({.type = RD_KAFKA_PRODUCER, .brokers = "127.0.0.1:1"});
  if (!host)
    return tl::unexpected{host.error()};
  host_ = std::move(*host);
  cluster_.reset(rd_kafka_mock_cluster_new(host_->get(), 1));
  if (!cluster_)
    return tl::unexpected{
        std::string{"the embedded Kafka broker cannot listen on the loopback"}};
  brokers_ = rd_kafka_mock_cluster_bootstraps(cluster_.get());
  return {};
}

tl::expected<void, std::string> journaled_broker::make_topics() {
  auto known = journal_->topics();
  auto wanted = options_.topics;
  wanted.insert(wanted.end(), options_.unread_topics.begin(),
                options_.unread_topics.end());
  for (const auto& plan : wanted) {
    auto at = known.find(plan.name);
    if (at != known.end() && at->second != plan.partitions)
      notices_.push_back(
          "topic " + plan.name + " keeps its " + std::to_string(at->second)
          + " partitions (" + std::to_string(plan.partitions)
          + " asked for); move the data directory away to start anew");
    if (auto ok = journal_->add_topic(plan.name, plan.partitions); !ok)
      return ok;
  }
  for (const auto& [topic, partitions] : journal_->topics())
    if (auto error = rd_kafka_mock_topic_create(cluster_.get(), topic.c_str(),
                                                partitions, 1);
        error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected{"embedded Kafka: cannot create topic " + topic
                            + ": " + rd_kafka_err2str(error)};
  return {};
}

tl::expected<void, std::string> journaled_broker::restore_commits() {
  std::map<std::string, std::map<topic_partition, committed_position>> all;
  for (const auto& [key, position] : journal_->commits())
    all[key.first][key.second] = position;
  auto names = options_.other_groups;
  if (!options_.group.empty())
    names.push_back(options_.group);
  for (const auto& name : names)
    all.try_emplace(name);
  for (const auto& [group, positions] : all) {
    auto reader = group_positions::make({brokers_}, group);
    if (!reader)
      return tl::unexpected{reader.error()};
    // The broker has no member of any group yet, so it takes these.
    if (auto ok = (*reader)->commit(positions); !ok)
      return tl::unexpected{"embedded Kafka: group " + group
                            + ": its commits cannot be restored: "
                            + ok.error()};
    if (std::ranges::find(names, group) != names.end())
      groups_[group] = std::move(*reader);
  }
  return {};
}

tl::expected<void, std::string> journaled_broker::begin_playback() {
  std::set<topic_partition> guarded;
  if (!options_.group.empty())
    for (const auto& where : partitions())
      if (std::ranges::any_of(options_.topics, [&](const topic_plan& plan) {
            return plan.name == where.topic;
          }))
        guarded.insert(where);
  auto made = playback::make(*journal_, brokers_, guarded, options_.unread);
  if (!made)
    return tl::unexpected{made.error()};
  playback_ = std::move(*made);
  for (;;) {
    auto fed = feed();
    if (!fed)
      return tl::unexpected{fed.error()};
    if (!*fed)
      return {};
  }
}

tl::expected<bool, std::string> journaled_broker::feed() {
  std::map<topic_partition, std::int64_t> committed;
  for (const auto& [key, position] : journal_->commits())
    if (key.first == options_.group && position.offset)
      committed[key.second] = *position.offset;
  auto fed = playback_->advance(committed);
  if (!fed)
    return fed;
  tail_->follow(playback_->take_finished());
  if (playback_->done()) {
    std::lock_guard lock{mutex_};
    played_back_ = true;
    changed_.notify_all();
  }
  return fed;
}

void journaled_broker::watch() {
  auto next_poll = steady_clock::now();
  std::unique_lock lock{mutex_};
  bool feeding = true;
  while (!stop_) {
    changed_.wait_for(lock,
                      played_back_ || !feeding ? poll_interval : feed_interval);
    if (stop_)
      break;
    const bool unfinished = !played_back_;
    lock.unlock();
    if (steady_clock::now() >= next_poll) {
      for (auto& [group, reader] : groups_)
        watch_commits(group, *reader);
      next_poll = steady_clock::now() + poll_interval;
    }
    if (unfinished && feeding)
      if (auto fed = feed(); !fed) {
        feeding = false;
        tell("embedded Kafka: " + fed.error()
             + "; unread records stay in the journal: restart to read them");
      }
    lock.lock();
  }
}

void journaled_broker::watch_commits(const std::string& group,
                                     group_positions& reader) {
  std::map<journal::commit_key, std::uint64_t> before;
  {
    std::lock_guard lock{commits_mutex_};
    before = own_commits_;
  }
  auto answers = reader.committed(partitions());
  if (!answers)
    return;
  auto known = journal_->commits();
  for (const auto& [where, position] : *answers) {
    journal::commit_key key{group, where};
    if (!position.offset)
      continue;
    if (auto at = known.find(key); at != known.end()
                                   && at->second.offset == position.offset
                                   && at->second.metadata == position.metadata)
      continue;
    auto ready = await_records(where, steady_clock::now() + commit_deadline);
    std::lock_guard lock{commits_mutex_};
    if (!ready || own_commits_[key] != before[key])
      continue;
    if (auto ok =
            journal_->commit(group, where, *position.offset, position.metadata);
        !ok)
      tell(ok.error());
  }
}

std::vector<topic_partition> journaled_broker::partitions() const {
  std::vector<topic_partition> result;
  for (const auto& [topic, count] : journal_->topics())
    for (int i = 0; i < count; ++i)
      result.push_back({topic, i});
  return result;
}

tl::expected<void, std::string>
journaled_broker::await_records(const topic_partition& where,
                                steady_clock::time_point until) {
  // Before its playback is complete, all there is came from the journal.
  if (!tail_->follows(where))
    return {};
  auto bounds = ends_->bounds(where);
  if (!bounds)
    return tl::unexpected{bounds.error()};
  if (!tail_->wait_for(where, bounds->end, until))
    return tl::unexpected{"embedded Kafka: " + to_string(where)
                          + ": the journal is behind; is the disk of "
                          + options_.directory.string() + " full or slow?"};
  return {};
}

tl::expected<void, std::string>
journaled_broker::create_topic(const topic_plan& plan) {
  if (journal_->topics().contains(plan.name))
    return {};
  auto error = rd_kafka_mock_topic_create(cluster_.get(), plan.name.c_str(),
                                          plan.partitions, 1);
  // The tail may have found it in the meantime, or a client made it.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR
      && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    return tl::unexpected{"embedded Kafka: cannot create topic " + plan.name
                          + ": " + rd_kafka_err2str(error)};
  tail_->discover();
  if (!journal_->topics().contains(plan.name))
    return tl::unexpected{"embedded Kafka: topic " + plan.name
                          + " could not be journaled"};
  return {};
}

tl::expected<void, std::string> journaled_broker::journal_commit(
    const std::string& group, const topic_partition& where, std::int64_t offset,
    const std::string& metadata) {
  auto ready = await_records(where, steady_clock::now() + commit_deadline);
  if (!ready)
    return ready;
  std::lock_guard lock{commits_mutex_};
  ++own_commits_[{group, where}];
  return journal_->commit(group, where, offset, metadata);
}

tl::expected<void, std::string>
journaled_broker::wait_journaled(milliseconds deadline) {
  auto until = steady_clock::now() + deadline;
  tail_->discover();
  for (const auto& where : partitions())
    if (auto ok = await_records(where, until); !ok)
      return ok;
  return journal_->sync();
}

tl::expected<void, std::string>
journaled_broker::wait_journaled(const topic_partition& where,
                                 milliseconds deadline) {
  if (auto ok = await_records(where, steady_clock::now() + deadline); !ok)
    return ok;
  return journal_->sync(where);
}

} // namespace

tl::expected<std::unique_ptr<embedded_broker>, std::string>
embedded_broker::start(embedded_broker_options options) {
  auto result = std::make_unique<journaled_broker>(std::move(options));
  if (auto ok = result->open(); !ok)
    return tl::unexpected{ok.error()};
  return result;
}

} // namespace sluice::kafka
