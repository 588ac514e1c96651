#include "kafka/play.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "kafka/partitioner.hpp"

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How often readers are asked, and how often a wait is told.
constexpr milliseconds ask_interval{20};
constexpr milliseconds tell_interval{1000};
constexpr milliseconds flush_deadline{60'000};
constexpr std::size_t tell_every = 10'000;

/// Answers of the sink, which come from another thread and may come late.
struct answers {
  std::mutex mutex;
  std::string first_error;
};

/// What play itself has put on one partition and nobody has read yet.
struct backlog {
  bool looked = false;
  std::int64_t end = 0; // offset that the next record will get
  std::deque<std::pair<std::int64_t, std::size_t>> unread;
  std::size_t bytes = 0;

  void add(std::size_t size) {
    unread.emplace_back(end++, size);
    bytes += size;
  }
  void read_up_to(std::int64_t offset) {
    while (!unread.empty() && unread.front().first < offset) {
      bytes -= unread.front().second;
      unread.pop_front();
    }
  }
};

class player {
public:
  player(const play_options& options, record_sink& sink,
         const std::function<void(const play_progress&)>& progress)
      : options_{options}, sink_{sink}, progress_{progress} {}

  tl::expected<void, std::string> send(owned_record record) {
    if (auto ok = place(record); !ok)
      return ok;
    auto size = stored_bytes(record);
    if (options_.unread)
      if (auto ok = make_room(record.where, size); !ok)
        return ok;
    sink_.send(record, [told = answers_](const std::string& error) {
      std::lock_guard lock{told->mutex};
      if (!error.empty() && told->first_error.empty())
        told->first_error = error;
    });
    ++state_.records;
    state_.bytes += size;
    if (state_.records % tell_every == 0)
      progress_(state_);
    return answered();
  }

  tl::expected<void, std::string> finish() {
    if (!sink_.flush(flush_deadline))
      return tl::unexpected{std::string{
          "the broker did not acknowledge everything within a minute"}};
    progress_(state_);
    return answered();
  }

  [[nodiscard]] std::size_t sent() const { return state_.records; }

private:
  tl::expected<void, std::string> place(owned_record& record) const {
    auto& where = record.where;
    auto at = options_.topics.find(where.topic);
    if (at == options_.topics.end())
      return tl::unexpected{"topic " + where.topic
                            + " does not exist; create it or correct the "
                              "file"};
    if (where.partition < 0)
      where.partition = record.key ? partition_of(*record.key, at->second) : 0;
    if (where.partition >= at->second)
      return tl::unexpected{"topic " + where.topic + " has no partition "
                            + std::to_string(where.partition) + " (it has "
                            + std::to_string(at->second) + ")"};
    return {};
  }

  tl::expected<void, std::string> answered() {
    std::lock_guard lock{answers_->mutex};
    if (answers_->first_error.empty())
      return {};
    return tl::unexpected{answers_->first_error};
  }

  [[nodiscard]] bool fits(const backlog& held, std::size_t size) const {
    return held.unread.empty()
           || (held.bytes + size <= options_.unread->bytes
               && held.unread.size() < options_.unread->records);
  }

  tl::expected<void, std::string> make_room(const topic_partition& where,
                                            std::size_t size) {
    auto& held = backlogs_[where];
    if (!options_.readers) {
      if (!fits(held, size))
        return tl::unexpected{
            to_string(where)
            + ": the embedded broker cannot hold more unread records; name the "
              "group that reads them, and have its node running"};
      held.add(size);
      return {};
    }
    if (!held.looked)
      if (auto ok = look(where, held); !ok)
        return ok;
    if (!fits(held, size))
      if (auto ok = wait(where, held, size); !ok)
        return ok;
    held.add(size);
    return {};
  }

  /// What is unread from before fills the limit: its size is not known.
  tl::expected<void, std::string> look(const topic_partition& where,
                                       backlog& held) {
    auto bounds = options_.readers->bounds(where);
    if (!bounds)
      return tl::unexpected{bounds.error()};
    held.looked = true;
    held.end = bounds->end;
    if (bounds->end > bounds->start) {
      held.unread.emplace_back(bounds->end - 1, options_.unread->bytes);
      held.bytes = options_.unread->bytes;
    }
    return {};
  }

  tl::expected<void, std::string> wait(const topic_partition& where,
                                       backlog& held, std::size_t size) {
    // The readers can only commit what has arrived.
    if (!sink_.flush(flush_deadline))
      return tl::unexpected{to_string(where)
                            + ": the broker does not acknowledge"};
    if (auto ok = answered(); !ok)
      return ok;
    std::int64_t reached = -1;
    auto moved = steady_clock::now();
    auto told = moved;
    std::string trouble;
    for (;;) {
      auto committed = options_.readers->committed({where});
      trouble = committed ? std::string{} : committed.error();
      auto offset = committed ? (*committed)[where].offset.value_or(-1) : -1;
      auto now = steady_clock::now();
      if (offset > reached) {
        reached = offset;
        moved = now;
        held.read_up_to(reached);
      }
      if (fits(held, size)) {
        state_.waiting.clear();
        return {};
      }
      auto waiting = to_string(where) + ": read up to offset "
                     + std::to_string(std::max<std::int64_t>(reached, 0))
                     + " of " + std::to_string(held.end)
                     + (trouble.empty() ? "" : "; " + trouble);
      if (now - moved >= options_.patience)
        return tl::unexpected{"gave up waiting for the readers of " + waiting
                              + "; is the node that reads them running?"};
      if (now - told >= tell_interval) {
        told = now;
        state_.waiting = waiting;
        progress_(state_);
      }
      std::this_thread::sleep_for(ask_interval);
    }
  }

  const play_options& options_;
  record_sink& sink_;
  const std::function<void(const play_progress&)>& progress_;
  std::shared_ptr<answers> answers_ = std::make_shared<answers>();
  std::map<topic_partition, backlog> backlogs_;
  play_progress state_;
};

} // namespace

tl::expected<std::size_t, std::string>
play(const record_feed& records, const play_options& options, record_sink& sink,
     const std::function<void(const play_progress&)>& progress) {
  player at_work{options, sink, progress};
  auto failed = [&](const std::string& reason) {
    static_cast<void>(sink.flush(flush_deadline));
    return tl::unexpected{reason + " (after " + std::to_string(at_work.sent())
                          + " records were sent)"};
  };
  for (;;) {
    auto record = records();
    if (!record)
      return failed(record.error());
    if (!*record)
      break;
    if (auto ok = at_work.send(std::move(**record)); !ok)
      return failed(ok.error());
  }
  if (auto ok = at_work.finish(); !ok)
    return failed(ok.error());
  return at_work.sent();
}

} // namespace sluice::kafka
