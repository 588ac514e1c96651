// Reads what people tell the pipeline from the control log, from its beginning,
// and passes on what follows from it. Restates it before the beginning goes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <tl/expected.hpp>

#include "actors/backoff.hpp"
#include "actors/interfaces.hpp"
#include "kafka/control_log.hpp"
#include "plan/table_controls.hpp"

namespace sluice::actors {

struct control_follower_parts {
  /// Opens the log; may block some seconds. Null: there is none and none can be
  /// made from here, so nobody has told anything.
  std::function<
      tl::expected<std::unique_ptr<kafka::control_log>, std::string>()>
      open;
  supervisor_actor supervisor;
  metrics_actor reports;
};

class control_follower_state {
public:
  static inline const char* name = "control_follower";

  explicit control_follower_state(control_follower_actor::pointer self)
      : self_{self} {}

  void start(control_follower_parts parts);
  void follow();
  void handle(const trim_log& message);
  void handle(const tables_restated& message);

private:
  void notice_gap(std::int64_t log_start);
  void tell_of_gap();
  void read_on();
  void see(const kafka::control_record& record);
  void tell();
  void trouble(const std::string& reason);

  control_follower_actor::pointer self_;
  std::optional<control_follower_parts> parts_;
  std::unique_ptr<kafka::control_log> log_;
  std::int64_t next_ = 0;
  plan::table_controls controls_;
  /// Records below this offset were gone before they were read.
  std::int64_t gone_below_ = 0;
  bool gap_is_told_ = false;
  std::set<std::string> resumed_;
  /// There is something that the supervisor does not know.
  bool changed_ = true;
  std::string trouble_;
  backoff wait_{std::chrono::seconds{1}, std::chrono::seconds{30}};
};

/// Spawnable, detached: it blocks. Never fails: what goes wrong is shown in the
/// status and tried again, and until the log was read once the supervisor knows
/// nothing.
control_follower_actor::behavior_type control_follower(
    control_follower_actor::stateful_pointer<control_follower_state> self,
    control_follower_parts parts);

} // namespace sluice::actors
