// A silver table in the embedded ClickHouse, made and filled as Sluice does it,
// to be asked for event times.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "marks/look_back.hpp"
#include "silver/block_values.hpp"
#include "silver/ddl.hpp"
#include "silver/table_layout.hpp"
#include "tests/engine/engine_fixture.hpp"

namespace sluice::clickhouse::testing {

using times = std::vector<std::int64_t>;
/// Appends one value to its column.
using value = std::function<void(silver::column_buffer&)>;

template <class T>
value fixed_value(T what) {
  return [what](silver::column_buffer& to) { to.append(what); };
}

inline value text_value(std::string what) {
  return [what](silver::column_buffer& to) { to.append_string(what); };
}

/// Columns and their types.
using columns = std::vector<std::pair<std::string, std::string>>;

inline silver::table_layout lay_out(const std::string& name, const columns& all,
                                    std::vector<std::string> key) {
  topology::table table;
  table.name = name;
  table.mode = topology::table_mode::latest;
  table.key = std::move(key);
  for (const auto& [column, type] : all) {
    table.columns.emplace_back();
    table.columns.back().name = column;
    table.columns.back().type = type;
  }
  auto result = silver::lay_out(table);
  if (!result)
    ADD_FAILURE() << result.error().front().message;
  return result.value();
}

/// Windows of an hour over `orders`.`at`.
inline marks::feed hourly_over(const std::string& column = "at",
                               const std::string& zone = "UTC") {
  topology::gold gold;
  gold.name = "sales";
  gold.window.every = std::chrono::hours{1};
  gold.window.over_table = "orders";
  gold.window.over_column = column;
  gold.timezone = zone;
  auto rule = gold::window_rule::make(gold).value();
  return {gold, std::move(rule), std::nullopt};
}

class look_back_test : public ::testing::Test {
protected:
  void make(const silver::table_layout& layout) {
    const auto& name = layout.table.name;
    run(*connection_, "DROP TABLE IF EXISTS `" + name + "` SYNC");
    run(*connection_, silver::create_table(layout, "main"));
    run(*connection_, "SYSTEM STOP MERGES `" + name + "`");
  }

  /// One INSERT of these values (a list a row, in the order of the columns), at
  /// offsets from `offset` on.
  silver::block_ptr insert(const silver::table_layout& layout,
                           const std::vector<std::vector<value>>& rows,
                           std::int64_t offset = 0, bool deleted = false,
                           std::uint16_t epoch = 0, int partition = 0) {
    silver::block_builder builder{layout.block_columns};
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i](builder.column(i));
      builder.column(layout.partition_column).append(std::int32_t{partition});
      builder.column(layout.offset_column).append(offset);
      builder.column(layout.epoch_column).append(epoch);
      builder.column(*layout.version_column)
          .append(silver::row_version(epoch, offset));
      builder.column(*layout.deleted_column)
          .append(static_cast<std::uint8_t>(deleted ? 1 : 0));
      builder.commit_row();
      ++offset;
    }
    auto block = builder.finish();
    insert_request request;
    request.database = "main";
    request.table = layout.table.name;
    request.columns = block->names();
    request.structure = block->structure();
    request.pieces = block->pieces();
    request.rows = block->rows();
    const auto done = connection_->insert(request);
    EXPECT_TRUE(done) << done.error().message;
    return block;
  }

  tl::expected<std::string, error> answer(const marks::question& what,
                                          const settings& profile = {}) {
    query_request request;
    request.sql = what.sql;
    request.format = "TabSeparated";
    request.options = marks::settings_of(what);
    for (const auto& each : profile)
      request.options.push_back(each);
    return connection_->query(request);
  }

  /// Its times in rising order.
  times ask(const marks::question& what, const settings& profile = {}) {
    const auto text = answer(what, profile);
    if (!text) {
      ADD_FAILURE() << text.error().message << "\n"
                    << what.sql.substr(0, 2'000);
      return {};
    }
    auto result = marks::parse_times(*text).value();
    std::ranges::sort(result);
    return result;
  }

  std::unique_ptr<client> connection_ = connected();
};

} // namespace sluice::clickhouse::testing
