#include "marks/look_back.hpp"

#include <algorithm>
#include <charconv>

#include "silver/questions.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::marks {

namespace {

using topology::quote_identifier;

std::string qualified(std::string_view database, std::string_view table) {
  return quote_identifier(database) + "." + quote_identifier(table);
}

/// SELECT ... FROM the over table, up to WHERE.
std::string select_times(const feed& about, std::string_view database) {
  const auto& window = about.gold.window;
  const auto over = quote_identifier(window.over_column);
  const auto granule = std::to_string(about.rule.granule().count());
  // Rounded down, before 1970 too, where intDiv() alone rounds up.
  const auto time = "toUnixTimestamp64Milli(toDateTime64(" + over + ", 3))";
  const auto step = "1000 * " + granule;
  return "SELECT DISTINCT intDiv(" + time + " - if(" + time + " < 0, " + step
         + " - 1, 0), " + step + ") * " + granule + "\nFROM "
         + qualified(database, window.over_table) + "\nWHERE isNotNull(" + over
         + ") AND ";
}

std::string is_one_of(std::span<const std::string> literals) {
  std::string list;
  for (const auto& each : literals)
    list += (list.empty() ? "" : ",") + each;
  return " IN (" + list + ")";
}

std::string has_key(const std::vector<std::string>& key,
                    std::span<const std::string> keys) {
  std::string columns;
  for (const auto& name : key)
    columns += (columns.empty() ? "" : ", ") + quote_identifier(name);
  if (key.size() > 1)
    columns = "(" + columns + ")";
  return columns + is_one_of(keys);
}

std::string is_of_cut(const cut_rows& which) {
  return "`_partition` = " + std::to_string(which.cut.partition)
         + " AND `_offset` >= " + std::to_string(which.cut.lo)
         + " AND `_offset` < " + std::to_string(which.cut.hi)
         + " AND `_epoch` = " + std::to_string(which.cut.epoch) + " AND "
         + silver::offsets_condition(which.offsets);
}

std::string is_joined_to(const feed& about, const std::string& rows) {
  return quote_identifier(about.join->over_column) + " IN (SELECT "
         + quote_identifier(about.join->column) + rows + ")";
}

/// Whatever the user's profile says: hidden rows count, ...
constexpr std::string_view as_stored = " SETTINGS final = 0";
/// ... or do not. The word FINAL is refused for an append table, the setting
/// says nothing of one.
constexpr std::string_view as_they_are = " SETTINGS final = 1";

/// A subquery may have settings of its own.
question ask(const feed& about, std::string sql, std::string_view how) {
  return {about.gold.name, std::move(sql.append(how)), about.gold.timezone};
}

} // namespace

clickhouse::settings settings_of(const question& what) {
  return {{"session_timezone", what.zone},
          {"max_query_size", "67108864"},
          {"max_ast_elements", "1000000"},
          {"max_expanded_ast_elements", "1000000"}};
}

std::size_t keys_that_fit(std::span<const std::string> keys) {
  std::size_t bytes = 0;
  std::size_t result = 0;
  for (const auto& each :
       keys.first(std::min(keys.size(), keys_per_question))) {
    bytes += each.size();
    if (result > 0 && bytes > key_bytes_per_question)
      break;
    ++result;
  }
  return result;
}

question times_of_keys(const feed& about, std::string_view database,
                       const std::vector<std::string>& key,
                       std::span<const std::string> keys) {
  return ask(about, select_times(about, database) + has_key(key, keys),
             as_they_are);
}

question times_of_joined_keys(const feed& about, std::string_view database,
                              const std::vector<std::string>& key,
                              std::span<const std::string> keys) {
  return ask(about,
             select_times(about, database)
                 + is_joined_to(
                     about, " FROM " + qualified(database, about.join->table)
                                + " WHERE " + has_key(key, keys)),
             as_they_are);
}

question times_of_joined_values(const feed& about, std::string_view database,
                                std::span<const std::string> values) {
  return ask(about,
             select_times(about, database)
                 + quote_identifier(about.join->over_column)
                 + is_one_of(values),
             as_they_are);
}

question times_of_rows(const feed& about, std::string_view database,
                       const cut_rows& which) {
  return ask(about, select_times(about, database) + is_of_cut(which),
             as_stored);
}

question times_of_joined_rows(const feed& about, std::string_view database,
                              const cut_rows& which) {
  return ask(about,
             select_times(about, database)
                 + is_joined_to(
                     about, " FROM " + qualified(database, about.join->table)
                                + " WHERE " + is_of_cut(which)
                                + std::string{as_stored}),
             as_they_are);
}

tl::expected<std::vector<std::int64_t>, std::string>
parse_times(std::string_view tab_separated) {
  std::vector<std::int64_t> result;
  while (!tab_separated.empty()) {
    const auto end = tab_separated.find('\n');
    if (end == std::string_view::npos)
      return tl::unexpected(std::string{"the last line has no end"});
    const auto line = tab_separated.substr(0, end);
    tab_separated.remove_prefix(end + 1);
    std::int64_t value = 0;
    const auto [rest, failure] =
        std::from_chars(line.data(), line.data() + line.size(), value);
    if (failure != std::errc{} || rest != line.data() + line.size())
      return tl::unexpected("'" + std::string{line.substr(0, 40)}
                            + "' is no time");
    result.push_back(value);
  }
  return result;
}

} // namespace sluice::marks
