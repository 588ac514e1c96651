// A coordinator for tests: follows a control log in memory and runs dirty
// windows with the product's runner, against a ClickHouse in which other things
// happen between any two of its statements, and at any of which it may die.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "clickhouse/client.hpp"
#include "gold/dirty_windows.hpp"
#include "gold/runner.hpp"
#include "tests/engine/gold_partition.hpp"

namespace sluice::clickhouse::testing {

/// The connection of a run: asks `before` each statement, and is dead from the
/// first "no" on.
class interrupted_client final : public client {
public:
  interrupted_client(client& inner, std::function<bool()> before)
      : inner_{inner}, before_{std::move(before)} {}

  tl::expected<std::string, error> query(const query_request& what) override;
  tl::expected<void, error> insert(const insert_request& what) override;
  [[nodiscard]] bool is_dead() const { return dead_; }

private:
  [[nodiscard]] tl::expected<void, error> begin();

  client& inner_;
  std::function<bool()> before_;
  bool dead_ = false;
};

struct coordinator_parts {
  const std::vector<topology::gold>& golds;
  control_records& control;
  std::mt19937_64& random;
};

class gold_coordinator {
public:
  explicit gold_coordinator(const coordinator_parts& parts);

  /// Another node leads: from the last saved state, if there is one, it reads
  /// the log and begins a term. Runs of the term before may go on.
  void take_over();
  /// Saves the state, as a snapshot for whoever leads next.
  void save();

  /// Reads the log, and runs one of the dirty windows; false: there is none.
  /// `before` as of interrupted_client. A run that died has told nobody.
  bool run_one(client& on, const std::function<bool()>& before);

  /// Runs what is published otherwise than it was run, as a leader does from
  /// time to time; how many windows.
  std::size_t repair(client& on);

  /// Reads the log to its end. Windows that are dirty, of all golds.
  std::size_t read_on();
  /// Cuts whose notes wait for their marks.
  [[nodiscard]] std::size_t noted() const { return log_->noted(); }
  [[nodiscard]] std::uint64_t runs() const { return runs_; }

private:
  void run(const topology::gold& of, const gold::window& what, client& on,
           const std::function<bool()>& before);
  [[nodiscard]] gold::instant tick();

  coordinator_parts parts_;
  std::optional<gold::dirty_windows> log_;
  std::string snapshot_;
  std::int64_t term_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t runs_ = 0;
  std::uint64_t terms_ = 0;
  gold::instant now_ = stream_clock;
};

} // namespace sluice::clickhouse::testing
