#include "clickhouse/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <string_view>

namespace sluice::clickhouse {

namespace {

// The reasons for each stand in docs/clickhouse-errors.md, which a test holds
// against these lists. What is in none of them is repeated with backoff: that
// loses nothing, and it is visible in the status.

constexpr std::array stop_codes = {
    1,   10,  16,  20,  36,  42,  43,  44,  46,  47,  48,  50,  53,
    57,  60,  62,  73,  81,  115, 164, 179, 192, 193, 194, 195, 215,
    218, 291, 344, 386, 392, 432, 452, 457, 471, 497, 511, 516, 524,
};

constexpr std::array reject_codes = {
    6,   26,  27,  38,  41,  69,  70,  72,  117,
    128, 131, 135, 153, 190, 321, 349, 407, 469,
};

constexpr std::array split_codes = {173, 241, 307, 396};

// The statement may have taken effect although it ended with these: they come
// from waiting for others (replicas, Keeper, shards) or from being ended.
constexpr std::array uncertain_codes = {
    159, 209, 210, 225, 236, 279, 286, 319, 394, 410, 425, 574, 999, 1000, 1002,
};

constexpr int too_many_parts = 252;
constexpr int violated_constraint = 469;

bool contains(std::span<const int> codes, int code) {
  return std::ranges::binary_search(codes, code);
}

} // namespace

bool is_of_former_life(int code, const std::string& message) {
  const auto name = "Constraint `" + std::string{epoch_constraint} + "`";
  return code == violated_constraint && message.find(name) != std::string::npos;
}

remedy classify(int code, const std::string& message) {
  if (code == too_many_parts)
    return message.find("Too many partitions") != std::string::npos
               ? remedy::stop
               : remedy::retry;
  if (is_of_former_life(code, message))
    return remedy::stop;
  if (contains(stop_codes, code))
    return remedy::stop;
  if (contains(reject_codes, code))
    return remedy::reject;
  if (contains(split_codes, code))
    return remedy::split;
  return remedy::retry;
}

bool is_outcome_uncertain(int code) { return contains(uncertain_codes, code); }

int exception_code(const std::string& message) {
  constexpr std::string_view mark = "Code: ";
  for (auto at = message.find(mark); at != std::string::npos;
       at = message.find(mark, at + 1)) {
    const auto* begin = message.data() + at + mark.size();
    const auto* end = message.data() + message.size();
    int code = 0;
    const auto [rest, failure] = std::from_chars(begin, end, code);
    const auto dot = failure == std::errc{} && rest != end && *rest == '.';
    if (dot && code > 0)
      return code;
  }
  return 0;
}

} // namespace sluice::clickhouse
