// How far a command has come: a bar on a terminal, lines otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>

namespace sluice::cli {

/// "12 of 28 windows, about 3 min left"; without an estimate before the first
/// is done. `took` is what the first `done` of them took together.
[[nodiscard]] std::string progress_text(std::size_t done, std::size_t all,
                                        std::chrono::milliseconds took);

/// "[########--------] 12 of 28 windows, about 3 min left".
[[nodiscard]] std::string progress_bar(std::size_t done, std::size_t all,
                                       std::chrono::milliseconds took);

class progress {
public:
  /// `to` outlives it. On a terminal the bar is drawn over again, and lines
  /// stand above it; otherwise there are the lines only, and now and then one
  /// that says how far it is.
  progress(std::ostream& to, bool is_terminal, std::size_t all);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// One more is done, which this line is about.
  void add(const std::string& line);
  /// Something else worth a line.
  void tell(const std::string& line);
  [[nodiscard]] std::size_t done() const { return done_; }

private:
  void draw();
  void clear();

  std::ostream& to_;
  bool is_terminal_;
  std::size_t all_;
  std::size_t done_ = 0;
  bool is_drawn_ = false;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point told_;
};

} // namespace sluice::cli
