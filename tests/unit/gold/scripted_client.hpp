// A ClickHouse that keeps only what a gold run can see of one, and fails when
// it is told to.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clickhouse/client.hpp"

namespace sluice::gold {

/// Knows staging tables by name, what is published, and the ledger's rows.
class scripted_client final : public clickhouse::client {
public:
  // What the SQL would yield.
  std::string columns = "date\tDate\nu.user_id\tInt32\ntotal\tUInt64\n";
  std::string rows = "3\n";
  std::string duplicate;
  /// Sources that have replicas.
  std::string replicated;
  std::string clock = "1771632000123\n";
  // What a run is told that asks how it can read less.
  std::string key;
  std::string plan;
  std::string ranges;

  /// Call (from 1) that fails; 0: none.
  std::size_t fails_at = 0;
  bool fails_from_there_on = false;
  clickhouse::error failure{clickhouse::remedy::stop, 999, false, "told to"};

  std::vector<clickhouse::query_request> calls;
  std::set<std::string> staging;
  bool published = false;
  std::vector<std::string> ledger;

  tl::expected<std::string, clickhouse::error>
  query(const clickhouse::query_request& request) override {
    calls.push_back(request);
    if (calls.size() == fails_at
        || (fails_from_there_on && calls.size() >= fails_at && fails_at > 0))
      return tl::unexpected(failure);
    return answer(request.sql);
  }

  tl::expected<void, clickhouse::error>
  insert(const clickhouse::insert_request&) override {
    return tl::unexpected(failure);
  }

private:
  std::string answer(const std::string& sql) {
    const auto has = [&](std::string_view text) {
      return sql.find(text) != sql.npos;
    };
    if (sql.starts_with("DESCRIBE"))
      return columns;
    if (has("system.columns"))
      return key;
    if (sql.starts_with("EXPLAIN"))
      return plan;
    if (has("_part_offset"))
      return ranges;
    if (sql.starts_with("SELECT name FROM system.tables"))
      return replicated;
    if (has("SELECT toUnixTimestamp64Milli(now64"))
      return clock;
    if (sql.starts_with("CREATE TABLE"))
      staging.insert("table");
    else if (sql.starts_with("DROP TABLE"))
      staging.clear();
    else if (has("REPLACE PARTITION"))
      published = true;
    else if (has("_sluice_gold_runs"))
      ledger.push_back(sql);
    else if (has("HAVING n > 1"))
      return duplicate;
    else if (sql.starts_with("SELECT count()"))
      return rows;
    return {};
  }
};

} // namespace sluice::gold
