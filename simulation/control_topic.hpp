// The pipeline's control log in memory: what people tell the nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kafka/control_log.hpp"
#include "plan/table_command.hpp"
#include "simulation/stage.hpp"

namespace sluice::simulation {

class control_topic {
public:
  explicit control_topic(stage& on) : on_{on} {}

  void append(const plan::table_command& command);
  /// What a node opens; the topic outlives it. Reading fails now and then.
  [[nodiscard]] std::unique_ptr<kafka::control_log> open();
  /// What follows from all commands.
  [[nodiscard]] const plan::table_resets& resets() const { return resets_; }

  /// What a broker keeps.
  struct log {
    std::vector<kafka::control_record> records;
    /// The first offset that was not trimmed.
    std::int64_t start = 0;
  };

private:
  stage& on_;
  log log_;
  plan::table_resets resets_;
};

} // namespace sluice::simulation
