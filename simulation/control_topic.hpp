// The pipeline's control log in memory: what nodes and people tell each other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kafka/control_log.hpp"
#include "plan/table_controls.hpp"
#include "simulation/process.hpp"
#include "simulation/stage.hpp"

namespace sluice::simulation {

class control_topic {
public:
  using batch_reply =
      std::function<void(tl::expected<kafka::control_batch, std::string>)>;

  explicit control_topic(stage& on) : on_{on} {}

  /// A command of a person; it arrives.
  void append(const plan::table_command& command);
  /// A record of a node: it arrives once, twice, late or never, and the answer,
  /// which reaches the node if it is still there, need not tell.
  void append(process& from, std::string bytes,
              const std::function<void(std::string error)>& done);
  /// Answered when there is something, or after a while.
  void read(std::int64_t from, const batch_reply& reply);
  /// What a node opens; the topic and the node outlive it. Reading fails now
  /// and then.
  [[nodiscard]] std::unique_ptr<kafka::control_log> open(process& on);

  /// All that ever were, trimmed or not.
  [[nodiscard]] const std::vector<kafka::control_record>& records() const {
    return records_;
  }
  /// Where the next one goes.
  [[nodiscard]] std::int64_t end() const {
    return static_cast<std::int64_t>(records_.size());
  }
  /// As kafka::control_log does.
  [[nodiscard]] kafka::control_batch read_all(std::int64_t from) const {
    return batch(from, end());
  }
  [[nodiscard]] tl::expected<kafka::trim_outcome, std::string>
  trim(std::int64_t before);
  /// What follows from all commands.
  [[nodiscard]] const plan::table_controls& told() const { return told_; }

private:
  struct waiting_read {
    std::int64_t from = 0;
    std::uint64_t number = 0;
    batch_reply reply;
  };

  [[nodiscard]] kafka::control_batch batch(std::int64_t from,
                                           std::int64_t until) const;
  void arrive(const std::string& bytes);
  void count(const std::string& bytes);
  void answer(std::int64_t from, const batch_reply& reply);

  stage& on_;
  std::vector<kafka::control_record> records_;
  /// The first offset that was not trimmed.
  std::int64_t start_ = 0;
  plan::table_controls told_;
  std::vector<waiting_read> waiting_;
  std::uint64_t reads_ = 0;
  /// Of the newest record that is under way: they keep their order.
  instant newest_arrival_{0};
};

} // namespace sluice::simulation
