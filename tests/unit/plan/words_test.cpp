#include "plan/words.hpp"

#include <gmock/gmock.h>

#include "tests/unit/plan/example.hpp"

namespace sluice::plan {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(Words, NameADurationInTheLargestExactUnit) {
  EXPECT_EQ(duration_text(24h), "1 day");
  EXPECT_EQ(duration_text(48h), "2 days");
  EXPECT_EQ(duration_text(90s), "90 seconds");
  EXPECT_EQ(duration_text(5min), "5 minutes");
  EXPECT_EQ(duration_text(250ms), "250 ms");
  EXPECT_EQ(duration_text(0ms), "0 ms");
}

TEST(Words, NameASizeInTheLargestExactUnit) {
  EXPECT_EQ(bytes_text(std::size_t{64} << 20U), "64 MiB");
  EXPECT_EQ(bytes_text(1536), "1536 bytes");
  EXPECT_EQ(bytes_text(3072), "3 KiB");
  EXPECT_EQ(bytes_text(0), "0 bytes");
}

TEST(Words, NameWhereATableStarts) {
  using kind = topology::table_start::kind;
  EXPECT_EQ(start_text({}), "earliest");
  EXPECT_EQ(start_text({kind::latest, 0, {}}), "latest");
  EXPECT_EQ(start_text({kind::offset, 7, {}}), "offset 7");
  EXPECT_EQ(start_text(
                {kind::timestamp, 0,
                 std::chrono::sys_days{std::chrono::year{2026} / 2 / 18} + 6h}),
            "2026-02-18 06:00:00 UTC");
}

TEST(Words, LeaveCredentialsOutOfAUrl) {
  EXPECT_EQ(without_credentials("https://u:p%40x@ch:8443/a?b"),
            "https://ch:8443/a?b");
  EXPECT_EQ(without_credentials("http://ch:8123"), "http://ch:8123");
  EXPECT_EQ(without_credentials("http://ch:8123/?user=a@b"),
            "http://ch:8123/?user=a@b");
  EXPECT_EQ(without_credentials("embedded"), "embedded");
}

TEST(Words, NameEachTopicOnceInTheFilesOrder) {
  auto what = read_example();
  what.tables.push_back(what.tables.front());
  EXPECT_THAT(topics_of(what),
              ElementsAre("pg.public.users", "mongo.shop.events"));
}

TEST(Words, FindTheNextFiringOfASchedule) {
  const std::chrono::sys_seconds noon{
      std::chrono::sys_days{std::chrono::year{2026} / 2 / 20} + 12h};
  topology::gold gold;
  const auto next = next_firing(gold, "@daily", noon);
  ASSERT_TRUE(next);
  EXPECT_EQ(moment_text(*next), "2026-02-21 00:00:00 UTC");
  EXPECT_FALSE(next_firing(gold, "no schedule", noon));
  gold.timezone = "Europe/Berlin";
  EXPECT_EQ(moment_text(next_firing(gold, "@daily", noon).value()),
            "2026-02-20 23:00:00 UTC");
  gold.timezone = "Europe/Nowhere";
  EXPECT_FALSE(next_firing(gold, "@daily", noon));
}

TEST(Words, SayWhichWindowsAGoldHas) {
  topology::gold gold;
  gold.window.unit = topology::window_unit::month;
  EXPECT_EQ(window_text(gold), "1 month");
  gold.timezone = "Europe/Berlin";
  EXPECT_EQ(window_text(gold), "1 month in Europe/Berlin");
  gold.window.unit = topology::window_unit::fixed;
  gold.window.every = 7 * 24h;
  EXPECT_EQ(window_text(gold), "7 days of 24 hours");
  gold.window.every = 1h;
  gold.window.hop = 15min;
  EXPECT_EQ(window_text(gold), "1 hour every 15 minutes");
}

TEST(Words, AStartThatIsADateIsOfTheZone) {
  topology::gold gold;
  EXPECT_FALSE(start_of(gold));
  gold.timezone = "America/New_York";
  gold.window.start = std::chrono::sys_days{std::chrono::year{2026} / 2 / 18};
  EXPECT_EQ(moment_text(start_of(gold).value()), "2026-02-18 00:00:00 UTC");
  gold.window.start_is_date = true;
  EXPECT_EQ(moment_text(start_of(gold).value()), "2026-02-18 05:00:00 UTC");
}

} // namespace
} // namespace sluice::plan
