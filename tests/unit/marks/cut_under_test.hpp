// A cut of a silver table, row by row, and what it touches.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "marks/cut_touches.hpp"

namespace sluice::marks {

using cdc::operation;
using topology::on_join;

constexpr std::int64_t hour = 3'600;
/// 2026-02-20 00:00 UTC: the first hour.
constexpr std::int64_t midnight = 1'771'545'600;
constexpr std::chrono::sys_seconds now{std::chrono::seconds{midnight + 86'400}};

/// orders(id, customer, at): the table with the event times.
inline topology::table orders() {
  topology::table result;
  result.name = "orders";
  result.key = {"id"};
  for (const auto& [name, type] :
       {std::pair{"id", "Int32"}, std::pair{"customer", "Int32"},
        std::pair{"at", "Nullable(DateTime)"}}) {
    result.columns.emplace_back();
    result.columns.back().name = name;
    result.columns.back().type = type;
  }
  return result;
}

/// An hour over `orders`.`at`; joined to it: `table`, by `column`.
inline feed feed_of(const std::string& table = {}, std::string column = "id",
                    on_join appears = on_join::rerun,
                    on_join changes = on_join::rerun) {
  topology::gold gold;
  gold.name = "sales";
  gold.window.every = std::chrono::hours{1};
  gold.window.over_table = "orders";
  gold.window.over_column = "at";
  auto rule = gold::window_rule::make(gold).value();
  if (table.empty())
    return {gold, std::move(rule), std::nullopt};
  topology::gold_join join;
  join.table = table;
  join.column = std::move(column);
  join.over_column = "customer";
  join.appears = appears;
  join.changes = changes;
  return {gold, std::move(rule), join};
}

class cut_under_test {
public:
  explicit cut_under_test(const topology::table& table)
      : layout_{silver::lay_out(table).value()},
        builder_{layout_.block_columns} {
    name_ = {table.name, "t", 3, 0, 100, 100};
  }

  /// The next record. `when` is in hours after midnight; none is NULL.
  cut_under_test& row(operation what, int id,
                      std::optional<std::int64_t> when = 0, int customer = 7) {
    for (std::size_t i = 0; i < layout_.read_columns.size(); ++i) {
      auto& column = builder_.column(i);
      const auto& name = layout_.block_columns[i].name;
      if (name != "at")
        column.append(std::int32_t{name == "id" ? id : customer});
      else if (when)
        append_time(column, midnight + *when * hour);
      else
        column.append_null();
    }
    builder_.column(layout_.partition_column).append(std::int32_t{3});
    builder_.column(layout_.offset_column).append(name_.hi);
    builder_.column(layout_.epoch_column).append(name_.epoch);
    if (layout_.version_column) {
      builder_.column(*layout_.version_column)
          .append(silver::row_version(name_.epoch, name_.hi));
      builder_.column(*layout_.deleted_column)
          .append(static_cast<std::uint8_t>(what == operation::remove ? 1 : 0));
    }
    builder_.commit_row();
    events_.push_back(what);
    ++name_.hi;
    return *this;
  }
  /// A record that gave no row.
  cut_under_test& gap() {
    ++name_.hi;
    return *this;
  }
  cut_under_test& epoch(std::uint16_t value) {
    name_.epoch = value;
    return *this;
  }
  cut_under_test& replayed() {
    replayed_ = true;
    return *this;
  }

  cut_touches touches(const std::vector<feed>& feeds) {
    const auto rows = builder_.finish();
    return touches_of(feeds, layout_, "shop", name_, *rows, events_, replayed_,
                      now);
  }

private:
  static void append_time(silver::column_buffer& to, std::int64_t when) {
    switch (to.type().kind) {
    case silver::type_kind::date:
      return to.append(static_cast<std::uint16_t>(when / 86'400));
    case silver::type_kind::datetime64:
      return to.append(when * 1'000);
    case silver::type_kind::int64:
      return to.append(when);
    default:
      return to.append(static_cast<std::uint32_t>(when));
    }
  }

  silver::table_layout layout_;
  silver::block_builder builder_;
  std::vector<operation> events_;
  gold::cut_name name_;
  bool replayed_ = false;
};

inline std::vector<std::string> sql_of(const std::vector<question>& all) {
  std::vector<std::string> result;
  for (const auto& each : all)
    result.push_back(each.sql);
  return result;
}

} // namespace sluice::marks
