// A group member that begins anew whenever its membership has ended.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <tl/expected.hpp>

#include "kafka/group_core.hpp"
#include "kafka/source.hpp"

namespace sluice::kafka {

/// Holds the membership of now. One that Kafka has ended (the session expired
/// while the process stood still) is never joined again by the same client:
/// librdkafka keeps partitions of the former membership that it was not giving
/// up at that moment, claims them in the new one, and takes them for its own
/// while their new owner still has them.
class renewed_member final : public group_member {
public:
  using core_ptr = std::shared_ptr<group_core>;
  /// Joins the group. Called again, from a thread of this class, each time the
  /// membership has ended; the argument is to be called then, once, as the last
  /// thing that its thread does.
  using join_function =
      std::function<tl::expected<core_ptr, std::string>(std::function<void()>)>;

  [[nodiscard]] static tl::expected<std::unique_ptr<group_member>, std::string>
  join(join_function join);

  explicit renewed_member(join_function join);
  ~renewed_member() override;

  void reopen(const topic_partition& where) override;
  void release(const topic_partition& where) override;
  void close(std::chrono::milliseconds deadline) override;

private:
  [[nodiscard]] core_ptr core() const;
  void ended();
  void renew();

  join_function join_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  core_ptr core_;
  bool ended_ = false;
  bool closing_ = false;
  std::thread thread_;
};

} // namespace sluice::kafka
