// What a chaos run found, as text and as JSON. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chaos/fault_plan.hpp"
#include "chaos/gold_difference.hpp"
#include "chaos/model.hpp"
#include "chaos/schedule.hpp"

namespace sluice::chaos {

/// A part of Sluice that makes it exact, and how often it had to act.
struct mechanism {
  /// "intents replayed"
  std::string name;
  std::uint64_t fired = 0;
  /// Nothing counts it.
  bool is_unknown = false;
};

struct report {
  std::uint64_t seed = 0;
  int rounds_asked = 0;
  int rounds = 0;
  bool interrupted = false;
  std::chrono::milliseconds took{0};
  std::array<std::uint64_t, disaster_kinds> disasters{};
  std::array<std::uint64_t, fault_kinds> faults{};
  std::uint64_t records = 0;
  std::uint64_t poison_records = 0;
  std::uint64_t quarantined = 0;
  std::vector<mechanism> mechanisms;
  /// By kind of disaster: longest time between two writes of one table and
  /// partition around it.
  std::map<std::string, std::chrono::milliseconds> longest_gaps;
  double memory_peak_bytes = 0;
  double memory_budget_bytes = 0;
  /// What the user's topology was changed in.
  std::vector<std::string> notes;
  /// Empty when the run was interrupted.
  std::vector<table_difference> tables;
  std::vector<gold_difference> golds;
  /// Of all golds together, by their state: "done", "failed", "running".
  std::map<std::string, std::uint64_t> gold_runs;
  /// Everything else that must not be, one line each.
  std::vector<std::string> violations;
};

/// From so many rounds on a mechanism that never fired fails the run.
inline constexpr int rounds_for_all_mechanisms = 50;

/// The mechanisms that should have fired and did not.
[[nodiscard]] std::vector<std::string> silent_mechanisms(const report& of);
[[nodiscard]] bool has_passed(const report& of);
[[nodiscard]] std::uint64_t lost_rows(const report& of);
[[nodiscard]] std::uint64_t doubled_rows(const report& of);
/// Windows of all golds that were compared, and those that differ.
[[nodiscard]] std::uint64_t compared_windows(const report& of);
[[nodiscard]] std::uint64_t different_windows(const report& of);
/// Several lines, for people.
[[nodiscard]] std::string to_text(const report& of);
/// One object, on several lines.
[[nodiscard]] std::string to_json(const report& of);

} // namespace sluice::chaos
