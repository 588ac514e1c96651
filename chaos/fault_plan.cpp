#include "chaos/fault_plan.hpp"

#include <algorithm>
#include <array>

namespace sluice::chaos {

namespace {

constexpr std::array<std::string_view, fault_kinds> names = {
    "none",        "slow reply",   "refused",        "cut request",
    "cut reply",   "lost reply",   "timeout before", "timeout after",
    "unavailable", "failed after", "memory limit",   "too many parts",
    "late",
};

// Cheap ones more often: a timeout costs its sender seconds.
constexpr std::array of_inserts = {
    fault::slow_reply,     fault::slow_reply,     fault::refused,
    fault::cut_request,    fault::cut_request,    fault::cut_reply,
    fault::cut_reply,      fault::lost_reply,     fault::lost_reply,
    fault::timeout_before, fault::timeout_after,  fault::unavailable,
    fault::unavailable,    fault::failed_after,   fault::failed_after,
    fault::memory_limit,   fault::memory_limit,   fault::memory_limit,
    fault::too_many_parts, fault::too_many_parts, fault::late,
    fault::late,
};
constexpr std::array of_questions = {
    fault::slow_reply, fault::refused,        fault::cut_reply,
    fault::lost_reply, fault::timeout_before, fault::unavailable,
};
constexpr std::array of_commands = {
    fault::slow_reply,    fault::refused,     fault::cut_request,
    fault::cut_reply,     fault::lost_reply,  fault::timeout_before,
    fault::timeout_after, fault::unavailable, fault::failed_after,
    fault::memory_limit,  fault::late,
};
constexpr std::array unknown_outcomes = {
    fault::cut_reply,    fault::lost_reply, fault::timeout_after,
    fault::failed_after, fault::late,
};

constexpr std::uint64_t hundred = 100;
constexpr std::uint64_t tempted_percent = 50;
constexpr std::size_t unknown_max = 100;

} // namespace

std::string_view to_string(fault what) {
  return names[static_cast<std::size_t>(what)];
}

fault fault_plan::choose(std::span<const fault> among) {
  return among[random_() % among.size()];
}

fault fault_plan::next(const request_facts& request) {
  const auto struck =
      random_() % hundred < static_cast<std::uint64_t>(percent_);
  if (request.is_command)
    return struck ? choose(of_commands) : fault::none;
  if (!request.is_insert || request.token.empty())
    return struck ? choose(of_questions) : fault::none;
  const auto known = std::ranges::find(unknown_, request.token);
  if (known != unknown_.end()) {
    unknown_.erase(known);
    if (random_() % hundred < tempted_percent)
      return fault::memory_limit;
  }
  if (!struck)
    return fault::none;
  const auto result = choose(of_inserts);
  if (std::ranges::find(unknown_outcomes, result) != unknown_outcomes.end()) {
    unknown_.push_back(request.token);
    if (unknown_.size() > unknown_max)
      unknown_.pop_front();
  }
  return result;
}

} // namespace sluice::chaos
