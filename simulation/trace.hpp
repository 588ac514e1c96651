// What happened in a schedule, one line per step, for a person who wants to
// know why it went wrong.
#pragma once

#include <concepts>
#include <functional>
#include <iosfwd>
#include <string>

#include "simulation/random_source.hpp"

namespace sluice::simulation {

/// Costs nothing but a test while nobody reads it.
class trace {
public:
  /// `to`: where lines go, or nullptr.
  explicit trace(std::ostream* to) : to_{to} {}

  void watch(std::function<instant()> clock) { clock_ = std::move(clock); }
  [[nodiscard]] bool is_on() const { return to_ != nullptr; }

  /// Writes "<virtual seconds>  <who>: <text>", where `text` is called only if
  /// somebody reads it.
  template <std::invocable Text>
  void line(const std::string& who, Text text) {
    if (is_on())
      write(who, text());
  }

private:
  void write(const std::string& who, const std::string& text);

  std::ostream* to_;
  std::function<instant()> clock_;
};

} // namespace sluice::simulation
