#include "kafka/renewed_member.hpp"

#include <utility>

namespace sluice::kafka {

namespace {

/// Between two attempts to make a client that fail in this process already.
constexpr std::chrono::seconds retry_interval{1};

} // namespace

tl::expected<std::unique_ptr<group_member>, std::string>
renewed_member::join(join_function join) {
  auto result = std::make_unique<renewed_member>(std::move(join));
  auto first = result->join_([member = result.get()] { member->ended(); });
  if (!first)
    return tl::unexpected{first.error()};
  {
    const std::lock_guard lock{result->mutex_};
    result->core_ = std::move(*first);
  }
  result->thread_ = std::thread{[member = result.get()] { member->renew(); }};
  return result;
}

renewed_member::renewed_member(join_function join) : join_{std::move(join)} {}

renewed_member::~renewed_member() { close(std::chrono::seconds{5}); }

renewed_member::core_ptr renewed_member::core() const {
  const std::lock_guard lock{mutex_};
  return core_;
}

void renewed_member::reopen(const topic_partition& where) {
  if (const auto now = core())
    now->reopen(where);
}

void renewed_member::release(const topic_partition& where) {
  if (const auto now = core())
    now->release(where);
}

void renewed_member::ended() {
  const std::lock_guard lock{mutex_};
  ended_ = true;
  changed_.notify_all();
}

void renewed_member::renew() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return ended_ || closing_; });
    if (closing_)
      return;
    ended_ = false;
    const auto former = std::exchange(core_, nullptr);
    lock.unlock();
    former->close(std::chrono::milliseconds{0});
    auto next = join_([this] { ended(); });
    lock.lock();
    if (next)
      core_ = std::move(*next);
    else if (!changed_.wait_for(lock, retry_interval,
                                [this] { return closing_; })) {
      core_ = former; // whose thread has ended: nothing is held
      ended_ = true;
    }
  }
}

void renewed_member::close(std::chrono::milliseconds deadline) {
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
    changed_.notify_all();
  }
  // A membership that is being made is closed when it is there.
  if (thread_.joinable() && std::this_thread::get_id() != thread_.get_id())
    thread_.join();
  if (const auto last = core())
    last->close(deadline);
}

} // namespace sluice::kafka
