// The pipeline's control log in memory: what people tell the nodes.
#pragma once

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
  [[nodiscard]] std::unique_ptr<kafka::control_log> open() const;
  /// What follows from all commands.
  [[nodiscard]] const plan::table_resets& resets() const { return resets_; }

private:
  stage& on_;
  std::vector<kafka::control_record> records_;
  plan::table_resets resets_;
};

} // namespace sluice::simulation
