// The parts of the file, read one by one into a topology. Each function takes
// the entry of its key, fills in what is right and reports what is not.
#pragma once

#include <filesystem>

#include "topology/fields.hpp"
#include "topology/topology.hpp"

namespace sluice::topology {

struct reading {
  mistakes& found;
  /// What relative paths start from: the topology file's own directory.
  std::filesystem::path directory;
};

/// `into.pipeline` names the defaults.
void read_kafka(const entry& child, topology& into, const reading& context);
void read_clickhouse(const entry& child, clickhouse& into,
                     const reading& context);
void read_status(const entry& child, status& into, const reading& context);
void read_tuning(const entry& child, tuning& into, const reading& context);
void read_recovery(const entry& child, recovery& into, const reading& context);
void read_tables(const entry& child, topology& into, const reading& context);
/// After read_tables(), because windows name silver columns.
void read_golds(const entry& child, topology& into, const reading& context);

/// `window:` of one gold table, which names one of `tables`.
void read_gold_window(const entry& child, gold& into,
                      const std::vector<table>& tables, const reading& context);

/// When a gold is run, and which tables it joins: the keys of `values`, which
/// is the gold's own map. After its window was read.
void read_gold_runs(const fields& values, gold& into,
                    const std::vector<table>& tables, const reading& context);
/// Reports golds that run after one another in a circle, or after none.
void check_gold_order(const std::vector<gold>& golds, mistakes& found);

/// The columns of one silver table, in the order of the file. Every name is
/// there, even of a column with mistakes. `of` is "table 'users'".
[[nodiscard]] std::vector<column>
read_columns(const entry& child, const std::string& of, const reading& context);

} // namespace sluice::topology
