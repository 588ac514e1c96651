#include "chaos/load.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sluice::chaos {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds tick{20};
constexpr int ticks_per_second = 50;

} // namespace

load::load(std::vector<record_maker> makers,
           std::unique_ptr<kafka::record_sink> to, int per_second,
           std::function<bool()> is_held)
    : makers_{std::move(makers)}, to_{std::move(to)},
      is_held_{std::move(is_held)},
      thread_{[this, per_second] { run(per_second); }} {}

load::~load() {
  stop_ = true;
  if (thread_.joinable())
    thread_.join();
}

bool load::finish(milliseconds deadline) {
  stop_ = true;
  if (thread_.joinable())
    thread_.join();
  return to_->flush(deadline);
}

void load::run(int per_second) {
  auto next = std::chrono::steady_clock::now();
  auto owed = 0;
  while (!stop_) {
    std::this_thread::sleep_until(next += tick);
    if (is_held_()) {
      next = std::chrono::steady_clock::now();
      continue;
    }
    owed += per_second;
    for (; owed >= ticks_per_second && !stop_; owed -= ticks_per_second)
      send_next();
  }
}

void load::send_next() {
  auto& maker = makers_[turn_++ % makers_.size()];
  auto left = poison_.load();
  const auto poisoned =
      left > 0 && poison_.compare_exchange_strong(left, left - 1);
  ++sent_;
  to_->send(poisoned ? maker.next_poison() : maker.next(),
            [count = acknowledged_](const std::string& error) {
              if (error.empty())
                ++*count;
            });
}

} // namespace sluice::chaos
