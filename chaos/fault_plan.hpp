// Which fault meets which request on its way to ClickHouse. Pure and seeded.
#pragma once

#include <cstddef>
#include <deque>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace sluice::chaos {

enum class fault {
  none,
  /// The answer comes late.
  slow_reply,
  /// The connection is closed before the request is read.
  refused,
  /// The connection is cut in the middle of the request's body.
  cut_request,
  /// ClickHouse has done it; the connection is cut in the middle of its answer.
  cut_reply,
  /// ClickHouse has done it; the connection is closed without an answer.
  lost_reply,
  /// The request never arrives, and no answer comes.
  timeout_before,
  /// ClickHouse has done it, and no answer comes.
  timeout_after,
  /// 503 without an exception, instead of ClickHouse.
  unavailable,
  /// 500 without an exception, after ClickHouse has done it.
  failed_after,
  /// ClickHouse's exception 241, instead of ClickHouse.
  memory_limit,
  /// ClickHouse's exception 252, instead of ClickHouse.
  too_many_parts,
  /// The connection is closed, and the statement arrives a while later: what a
  /// paused node or a slow network does.
  late,
};
inline constexpr std::size_t fault_kinds = 13;

/// "cut reply"; stable, for the report.
[[nodiscard]] std::string_view to_string(fault what);

/// What the proxy knows of a request.
struct request_facts {
  bool is_insert = false;
  /// Changes something without being an insert of rows: ALTER, DROP, ...
  bool is_command = false;
  /// insert_deduplication_token; empty: none.
  std::string token = {};
};

/// One thread at a time.
class fault_plan {
public:
  explicit fault_plan(std::uint64_t seed) : random_{seed} {}

  /// From here on so many requests of a hundred meet a fault: questions and
  /// commands as well as inserts, but each only faults that it can meet.
  void set_rate(int percent) { percent_ = percent; }

  /// The fault of this request. An insert whose outcome is unknown to its
  /// sender is often followed by a memory limit: the answer that tempts to
  /// split a block that is already there.
  [[nodiscard]] fault next(const request_facts& request);

private:
  [[nodiscard]] fault choose(std::span<const fault> among);

  std::mt19937_64 random_;
  int percent_ = 0;
  /// The newest tokens whose answer was kept back.
  std::deque<std::string> unknown_;
};

} // namespace sluice::chaos
