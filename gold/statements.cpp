#include "gold/statements.hpp"

#include <set>

#include "gold/ddl.hpp"
#include "gold/partition.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold::statements {

namespace {

// The largest DateTime: no window of whole minutes starts there.
constexpr std::string_view partition_that_never_exists = "4294967295";

std::string qualified(const std::string& database, const std::string& table) {
  return topology::quote_identifier(database) + "."
         + topology::quote_identifier(table);
}

/// Plain conversion wraps a number that is too large; integers are checked.
std::string checked_value(const std::string& source, std::string_view type) {
  auto name = topology::quote_identifier(source);
  for (const auto* integer : {"Int", "UInt", "Nullable(Int", "Nullable(UInt"})
    if (type.starts_with(integer) && !type.starts_with("Interval"))
      return "accurateCast(" + name + ", " + topology::quote_literal(type)
             + ")";
  return name;
}

std::string key_list(const topology::gold& g) {
  std::string result;
  for (const auto& name : g.key)
    result += (result.empty() ? "" : ", ") + topology::quote_identifier(name);
  return result;
}

} // namespace

std::string staging_name(const topology::gold& g, const std::string& run_id) {
  return std::string(staging_prefix) + g.name + "_" + run_id;
}

std::string server_clock() { return "SELECT toUnixTimestamp64Milli(now64(3))"; }

std::string replicated_sources(const topology::gold& g,
                               const std::string& database) {
  std::set<std::string> sources{g.after.begin(), g.after.end()};
  if (!g.window.over_table.empty())
    sources.insert(g.window.over_table);
  for (const auto& join : g.joins)
    sources.insert(join.table);
  if (sources.empty())
    return {};
  std::string names;
  for (const auto& each : sources)
    names += (names.empty() ? "" : ", ") + topology::quote_literal(each);
  return "SELECT name FROM system.tables\nWHERE database = "
         + topology::quote_literal(database) + " AND name IN (" + names
         + ")\n  AND (engine LIKE 'Replicated%' OR engine LIKE 'Shared%')"
           "\nORDER BY name";
}

std::string sync_replica(const std::string& database,
                         const std::string& table) {
  return "SYSTEM SYNC REPLICA " + qualified(database, table) + " LIGHTWEIGHT";
}

std::string describe(const std::string& rendered_sql) {
  return "DESCRIBE TABLE (\n" + rendered_sql + "\n)";
}

std::string fill_staging(const topology::gold& g, const std::string& database,
                         const std::string& staging,
                         const std::string& rendered_sql,
                         const std::vector<std::string>& sources,
                         instant updated_at) {
  std::string names;
  std::string values;
  const auto columns = result_columns(g);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    names += topology::quote_identifier(columns[i].name) + ", ";
    values += checked_value(sources[i], columns[i].type) + ", ";
  }
  names += topology::quote_identifier(updated_at_column);
  values += "fromUnixTimestamp64Milli(toInt64("
            + std::to_string(updated_at.time_since_epoch().count())
            + "), 'UTC')";
  return "INSERT INTO " + qualified(database, staging) + " (" + names
         + ")\nSELECT " + values + "\nFROM (\n" + rendered_sql + "\n)";
}

clickhouse::settings select_settings(const std::string& zone,
                                     std::chrono::milliseconds timeout) {
  const auto limit = std::chrono::ceil<std::chrono::seconds>(timeout);
  return {{"final", "1"},
          {"session_timezone", zone},
          {"insert_null_as_default", "0"},
          {"max_execution_time", std::to_string(limit.count())}};
}

std::string copy_others(const topology::gold& g, const std::string& database,
                        const std::string& staging, const window& what) {
  std::string names;
  for (const auto& column : visible_columns(g))
    names += topology::quote_identifier(column.name) + ", ";
  const auto window = topology::quote_identifier(window_column);
  const auto start = "toDateTime("
                     + std::to_string(what.start.time_since_epoch().count())
                     + ", 'UTC')";
  names += window + ", " + topology::quote_identifier(run_column);
  return "INSERT INTO " + qualified(database, staging) + " (" + names
         + ")\nSELECT " + names + "\nFROM " + qualified(database, g.name)
         + "\nWHERE " + partition_of(g, window) + " = " + partition_of(g, start)
         + " AND " + window + " != " + start
         + "\nSETTINGS insert_allow_materialized_columns = 1";
}

std::string count_staging(const std::string& database,
                          const std::string& staging) {
  return "SELECT count() FROM " + qualified(database, staging);
}

std::string find_duplicate(const topology::gold& g, const std::string& database,
                           const std::string& staging) {
  const auto key = key_list(g);
  return "SELECT count() AS n, toString(tuple(" + key + "))\nFROM "
         + qualified(database, staging) + "\nGROUP BY " + key
         + "\nHAVING n > 1\nORDER BY n DESC\nLIMIT 1";
}

std::string replace_partition(const topology::gold& g,
                              const std::string& database,
                              const std::string& staging, const window& what) {
  // plan::lay_out() has found the zone.
  const auto zone = time_zone::find(g.timezone).value_or(time_zone{});
  return "ALTER TABLE " + qualified(database, g.name) + " REPLACE PARTITION ID "
         + topology::quote_literal(partition_id(g, zone, what)) + " FROM "
         + qualified(database, staging);
}

std::string forget_replaced(const topology::gold& g,
                            const std::string& database) {
  return "ALTER TABLE " + qualified(database, g.name) + " DROP PARTITION ID "
         + topology::quote_literal(partition_that_never_exists);
}

std::string drop_staging(const std::string& database,
                         const std::string& staging) {
  return "DROP TABLE IF EXISTS " + qualified(database, staging);
}

std::string find_staging(const std::string& database,
                         std::chrono::seconds age) {
  return "SELECT name FROM system.tables\nWHERE database = "
         + topology::quote_literal(database) + " AND startsWith(name, "
         + topology::quote_literal(staging_prefix)
         + ")\n  AND metadata_modification_time <= now() - "
         + std::to_string(age.count()) + "\nORDER BY name";
}

} // namespace sluice::gold::statements
