#include "simulation/time_question.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <tuple>

namespace sluice::simulation {

namespace {

/// Goes through a text; what is not there as it must be throws.
class sql_reader {
public:
  sql_reader(std::string_view text, std::string_view over_column)
      : text_{text}, over_column_{over_column} {}

  time_question read() {
    time_question result;
    read_selection(result);
    read_from(result.over);
    expect("\nWHERE isNotNull(" + quoted(over_column_) + ") AND ");
    if (sees("`_partition`")) {
      read_place(result.over.which);
    } else {
      result.over.which.column = name();
      expect(" IN (");
      if (sees("SELECT "))
        read_joined(result);
      else
        read_values(result.over.which);
      expect(")");
    }
    const auto final = read_settings();
    result.over.as_they_are = final.value_or(result.over.as_they_are);
    if (result.joined && !joined_settings_)
      result.joined->as_they_are =
          final.value_or(false) || result.joined->as_they_are;
    if (!text_.empty())
      fail("the end");
    return result;
  }

private:
  static std::string quoted(std::string_view name) {
    return "`" + std::string{name} + "`";
  }

  [[noreturn]] void fail(const std::string& wanted) const {
    throw std::runtime_error{wanted + " is not where it should be: '"
                             + std::string{text_.substr(0, 60)} + "'"};
  }
  [[nodiscard]] bool sees(std::string_view what) const {
    return text_.starts_with(what);
  }
  bool skip(std::string_view what) {
    if (!sees(what))
      return false;
    text_.remove_prefix(what.size());
    return true;
  }
  void expect(std::string_view what) {
    if (!skip(what))
      fail(std::string{what});
  }
  std::int64_t number() {
    std::int64_t result = 0;
    const auto* end = text_.data() + text_.size();
    const auto [rest, failure] = std::from_chars(text_.data(), end, result);
    if (failure != std::errc{})
      fail("a number");
    text_.remove_prefix(static_cast<std::size_t>(rest - text_.data()));
    return result;
  }
  std::string name() {
    expect("`");
    const auto end = text_.find('`');
    if (end == std::string_view::npos)
      fail("a name");
    std::string result{text_.substr(0, end)};
    text_.remove_prefix(end + 1);
    return result;
  }

  void read_selection(time_question& to) {
    const auto time =
        "toUnixTimestamp64Milli(toDateTime64(" + quoted(over_column_) + ", 3))";
    expect("SELECT DISTINCT intDiv(" + time + " - if(" + time
           + " < 0, 1000 * ");
    to.granule = number();
    const auto granule = std::to_string(to.granule);
    expect(" - 1, 0), 1000 * " + granule + ") * " + granule + "\n");
  }
  void read_from(table_rows& to) {
    expect("FROM ");
    static_cast<void>(name());
    expect(".");
    to.table = name();
    to.has_final = skip(" FINAL");
    to.as_they_are = to.has_final;
  }
  std::optional<bool> read_settings() {
    if (!skip(" SETTINGS final = "))
      return std::nullopt;
    return number() != 0;
  }
  void read_joined(time_question& to) {
    expect("SELECT ");
    to.joined_column = name();
    expect(" ");
    auto& from = to.joined.emplace();
    read_from(from);
    expect(" WHERE ");
    if (sees("`_partition`")) {
      read_place(from.which);
    } else {
      from.which.column = name();
      expect(" IN (");
      read_values(from.which);
      expect(")");
    }
    const auto final = read_settings();
    joined_settings_ = final.has_value();
    from.as_they_are = final.value_or(from.as_they_are);
  }
  void read_values(row_condition& to) {
    do
      to.values.insert(number());
    while (skip(","));
  }

  void read_place(row_condition& to) {
    expect("`_partition` = ");
    to.partition = static_cast<std::int32_t>(number());
    expect(" AND ");
    std::tie(to.lo, to.hi) = read_range();
    expect(" AND `_epoch` = ");
    to.epoch = static_cast<std::uint16_t>(number());
    expect(" AND (");
    do {
      expect("(");
      const auto range = read_range();
      if (skip(" AND bitTest(reinterpretAsUInt8(substring(unhex('"))
        read_bitmap(range.first, to);
      else
        to.ranges.push_back(range);
      expect(")");
    } while (skip(" OR "));
    expect(")");
  }
  std::pair<std::int64_t, std::int64_t> read_range() {
    expect("`_offset` >= ");
    const auto from = number();
    expect(" AND `_offset` < ");
    return {from, number()};
  }
  /// Bit n % 8 of byte n / 8 is the offset first + n.
  void read_bitmap(std::int64_t first, row_condition& to) {
    const auto end = text_.find('\'');
    if (end == std::string_view::npos || end % 2 != 0)
      fail("a bitmap");
    for (std::size_t at = 0; at < end; at += 2) {
      unsigned byte = 0;
      const auto* digits = text_.data() + at;
      if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
        fail("a byte of a bitmap");
      for (std::int64_t bit = 0; bit < 8; ++bit) {
        const auto offset = first + static_cast<std::int64_t>(at) * 4 + bit;
        if ((byte >> static_cast<unsigned>(bit) & 1U) != 0)
          to.ranges.emplace_back(offset, offset + 1);
      }
    }
    text_.remove_prefix(end);
    const auto place = "(`_offset` - " + std::to_string(first) + ")";
    expect("'), bitShiftRight(" + place + ", 3) + 1, 1)), bitAnd(" + place
           + ", 7))");
  }

  std::string_view text_;
  std::string_view over_column_;
  bool joined_settings_ = false;
};

} // namespace

bool row_condition::holds(std::int64_t offset) const {
  return offset >= lo && offset < hi
         && std::ranges::any_of(ranges, [offset](const auto& each) {
              return offset >= each.first && offset < each.second;
            });
}

tl::expected<time_question, std::string>
parse_time_question(std::string_view sql, std::string_view over_column) {
  try {
    return sql_reader{sql, over_column}.read();
  } catch (const std::runtime_error& wrong) {
    return tl::unexpected(std::string{wrong.what()});
  }
}

} // namespace sluice::simulation
