#include "actors/inserter.hpp"

#include <utility>
#include <vector>

#include "actors/failure.hpp"
#include "silver/questions.hpp"

namespace sluice::actors {

namespace {

clickhouse::insert_request make_request(const insert_block& work,
                                        const inserter_target& target) {
  const auto& layout = *target.layout;
  clickhouse::insert_request result;
  result.database = target.database;
  result.table = layout.table.name;
  result.columns = work.rows->names();
  result.structure = work.rows->structure();
  result.pieces = work.rows->pieces();
  result.rows = work.rows->rows();
  result.deduplication_token = work.token;
  result.filter = layout.table.filter;
  if (layout.deleted_column)
    result.hide_column = layout.block_columns[*layout.deleted_column].name;
  if (!work.only.empty()) {
    std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
    for (const auto& each : work.only)
      ranges.emplace_back(each.lo, each.hi);
    result.chosen = silver::offsets_condition(ranges);
  }
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(target.longest_insert).count();
  result.options.emplace_back("max_execution_time", std::to_string(seconds));
  return result;
}

/// Asks, and reads the answer; one that cannot be read is asked for again.
template <class Parse>
auto ask(clickhouse::client& client, std::string sql, Parse parse)
    -> tl::expected<
        typename std::invoke_result_t<Parse, std::string>::value_type,
        clickhouse::error> {
  clickhouse::query_request request;
  request.sql = std::move(sql);
  request.format = "TabSeparated";
  auto text = client.query(request);
  if (!text)
    return tl::make_unexpected(std::move(text.error()));
  auto value = parse(std::move(*text));
  if (!value)
    return tl::make_unexpected(clickhouse::error{
        clickhouse::remedy::retry, 0, false,
        "ClickHouse's answer cannot be read: " + value.error()});
  return std::move(*value);
}

rows_told tell_rows(clickhouse::client& client, const inserter_target& target,
                    const ask_rows& what) {
  return {ask(client,
              silver::rows_in_range_sql(
                  target.database, target.layout->table.name, what.partition,
                  what.range.lo, what.range.hi, what.epoch),
              [](const std::string& text) {
                return silver::parse_rows_in_range(text);
              })};
}

newest_told tell_newest(clickhouse::client& client,
                        const inserter_target& target, const ask_newest& what) {
  return {
      ask(client,
          silver::newest_offset_sql(target.database, target.layout->table.name,
                                    what.partition, what.epoch, what.from),
          [](const std::string& text) {
            return silver::parse_newest_offset(text);
          })};
}

} // namespace

inserter_actor::behavior_type inserter(inserter_actor::pointer self,
                                       inserter_target target) {
  keep_failure_text(self);
  std::shared_ptr<clickhouse::client> client = target.endpoint->connect();
  return {
      [client, target](const insert_block& work) -> insert_answered {
        auto done = client->insert(make_request(work, target));
        if (done)
          return {std::nullopt};
        return {std::move(done.error())};
      },
      [client, target](const ask_rows& what) {
        return tell_rows(*client, target, what);
      },
      [client, target](const ask_newest& what) {
        return tell_newest(*client, target, what);
      },
  };
}

} // namespace sluice::actors
