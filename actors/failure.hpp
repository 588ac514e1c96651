// How an actor that cannot go on says why, so that the supervisor and a person
// can read it.
#pragma once

#include <exception>
#include <string>

#include <caf/all.hpp>

namespace sluice::actors {

/// A reason to quit, in words.
[[nodiscard]] inline caf::error failure(const std::string& text) {
  return caf::make_error(caf::sec::runtime_error, text);
}

/// The words of a reason; empty for a normal end.
[[nodiscard]] std::string failure_text(const caf::error& reason);

/// CAF ends an actor whose handler throws, but loses the exception's text:
/// this keeps it in the reason.
template <class SelfPointer>
void keep_failure_text(SelfPointer self) {
  self->set_exception_handler([](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      return failure(error.what());
    } catch (...) {
      return failure("an exception that is no std::exception");
    }
  });
}

} // namespace sluice::actors
