// The producer of a node's dead letters: each arrives at least once, in time or
// after a failure that was none.
#pragma once

#include <functional>
#include <string>

#include "kafka/sink.hpp"
#include "simulation/broker.hpp"
#include "simulation/process.hpp"
#include "simulation/stage.hpp"

namespace sluice::simulation {

class dead_letter_sink final : public kafka::record_sink {
public:
  dead_letter_sink(stage& on, broker& to, process& of)
      : on_{on}, to_{to}, of_{of} {}

  void send(const kafka::owned_record& record,
            std::function<void(std::string)> done) override;
  /// Nobody waits here for the simulated time to pass.
  bool flush(std::chrono::milliseconds) override { return true; }

private:
  stage& on_;
  broker& to_;
  process& of_;
};

} // namespace sluice::simulation
