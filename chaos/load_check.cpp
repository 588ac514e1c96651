#include "chaos/load_check.hpp"

#include "cdc/decoder.hpp"
#include "chaos/record_maker.hpp"
#include "silver/block_builder.hpp"
#include "silver/table_layout.hpp"

namespace sluice::chaos {

namespace {

constexpr int records_tried = 300;

tl::expected<void, std::string> check_table(const topology::topology& what,
                                            const topology::table& table) {
  const auto refuse = [&table](const std::string& why) {
    return tl::make_unexpected("table " + table.name
                               + ": chaos makes no records that it takes: "
                               + why);
  };
  const auto layout = silver::lay_out(table);
  if (!layout)
    return refuse(layout.error().front().message);
  auto maker = record_maker::make(what, table.topic, 1);
  if (!maker)
    return tl::make_unexpected(maker.error());
  const auto decoder = cdc::make_decoder(*layout);
  silver::block_builder rows{layout->block_columns};
  for (auto i = 0; i < records_tried; ++i) {
    auto made = maker->next();
    made.where.partition = 0;
    made.offset = i;
    made.timestamp_ms = 1'771'372'800'000; // 2026-02-18
    const auto batch = kafka::make_record_batch({std::move(made)});
    const auto decoded = decoder->decode(batch->records().front(), 0, 1, rows);
    if (decoded.what == cdc::verdict::rejected)
      return refuse(decoded.detail);
  }
  const auto changed = decoder->policies();
  if (changed.nulled != 0 || changed.clamped != 0)
    return refuse("a value does not fit its column");
  return {};
}

} // namespace

tl::expected<void, std::string> check_load(const topology::topology& what) {
  for (const auto& table : what.tables)
    if (auto fits = check_table(what, table); !fits)
      return fits;
  return {};
}

} // namespace sluice::chaos
