// Puts the load onto its topics at a steady rate.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <tl/expected.hpp>

#include "chaos/record_maker.hpp"
#include "kafka/sink.hpp"

namespace sluice::chaos {

/// A thread that makes records in turn for every topic. All functions are
/// thread-safe. Destruction stops it.
class load {
public:
  /// `per_second` records over all topics. While `is_held` is true nothing is
  /// sent.
  load(std::vector<record_maker> makers, std::unique_ptr<kafka::record_sink> to,
       int per_second, std::function<bool()> is_held);
  ~load();
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  /// So many poison records more.
  void add_poison(int count) { poison_ += count; }
  /// Sends nothing more and waits for all answers; false when some are still
  /// missing after the deadline.
  bool finish(std::chrono::milliseconds deadline);

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t acknowledged() const { return *acknowledged_; }

private:
  void run(int per_second);
  void send_next();

  std::vector<record_maker> makers_;
  std::unique_ptr<kafka::record_sink> to_;
  std::function<bool()> is_held_;
  std::size_t turn_ = 0;
  std::atomic<int> poison_ = 0;
  std::atomic<std::uint64_t> sent_ = 0;
  // Answers may come while this is being destroyed.
  std::shared_ptr<std::atomic<std::uint64_t>> acknowledged_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

} // namespace sluice::chaos
