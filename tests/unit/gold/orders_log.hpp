// What a test of dirty windows puts into the control log: marks and notes of
// `orders`, for golds of an hour.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gold/dirty_windows.hpp"

namespace sluice::gold {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::int64_t hour = 3'600;
/// 2026-02-20 00:00 UTC: the first hour.
constexpr std::int64_t midnight = 1'771'545'600;
constexpr instant now{seconds{midnight + 10 * hour}};

inline topology::gold hourly(std::string name, seconds hop = 0s) {
  topology::gold result;
  result.name = std::move(name);
  result.window.every = hop == 0s ? 1h : 4h;
  result.window.hop = hop;
  result.window.over_table = "orders";
  return result;
}

inline dirty_windows made(const std::vector<topology::gold>& golds) {
  return dirty_windows::make(golds).value();
}

inline cut_name cut(std::int64_t lo, std::int64_t hi, std::uint16_t epoch = 0,
                    std::int32_t partition = 0) {
  return {"orders", "t", partition, epoch, lo, hi};
}

inline touched_golds hours(std::int64_t first, std::int64_t last,
                           const std::string& gold = "sales") {
  return {{gold, {{midnight + first * hour, midnight + last * hour}}}};
}

inline control_message note(const cut_name& what, touched_golds golds) {
  return cuts_marked{"node", {{what, std::move(golds)}}, {}};
}

inline control_message mark(const cut_name& what, touched_golds golds,
                            std::map<std::string, std::int64_t> newest = {}) {
  return cuts_marked{"node", {}, {{what, std::move(golds), std::move(newest)}}};
}

inline window hour_window(std::int64_t n, std::int64_t length = 1) {
  return {sys_seconds{seconds{midnight + n * hour}},
          sys_seconds{seconds{midnight + (n + length) * hour}}};
}

inline run_finished run(std::int64_t n, std::int64_t term, std::int64_t covers,
                        const std::string& gold = "sales") {
  return {gold, hour_window(n), "r", term, covers};
}

} // namespace sluice::gold
