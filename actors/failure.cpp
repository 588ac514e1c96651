#include "actors/failure.hpp"

namespace sluice::actors {

std::string failure_text(const caf::error& reason) {
  if (!reason || reason == caf::exit_reason::user_shutdown)
    return {};
  // Our own reasons carry one string; CAF's carry none or several things.
  if (reason.category() == caf::atom("system")
      && reason.context().match_elements<std::string>())
    return reason.context().get_as<std::string>(0);
  return caf::to_string(reason);
}

} // namespace sluice::actors
