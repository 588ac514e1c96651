// Reads and appends to the control log, on a thread that may block.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "actors/interfaces.hpp"
#include "kafka/control_log.hpp"

namespace sluice::actors {

struct control_link_parts {
  /// Called with the first request, and again after it has failed; may block
  /// some seconds. Null: there is no log and none can be made from here.
  std::function<
      tl::expected<std::unique_ptr<kafka::control_log>, std::string>()>
      open;
  /// How long a read waits for the next record.
  std::chrono::milliseconds patience{100};
};

class control_link_state {
public:
  static inline const char* name = "control_link";
  using append_promise = caf::typed_response_promise<log_appended>;

  explicit control_link_state(control_link_actor::pointer self) : self_{self} {}

  void start(control_link_parts parts) { parts_ = std::move(parts); }
  log_read read(const read_log& from);
  append_promise append(const append_to_log& what, append_promise answer);
  void handle(const link_answered& answer);

private:
  /// Empty: it is open.
  std::string open();

  control_link_actor::pointer self_;
  control_link_parts parts_;
  std::unique_ptr<kafka::control_log> log_;
  std::map<std::uint64_t, append_promise> waiting_;
  std::uint64_t next_number_ = 0;
};

/// Spawn detached.
control_link_actor::behavior_type
control_link(control_link_actor::stateful_pointer<control_link_state> self,
             control_link_parts parts);

} // namespace sluice::actors
