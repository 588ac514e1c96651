#include "plan/table_reset.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "gold/tab_separated.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::plan {

namespace {

using rows = std::vector<std::vector<std::string>>;
template <class T>
using or_error = tl::expected<T, clickhouse::error>;

constexpr auto largest_epoch = std::numeric_limits<std::uint16_t>::max();

/// src/Common/ErrorCodes.cpp.
constexpr int unknown_table = 60;

tl::unexpected<clickhouse::error> stopped(std::string message) {
  clickhouse::error result;
  result.what = clickhouse::remedy::stop;
  result.message = std::move(message);
  return tl::unexpected{std::move(result)};
}

or_error<std::string> run(clickhouse::client& on, std::string sql,
                          clickhouse::settings parameters = {}) {
  return on.query({.sql = std::move(sql),
                   .format = "TabSeparated",
                   .parameters = std::move(parameters),
                   .options = {},
                   .query_id = {}});
}

/// Statements that answer nothing have no format.
or_error<std::string> command(clickhouse::client& on, std::string sql) {
  return on.query({.sql = std::move(sql),
                   .format = {},
                   .parameters = {},
                   .options = {},
                   .query_id = {}});
}

std::string place(const std::string& database, const std::string& table) {
  return topology::quote_identifier(database) + '.'
         + topology::quote_identifier(table);
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number result = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, result);
  if (failure != std::errc{} || rest != end)
    return std::nullopt;
  return result;
}

/// N of "CONSTRAINT sluice_epoch CHECK _epoch >= N" as ClickHouse writes it; 0
/// when there is no such constraint, std::nullopt when it cannot be read.
std::optional<std::uint16_t> least_epoch_in(std::string_view create_query) {
  const std::string name{clickhouse::epoch_constraint};
  auto at = std::string_view::npos;
  for (const auto& quoted : {name, "`" + name + "`"})
    at = std::min(at, create_query.find("CONSTRAINT " + quoted + " CHECK "));
  if (at == std::string_view::npos)
    return 0;
  constexpr std::string_view sign = ">= ";
  const auto from = create_query.find(sign, at);
  if (from == std::string_view::npos)
    return std::nullopt;
  const auto digits = create_query.substr(from + sign.size());
  return number<std::uint16_t>(
      digits.substr(0, digits.find_first_not_of("0123456789")));
}

/// The table that is being prepared has the table's name in front of this.
constexpr std::string_view prepared = "_sluice_reset_";

std::string prepared_name(const std::string& table, std::uint16_t epoch,
                          std::string_view by) {
  auto result = table + std::string{prepared} + std::to_string(epoch) + "_";
  for (const auto c : by) {
    const auto plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                       || (c >= '0' && c <= '9');
    result += plain ? c : '_';
  }
  return result;
}

/// One reset of a table.
class replacement {
public:
  replacement(clickhouse::client& on, const std::string& database,
              const std::string& table, std::uint16_t epoch,
              std::string_view by)
      : on_{on}, database_{database}, table_{table}, epoch_{epoch},
        name_{prepared_name(table, epoch, by)} {}

  or_error<emptied_table> run() {
    if (auto made = prepare(); !made) {
      drop();
      return tl::unexpected{made.error()};
    }
    const auto free = is_free();
    if (!free || !*free) {
      drop();
      if (!free)
        return tl::unexpected{free.error()};
      return emptied_table{.overtaken = true};
    }
    const auto taken = command(on_, "EXCHANGE TABLES " + place(database_, name_)
                                        + " AND " + place(database_, table_));
    if (!taken && taken.error().code == unknown_table)
      return emptied_table{.overtaken = true};
    // What it has become is known to the next reset: it begins by dropping what
    // there is under such a name.
    if (!taken)
      return tl::unexpected{taken.error()};
    emptied_table result;
    if (const auto dropped = drop(); !dropped) {
      result.leftover = name_;
      result.leftover_reason = dropped.error().message;
    }
    return result;
  }

private:
  or_error<std::string> drop() {
    return command(on_, "DROP TABLE IF EXISTS " + place(database_, name_));
  }

  or_error<std::string> prepare() {
    auto done = command(on_, "CREATE TABLE " + place(database_, name_) + " AS "
                                 + place(database_, table_));
    if (!done)
      return done;
    const auto constraint =
        topology::quote_identifier(std::string{clickhouse::epoch_constraint});
    return command(on_, "ALTER TABLE " + place(database_, name_)
                            + " DROP CONSTRAINT IF EXISTS " + constraint
                            + ", ADD CONSTRAINT " + constraint
                            + " CHECK `_epoch` >= " + std::to_string(epoch_));
  }

  /// Whether the epoch is still unused once nobody else can take the place: of
  /// two at a time, each drops what the other has prepared or sees what it has
  /// done.
  or_error<bool> is_free() {
    const auto others =
        plan::run(on_,
                  "SELECT name FROM system.tables WHERE database = "
                  "{database:String} AND startsWith(name, {prefix:String}) "
                  "AND name != {own:String}",
                  {{"database", database_},
                   {"prefix", table_ + std::string{prepared}},
                   {"own", name_}});
    if (!others)
      return tl::unexpected{others.error()};
    for (const auto& row : gold::parse_tab_separated(*others)) {
      const auto done =
          command(on_, "DROP TABLE IF EXISTS " + place(database_, row.front()));
      if (!done)
        return tl::unexpected{done.error()};
    }
    const auto life = read_table_life(on_, database_, table_);
    if (!life)
      return tl::unexpected{life.error()};
    return std::max(life->least_epoch, life->greatest_epoch) < epoch_;
  }

  clickhouse::client& on_;
  const std::string& database_;
  const std::string& table_;
  std::uint16_t epoch_;
  std::string name_;
};

} // namespace

tl::expected<table_life, clickhouse::error>
read_table_life(clickhouse::client& on, const std::string& database,
                const std::string& table) {
  const auto about =
      run(on,
          "SELECT engine, create_table_query FROM system.tables WHERE database "
          "= {database:String} AND name = {table:String}",
          {{"database", database}, {"table", table}});
  if (!about)
    return tl::unexpected{about.error()};
  const auto found = gold::parse_tab_separated(*about);
  if (found.empty() || found.front().size() != 2)
    return stopped("table " + place(database, table)
                   + " does not exist: `sluice apply` creates it");
  const auto& engine = found.front()[0];
  if (engine.starts_with("Replicated") || engine.starts_with("Shared"))
    return stopped("table " + place(database, table) + " is a " + engine
                   + ": replicas would not see its reset at the same moment, "
                     "and rows could be lost; `sluice table reset` is for "
                     "tables that are not replicated");
  table_life result;
  const auto least = least_epoch_in(found.front()[1]);
  if (!least)
    return stopped("the constraint " + std::string{clickhouse::epoch_constraint}
                   + " of table " + place(database, table)
                   + " is not Sluice's: drop it by hand");
  result.least_epoch = *least;
  const auto counted =
      run(on, "SELECT count(), max(`_epoch`) FROM " + place(database, table)
                  + " SETTINGS final = 0, "
                    "empty_result_for_aggregation_by_empty_set = 0");
  if (!counted)
    return tl::unexpected{counted.error()};
  const auto numbers = gold::parse_tab_separated(*counted);
  const auto is_answer = numbers.size() == 1 && numbers.front().size() == 2;
  const auto count =
      is_answer ? number<std::uint64_t>(numbers.front()[0]) : std::nullopt;
  const auto greatest =
      is_answer ? number<std::uint16_t>(numbers.front()[1]) : std::nullopt;
  if (!count || !greatest)
    return stopped("ClickHouse's answer about the epochs of table "
                   + place(database, table) + " cannot be read");
  result.rows = *count;
  result.greatest_epoch = *greatest;
  return result;
}

tl::expected<std::uint16_t, std::string>
epoch_after(std::span<const std::uint16_t> in_use) {
  constexpr std::uint16_t step = 2;
  std::uint16_t greatest = 0;
  for (const auto each : in_use)
    greatest = std::max(greatest, each);
  if (greatest > largest_epoch - step)
    return tl::unexpected{"the table is in epoch " + std::to_string(greatest)
                          + ", and a row's version can count only to "
                          + std::to_string(largest_epoch)
                          + ": use another consumer group and other tables"};
  return static_cast<std::uint16_t>(greatest + step);
}

tl::expected<emptied_table, clickhouse::error>
empty_table(clickhouse::client& on, const std::string& database,
            const std::string& table, std::uint16_t epoch,
            std::string_view by) {
  return replacement{on, database, table, epoch, by}.run();
}

} // namespace sluice::plan
