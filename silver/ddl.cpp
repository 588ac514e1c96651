#include "silver/ddl.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <span>
#include <utility>

#include "topology/sql_quoting.hpp"

namespace sluice::silver {

namespace {

using topology::table_mode;

/// All three are known to every engine of the family, and a server may turn
/// MergeTree into a replicated engine by itself (ClickHouse Cloud, Replicated
/// databases), so they are always set. Newer servers forget replicated tokens
/// after an hour unless told otherwise.
constexpr std::array<std::pair<const char*, const char*>, 3> own_settings = {{
    {"non_replicated_deduplication_window", "10000"},
    {"replicated_deduplication_window", "10000"},
    {"replicated_deduplication_window_seconds", "604800"},
}};

std::string qualified(const table_layout& layout, const std::string& database) {
  return topology::quote_identifier(database) + '.'
         + topology::quote_identifier(layout.table.name);
}

/// `name` Type DEFAULT ..., as CREATE and ADD COLUMN take it.
std::string column_definition(const topology::column& column,
                              const column_type& type) {
  auto result = topology::quote_identifier(column.name) + ' ' + type.name();
  if (!column.computed.empty())
    result += " DEFAULT " + column.computed;
  else if (!column.constant.empty())
    result += " DEFAULT " + column.constant;
  return result;
}

/// Block columns that are not the topology's: the row's own.
std::span<const block_column> own_columns(const table_layout& layout) {
  return std::span{layout.block_columns}.subspan(layout.partition_column);
}

std::string engine_of(const table_layout& layout) {
  if (!layout.table.engine.empty())
    return layout.table.engine;
  return layout.table.mode == table_mode::latest
             ? "ReplacingMergeTree(`_version`, `_deleted`)"
             : "MergeTree";
}

bool is_column(const topology::table& table, const std::string& name) {
  return std::ranges::find(table.columns, name, &topology::column::name)
         != table.columns.end();
}

std::vector<std::string> sorting_key(const table_layout& layout) {
  const auto& table = layout.table;
  if (!table.order_by.empty())
    return table.order_by;
  if (!table.key.empty())
    return table.key;
  for (std::size_t index = 0; index < table.columns.size(); ++index)
    if (!layout.types[index].nullable
        && layout.types[index].kind != type_kind::array)
      return {table.columns[index].name};
  return {};
}

std::string order_by(const table_layout& layout) {
  std::string result;
  for (const auto& item : sorting_key(layout)) {
    result += result.empty() ? "" : ", ";
    result +=
        is_column(layout.table, item) ? topology::quote_identifier(item) : item;
  }
  return "(" + result + ")";
}

std::string index_name(const std::string& column) { return "_gold_" + column; }

/// As CREATE and ADD INDEX take it: the least and the greatest value of each
/// granule.
std::string index_definition(const std::string& column) {
  return topology::quote_identifier(index_name(column)) + ' '
         + topology::quote_identifier(column) + " TYPE minmax GRANULARITY 1";
}

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

std::string settings_of(const table_layout& layout) {
  std::map<std::string, std::string> settings;
  for (const auto& [name, value] : own_settings)
    settings.emplace(name, value);
  for (const auto& [name, value] : layout.table.settings)
    settings[name] = value;
  std::string result;
  for (const auto& [name, value] : settings) {
    result += result.empty() ? "" : ",\n  ";
    result += name + " = "
              + (is_number(value) ? value : topology::quote_literal(value));
  }
  return result;
}

} // namespace

std::string leading_column(const table_layout& layout) {
  const auto key = sorting_key(layout);
  return key.empty() ? std::string{} : key.front();
}

std::string create_table(const table_layout& layout,
                         const std::string& database) {
  const auto& table = layout.table;
  auto sql =
      "CREATE TABLE IF NOT EXISTS " + qualified(layout, database) + "\n(\n";
  for (std::size_t index = 0; index < table.columns.size(); ++index)
    sql += "  " + column_definition(table.columns[index], layout.types[index])
           + ",\n";
  for (const auto& own : own_columns(layout))
    sql += "  " + topology::quote_identifier(own.name) + ' ' + own.type.name()
           + ",\n";
  sql += "  INDEX `_origin` (`_partition`, `_offset`) TYPE minmax "
         "GRANULARITY 1";
  for (const auto& column : layout.sought_columns)
    sql += ",\n  INDEX " + index_definition(column);
  sql += "\n)\nENGINE = " + engine_of(layout) + '\n';
  if (!table.partition_by.empty())
    sql += "PARTITION BY " + table.partition_by + '\n';
  sql += "ORDER BY " + order_by(layout) + '\n';
  if (!table.ttl.empty())
    sql += "TTL " + table.ttl + '\n';
  return sql + "SETTINGS\n  " + settings_of(layout);
}

// -- migration ---------------------------------------------------------------

namespace {

/// What ClickHouse reports and what a person wrote differ in spaces and
/// synonyms only.
std::string canonical(const std::string& type) {
  const auto parsed = parse_column_type(type);
  return parsed ? parsed->name() : type;
}

const existing_column* find(const std::vector<existing_column>& existing,
                            const std::string& name) {
  const auto found = std::ranges::find(existing, name, &existing_column::name);
  return found == existing.end() ? nullptr : &*found;
}

/// Compares one table of ClickHouse with its layout.
class migration {
public:
  migration(const table_layout& layout, const std::string& database,
            const std::vector<existing_column>& existing,
            const std::vector<std::string>& indexes)
      : layout_(layout), target_(qualified(layout, database)),
        existing_(existing), indexes_(indexes), key_(sorting_key(layout)) {}

  tl::expected<std::vector<std::string>, std::vector<std::string>> plan() {
    for (const auto& own : own_columns(layout_))
      compare_own(own);
    for (std::size_t index = 0; index < layout_.types.size(); ++index)
      compare(index);
    for (const auto& column : existing_)
      compare_key(column);
    for (const auto& column : layout_.sought_columns)
      if (std::ranges::find(indexes_, index_name(column)) == indexes_.end())
        add_index(column);
    if (!reasons_.empty())
      return tl::unexpected(std::move(reasons_));
    return std::move(statements_);
  }

private:
  void compare_own(const block_column& own) {
    const auto* there = find(existing_, own.name);
    if (there == nullptr && own.name == epoch().name)
      add_epoch();
    else if (there == nullptr)
      reasons_.push_back("table " + target_ + " has no column " + own.name
                         + ": Sluice has not made it; give this table another "
                           "name, or rename that one");
    else
      compare_types(*there, own.type);
  }

  [[nodiscard]] const block_column& epoch() const {
    return layout_.block_columns[layout_.epoch_column];
  }

  void add_epoch() {
    const auto& before = layout_.block_columns[layout_.offset_column];
    statements_.push_back(
        "ALTER TABLE " + target_ + " ADD COLUMN IF NOT EXISTS "
        + topology::quote_identifier(epoch().name) + ' ' + epoch().type.name()
        + " DEFAULT 0 AFTER " + topology::quote_identifier(before.name));
  }

  /// The second makes ClickHouse write, in the background, what the index says
  /// of the rows that are there. Two statements: 23.10 takes no single one.
  void add_index(const std::string& column) {
    const auto alter = "ALTER TABLE " + target_;
    statements_.push_back(alter + " ADD INDEX IF NOT EXISTS "
                          + index_definition(column));
    statements_.push_back(alter + " MATERIALIZE INDEX "
                          + topology::quote_identifier(index_name(column)));
  }

  void compare(std::size_t index) {
    const auto& column = layout_.table.columns[index];
    const auto& type = layout_.types[index];
    if (const auto* there = find(existing_, column.name)) {
      compare_types(*there, type);
      return;
    }
    if (in_key(column.name)) {
      reasons_.push_back("table " + target_ + " has no column '" + column.name
                         + "', which is in its key now: a key cannot be "
                           "changed; make a new table");
      return;
    }
    auto statement = "ALTER TABLE " + target_ + " ADD COLUMN IF NOT EXISTS "
                     + column_definition(column, type);
    statement += index == 0 ? std::string{" FIRST"}
                            : " AFTER "
                                  + topology::quote_identifier(
                                      layout_.table.columns[index - 1].name);
    statements_.push_back(std::move(statement));
  }

  void compare_types(const existing_column& there, const column_type& type) {
    const auto has = canonical(there.type);
    if (has == type.name())
      return;
    reasons_.push_back(
        "column '" + there.name + "' of table " + target_ + " is " + has
        + " in ClickHouse and " + type.name() + " in the topology: write " + has
        + " there, or change the table by hand (ALTER TABLE " + target_
        + " MODIFY COLUMN " + topology::quote_identifier(there.name) + ' '
        + type.name() + ")");
  }

  void compare_key(const existing_column& there) {
    if (!there.in_sorting_key)
      return;
    const auto wanted = in_key(there.name);
    if (wanted && !*there.in_sorting_key)
      reasons_.push_back("column '" + there.name + "' is in the key, but not "
                         + "in the sorting key of table " + target_
                         + ": a key cannot be changed; make a new table");
    // Of a latest table any column more would keep former rows. In an append
    // table it may come from an expression of order_by.
    if (!wanted && *there.in_sorting_key
        && layout_.table.mode == table_mode::latest && !has_expressions())
      reasons_.push_back("column '" + there.name + "' is in the sorting key "
                         + "of table " + target_ + ", but not in the key of "
                         + "the topology: a key cannot be changed; make a new "
                         + "table");
  }

  [[nodiscard]] bool in_key(const std::string& name) const {
    return std::ranges::find(key_, name) != key_.end();
  }

  [[nodiscard]] bool has_expressions() const {
    return std::ranges::any_of(key_, [this](const std::string& item) {
      return !is_column(layout_.table, item);
    });
  }

  const table_layout& layout_;
  std::string target_;
  const std::vector<existing_column>& existing_;
  const std::vector<std::string>& indexes_;
  std::vector<std::string> key_;
  std::vector<std::string> statements_;
  std::vector<std::string> reasons_;
};

} // namespace

tl::expected<std::vector<std::string>, std::vector<std::string>>
migrate_table(const table_layout& layout, const std::string& database,
              const std::vector<existing_column>& existing,
              const std::vector<std::string>& indexes) {
  return migration{layout, database, existing, indexes}.plan();
}

} // namespace sluice::silver
