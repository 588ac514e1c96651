// Rows that `window.outside: quarantine` keeps out of silver.
#include <gmock/gmock.h>

#include "table_under_test.hpp"

namespace sluice::cdc_test {

namespace {

using cdc::reject_reason;
using cdc::verdict;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

// 2026-02-20 00:00:00 UTC.
constexpr std::int64_t now_ms = 1'771'545'600'000;

topology::gold sales(std::chrono::seconds ahead = 24h) {
  topology::gold result;
  result.name = "sales";
  result.window.over_table = "t";
  result.window.over_column = "at";
  result.window.ahead = ahead;
  result.window.outside = topology::on_outside::quarantine;
  return result;
}

table_under_test guarded(const std::vector<topology::gold>& golds,
                         std::vector<std::string> key = {"id"},
                         on_invalid policy = on_invalid::reject) {
  topology::table table;
  table.name = "t";
  table.topic = "topic";
  table.mode = key.empty() ? table_mode::append : table_mode::latest;
  table.order_by = key;
  table.key = std::move(key);
  table.columns = {with(column("id", "Int32"), policy),
                   with(column("at", "DateTime64(3)"), time_unit::ms)};
  auto layout = silver::lay_out(table).value();
  for (const auto& each : golds)
    layout.time_guards.emplace_back(
        each, 1, [](std::int64_t days) { return days * 86'400; });
  return table_under_test(std::move(layout));
}

std::string row(std::int64_t id, std::int64_t at) {
  return R"({"id":)" + std::to_string(id) + R"(,"at":)" + std::to_string(at)
         + "}";
}

std::string insert(std::int64_t id, std::int64_t at) {
  return R"({"before":null,"after":)" + row(id, at) + R"(,"op":"c","ts_ms":1})";
}

std::string update(std::int64_t id, std::int64_t at) {
  return R"({"before":null,"after":)" + row(id, at) + R"(,"op":"u","ts_ms":1})";
}

std::string remove(std::int64_t id, std::int64_t at) {
  return R"({"before":)" + row(id, at) + R"(,"after":null,"op":"d","ts_ms":1})";
}

cdc::outcome decode(table_under_test& table, const std::string& value,
                    std::int64_t timestamp_ms = now_ms) {
  return table.decode(R"({"id":1})", value, 7, {}, timestamp_ms);
}

} // namespace

TEST(OutsideWindows, AreRejectedWithTheGoldTheColumnTheValueAndTheBounds) {
  auto table = guarded({sales()});
  const auto got = decode(table, insert(1, 0));
  EXPECT_EQ(got.what, verdict::rejected);
  EXPECT_EQ(got.rejected, reject_reason::outside_windows);
  EXPECT_THAT(got.detail,
              AllOf(HasSubstr("gold sales"), HasSubstr("column `at`"),
                    HasSubstr("1970-01-01 00:00:00 UTC"),
                    HasSubstr("1980-01-01 00:00:00 UTC"),
                    HasSubstr("2026-02-21 00:00:00 UTC")));
  EXPECT_EQ(table.row_count(), 0U);
}

TEST(OutsideWindows, RecordsThatAreReadByTheirShapeAreNoOtherCase) {
  auto table = guarded({sales()});
  for (int n = 0; n < 5; ++n)
    EXPECT_EQ(decode(table, insert(n, now_ms)).what, verdict::upserted);
  const auto got = decode(table, insert(6, 7'258'118'400'000));
  EXPECT_EQ(got.rejected, reject_reason::outside_windows);
  EXPECT_THAT(got.detail, HasSubstr("2200-01-01"));
  EXPECT_EQ(decode(table, insert(7, now_ms)).what, verdict::upserted);
  EXPECT_EQ(table.rows().size(), 6U);
}

TEST(OutsideWindows, TheRecordsTimestampAndNoClockIsWhatAheadCountsFrom) {
  auto table = guarded({sales()});
  constexpr std::int64_t tomorrow = now_ms + 86'400'000;
  EXPECT_EQ(decode(table, insert(1, tomorrow)).what, verdict::upserted);
  EXPECT_EQ(decode(table, insert(1, tomorrow), now_ms - 1000).rejected,
            reject_reason::outside_windows);
  EXPECT_EQ(decode(table, insert(1, tomorrow), -1).what, verdict::upserted);
}

TEST(OutsideWindows, UpdatesAreKeptOutLikeInserts) {
  auto table = guarded({sales()});
  EXPECT_EQ(decode(table, update(1, 0)).rejected,
            reject_reason::outside_windows);
  EXPECT_EQ(decode(table, update(1, now_ms)).what, verdict::upserted);
}

TEST(OutsideWindows, DeletesReachSilverWhateverTheRowsTimeWas) {
  auto table = guarded({sales()});
  EXPECT_EQ(decode(table, remove(1, 0)).what, verdict::deleted);
  EXPECT_EQ(decode(table, remove(1, now_ms)).what, verdict::deleted);
  EXPECT_EQ(table.decode(R"({"id":1})", std::nullopt).what, verdict::ignored);
  EXPECT_EQ(table.row_count(), 2U);
}

TEST(OutsideWindows, EveryGoldOfTheTableIsAsked) {
  auto week = sales(7 * 24h);
  week.name = "week";
  auto table = guarded({week, sales()});
  constexpr std::int64_t in_two_days = now_ms + 172'800'000;
  EXPECT_THAT(decode(table, insert(1, in_two_days)).detail,
              HasSubstr("gold sales"));
  EXPECT_THAT(decode(table, insert(1, now_ms + 691'200'000)).detail,
              HasSubstr("gold week"));
}

TEST(OutsideWindows, ARowThatIsKeptOutCountsNoChangedValues) {
  auto table = guarded({sales()}, {}, on_invalid::clamp);
  constexpr std::int64_t too_large = std::int64_t{1} << 40;
  EXPECT_EQ(decode(table, insert(too_large, 0)).rejected,
            reject_reason::outside_windows);
  EXPECT_EQ(table.policies().clamped, 0U);
  EXPECT_EQ(decode(table, insert(too_large, now_ms)).what, verdict::upserted);
  EXPECT_EQ(table.policies().clamped, 1U);
  EXPECT_THAT(table.rows(),
              ElementsAre(ElementsAre("2147483647", ::testing::_)));
}

} // namespace sluice::cdc_test
