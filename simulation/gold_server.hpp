// The gold side of the simulated ClickHouse: published windows, staging tables,
// the ledger of runs and the saved state of the control log. Each function
// sends one statement of gold/runner.cpp and its neighbours; it takes effect in
// time, late or never, and its reply tells as much as a client learns.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/messages.hpp"
#include "gold/ledger.hpp"
#include "gold/saved_state.hpp"
#include "simulation/gold_model.hpp"

namespace sluice::simulation {

class gold_server {
public:
  using failure = clickhouse_server::failure;
  using reply = std::function<void(failure)>;

  /// What readers see of a window, by the run that published it. Several runs:
  /// ClickHouse was killed before it forgot what was replaced.
  struct published_window {
    std::map<std::string, gold_rows> parts;
    /// Replaced, but its files are still there.
    std::optional<std::pair<std::string, gold_rows>> replaced;
  };
  using published_windows = std::map<gold::window, published_window>;

  gold_server(stage& on, clickhouse_server& silver)
      : on_{on}, silver_{silver} {}

  void create(std::vector<topology::gold> golds);

  /// The ledger's row of a run.
  void record(const gold::ledger_entry& entry, const reply& done);
  /// The run's SELECT, into a staging table of its own; `rows` is how many.
  void fill(const actors::run_window& run,
            const std::function<void(failure, std::size_t rows)>& done);
  /// Staging takes the window's place, at once.
  void replace(const actors::run_window& run, const reply& done);
  void forget_replaced(const actors::run_window& run, const reply& done);
  void drop_staging(const std::string& run_id, const reply& done);
  void read_ledger(const std::function<void(actors::ledger_read)>& done);
  void read_state(const std::function<void(actors::snapshot_read)>& done);
  void save_state(const actors::save_snapshot& what, const reply& done);

  /// ClickHouse is killed: what was replaced may come back.
  void killed();

  /// Windows with rows.
  [[nodiscard]] const published_windows&
  published(const std::string& gold) const {
    return published_.at(gold);
  }
  /// By the rule of gold/repair.hpp.
  [[nodiscard]] std::vector<actors::unsound_window> unsound() const;
  /// Runs that nobody has ended.
  [[nodiscard]] std::uint64_t unfinished() const;

private:
  using runs = std::map<std::string, gold::ledger_entry>;

  void write(const gold::ledger_entry& entry);
  [[nodiscard]] failure select(const actors::run_window& run);
  [[nodiscard]] failure publish(const actors::run_window& run);
  [[nodiscard]] gold_rows hours_in(const gold::window& what) const;
  [[nodiscard]] std::vector<gold::ledger_entry> newest_runs() const;
  [[nodiscard]] bool is_unsound(const std::string& gold,
                                const gold::window& what,
                                const runs& known) const;

  stage& on_;
  clickhouse_server& silver_;
  std::vector<topology::gold> golds_;
  /// By gold.
  std::map<std::string, published_windows> published_;
  std::map<std::string, std::map<gold::window, runs>> ledger_;
  /// By run.
  std::map<std::string, gold_rows> staging_;
  gold::saved_state state_;
};

} // namespace sluice::simulation
