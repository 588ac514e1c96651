// group_core: what becomes of partitions when the group rebalances.
#include "kafka/group_core.hpp"

#include <algorithm>
#include <utility>

namespace sluice::kafka {

namespace {

/// Seeks are answered by librdkafka itself, not by a broker.
constexpr int seek_timeout_ms = 1000;

class group_partition final : public partition_source {
public:
  group_partition(std::shared_ptr<partition_reader> reader,
                  std::weak_ptr<group_core> group)
      : reader_{std::move(reader)}, group_{std::move(group)} {}

  ~group_partition() override { reader_->on_available({}); }

  const topic_partition& where() const override { return reader_->where(); }
  void start(std::optional<std::int64_t> offset) override {
    if (auto group = group_.lock())
      group->start(reader_, offset);
  }
  record_batch_ptr take(std::size_t records_max,
                        std::size_t bytes_max) override {
    return reader_->take(records_max, bytes_max);
  }
  std::int64_t position() const override { return reader_->position(); }
  void on_available(std::function<void()> notify) override {
    reader_->on_available(std::move(notify));
  }
  void commit(std::int64_t offset, std::string metadata,
              std::function<void(commit_outcome)> done) override {
    if (auto group = group_.lock())
      group->commit(reader_, offset, std::move(metadata), done);
    else
      done({commit_status::not_owner, "this node has left the group"});
  }
  std::optional<log_bounds> bounds() const override {
    return reader_->bounds();
  }
  std::optional<source_failure> failure() const override {
    return reader_->failure();
  }

private:
  std::shared_ptr<partition_reader> reader_;
  std::weak_ptr<group_core> group_;
};

partition_list_ptr empty_list() {
  return partition_list_ptr{rd_kafka_topic_partition_list_new(0)};
}

} // namespace

void group_core::on_rebalance(rd_kafka_event_t* event) {
  std::vector<topic_partition> partitions;
  if (const auto* list = rd_kafka_event_topic_partition_list(event))
    for (int i = 0; i < list->cnt; ++i)
      partitions.push_back({list->elems[i].topic, list->elems[i].partition});
  was_assigned_ = true;
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
    on_assigned(std::move(partitions));
  else
    on_revoked(std::move(partitions));
}

void group_core::on_assigned(std::vector<topic_partition> partitions) {
  troubles_.clear("rights:");
  suspend_all();
  const bool cooperative = is_cooperative();
  partition_list_ptr all = empty_list();
  std::vector<reader_ptr> readers;
  for (const auto& where : partitions) {
    auto& item = held_[where];
    const bool in_library = !cooperative || item.in_library;
    item = {};
    item.reader = make_reader(where);
    item.in_library = in_library;
    readers.push_back(item.reader);
    if (!cooperative)
      rd_kafka_topic_partition_list_add(all.get(), where.topic.c_str(),
                                        where.partition)
          ->offset = RD_KAFKA_OFFSET_END;
  }
  change_assignment(true, all.get());
  inquirer_->ask_starting(readers);
}

group_core::reader_ptr group_core::make_reader(const topic_partition& where) {
  auto& bell = bells_[where];
  if (!bell)
    bell = std::make_shared<fetch_bell>(link_);
  auto result = std::make_shared<partition_reader>(link_, where, limits_,
                                                   options_.with_headers, bell);
  inquirer_->watch(result);
  return result;
}

/// nullptr: the partition was given up, or handed out again, since.
group_core::holding* group_core::held_by(const partition_reader& reader) {
  const auto at = held_.find(reader.where());
  return at == held_.end() || at->second.reader.get() != &reader ? nullptr
                                                                 : &at->second;
}

void group_core::on_starting_point(const reader_ptr& of, starting_point point) {
  auto* item = held_by(*of);
  if (!item || item->handed || closing_)
    return;
  if (revocation_
      && std::ranges::find(revocation_->all, of->where())
             != revocation_->all.end())
    return;
  item->handed = true;
  std::vector<assigned_partition> one;
  one.push_back({std::make_unique<group_partition>(of, weak_from_this()),
                 std::move(point.committed), point.partition_count,
                 point.bounds});
  listener_->assigned(std::move(one));
}

void group_core::start_at(const reader_ptr& of, std::int64_t offset) {
  auto* held = held_by(*of);
  if (!held || closing_)
    return;
  const auto& where = of->where();
  auto& item = *held;
  item.reader->close();
  if (is_cooperative() && item.in_library
      && (item.broken || item.reader->failure()))
    leave_library(where, item);
  item.broken = false;
  item.reader->move_to(offset);
  item.started = true;
  if (!item.in_library)
    enter_library(where, item);
  else
    to_seek_.insert(where);
}

/// At the offset where it is to be read.
void group_core::enter_library(const topic_partition& where, holding& item) {
  auto list = list_of(where, item.reader->position());
  error_ptr error{rd_kafka_incremental_assign(link_->get(), list.get())};
  item.in_library = true;
  if (error)
    troubles_.raise("start:" + to_string(where),
                    to_string(where) + ": cannot be read: "
                        + rd_kafka_error_string(error.get()));
  // While the group is giving partitions up everything stands still.
  if (error || revocation_)
    to_seek_.insert(where);
  else
    item.reader->open();
}

/// librdkafka takes any call like this for the answer to a revocation that it
/// has told of, also when that is still to be read; then the partitions of it
/// are as good as given up.
void group_core::leave_library(const topic_partition& where, holding& item) {
  auto list = list_of(where);
  error_ptr error{rd_kafka_incremental_unassign(link_->get(), list.get())};
  item.in_library = false;
  answered_early_ = answered_early_ || rd_kafka_queue_length(events_.get()) > 0;
}

void group_core::reopen_waiting() {
  for (auto at = to_reopen_.begin(); at != to_reopen_.end();) {
    const auto& where = *at;
    // A commit under way may still move the position that is to be read.
    if (std::ranges::any_of(commits_, [&](const auto& item) {
          return item.second.reader->where() == where;
        })) {
      ++at;
      continue;
    }
    if (auto found = held_.find(where); found != held_.end()) {
      auto& item = found->second;
      item.handed = false;
      item.started = false;
      item.broken = item.broken || item.reader->failure();
      to_seek_.erase(where);
      item.reader = make_reader(where);
      inquirer_->ask_starting({item.reader});
    }
    at = to_reopen_.erase(at);
  }
}

void group_core::suspend_all() {
  for (auto& [where, item] : held_)
    if (item.started) {
      item.reader->close();
      if (!item.reader->failure())
        to_seek_.insert(where);
    }
}

void group_core::change_assignment(bool add,
                                   rd_kafka_topic_partition_list_t* list) {
  auto* rk = link_->get();
  if (is_cooperative())
    error_ptr error{add ? rd_kafka_incremental_assign(rk, list)
                        : rd_kafka_incremental_unassign(rk, list)};
  else
    rd_kafka_assign(rk, add ? list : nullptr);
}

void group_core::reposition() {
  for (auto at = to_seek_.begin(); at != to_seek_.end();) {
    auto item = held_.find(*at);
    if (item == held_.end()) {
      at = to_seek_.erase(at);
      continue;
    }
    auto& reader = *item->second.reader;
    auto list = list_of(*at, reader.position());
    error_ptr error{
        rd_kafka_seek_partitions(link_->get(), list.get(), seek_timeout_ms)};
    // Not yet fetching (an earlier fetch is still being stopped): once more
    // at the next turn.
    if (error || list->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++at;
      continue;
    }
    reader.open();
    troubles_.clear("start:" + to_string(*at));
    at = to_seek_.erase(at);
  }
}

void group_core::on_revoked(std::vector<topic_partition> partitions) {
  revocation_ = revocation{std::move(partitions), {}, {}};
  for (const auto& where : revocation_->all) {
    inquirer_->forget(where);
    auto at = held_.find(where);
    if (at != held_.end() && at->second.handed)
      revocation_->waiting.insert(where);
  }
  if (std::exchange(answered_early_, false)
      || rd_kafka_assignment_lost(link_->get()) != 0) {
    lose(std::exchange(revocation_->waiting, {}));
  } else if (!revocation_->waiting.empty()) {
    revocation_->deadline = clock::now() + options_.revocation_deadline;
    if (closing_)
      revocation_->deadline =
          std::min(revocation_->deadline, *closing_ - leave_reserve);
    listener_->revoked(
        {revocation_->waiting.begin(), revocation_->waiting.end()});
  }
  watch_revocation();
}

void group_core::watch_revocation() {
  if (!revocation_)
    return;
  if (!revocation_->waiting.empty()) {
    const bool gone = rd_kafka_assignment_lost(link_->get()) != 0;
    if (!gone && clock::now() < revocation_->deadline)
      return;
    // Told to drop what it has not released: it is no longer ours.
    lose(std::exchange(revocation_->waiting, {}));
  }
  end_revocation();
}

void group_core::lose(const std::set<topic_partition>& partitions) {
  for (const auto& where : partitions)
    if (auto at = held_.find(where); at != held_.end())
      at->second.reader->close();
  if (!partitions.empty())
    listener_->lost({partitions.begin(), partitions.end()});
}

void group_core::end_revocation() {
  auto gone = empty_list();
  for (const auto& where : revocation_->all) {
    auto at = held_.find(where);
    if (at == held_.end())
      continue;
    at->second.reader->close();
    if (at->second.in_library)
      rd_kafka_topic_partition_list_add(gone.get(), where.topic.c_str(),
                                        where.partition);
    held_.erase(at);
    to_seek_.erase(where);
    to_reopen_.erase(where);
  }
  suspend_all();
  change_assignment(false, gone.get());
  revocation_.reset();
}

} // namespace sluice::kafka
