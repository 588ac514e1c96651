#include "gold/window_rule.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using topology::window_unit;

sys_seconds at(std::string_view text) { return parse_utc(text).value(); }

topology::gold gold_of(window_unit unit, std::string zone) {
  topology::gold result;
  result.window.unit = unit;
  result.timezone = std::move(zone);
  return result;
}

window_rule calendar(window_unit unit, std::string zone) {
  return window_rule::make(gold_of(unit, std::move(zone))).value();
}

window_rule fixed(seconds every, seconds hop = 0s) {
  auto gold = gold_of(window_unit::fixed, "UTC");
  gold.window.every = every;
  gold.window.hop = hop;
  return window_rule::make(gold).value();
}

/// "START/END hours" of the window that `when` is in.
std::string around(const window_rule& rule, std::string_view when) {
  const auto what = rule.newest_containing(at(when));
  return format_utc(what.start) + "/" + format_utc(what.end) + " "
         + std::to_string((what.end - what.start) / 1h);
}

std::vector<std::string> starts_of(const std::vector<window>& windows) {
  std::vector<std::string> result;
  for (const auto& each : windows)
    result.push_back(format_utc(each.start));
  return result;
}

TEST(WindowRule, FixedWindowsContainTheirStartAndNotTheirEnd) {
  const auto rule = fixed(days{1});
  const window day{at("2026-02-20"), at("2026-02-21")};
  EXPECT_EQ(rule.newest_containing(at("2026-02-20 00:00:00")), day);
  EXPECT_EQ(rule.newest_containing(at("2026-02-20 23:59:59")), day);
  EXPECT_EQ(rule.newest_containing(at("2026-02-21")).start, day.end);
  EXPECT_EQ(rule.newest_containing(sys_seconds{-1s}).end, sys_seconds{});
}

TEST(WindowRule, FixedWindowsCountFrom1970WhateverTheZone) {
  auto gold = gold_of(window_unit::fixed, "Europe/Berlin");
  gold.window.every = days{7};
  const auto rule = window_rule::make(gold).value();
  EXPECT_EQ(rule.newest_containing(at("2026-02-20")).start, at("2026-02-19"));
  EXPECT_EQ(rule.granule(), days{7});
}

TEST(WindowRule, DaysHave23And25HoursWhereTheClocksAreChanged) {
  const auto berlin = calendar(window_unit::day, "Europe/Berlin");
  EXPECT_EQ(around(berlin, "2026-03-29 12:00"),
            "2026-03-28 23:00:00/2026-03-29 22:00:00 23");
  EXPECT_EQ(around(berlin, "2026-10-25 12:00"),
            "2026-10-24 22:00:00/2026-10-25 23:00:00 25");
  EXPECT_EQ(around(berlin, "2026-03-28 22:59:59"),
            "2026-03-27 23:00:00/2026-03-28 23:00:00 24");
  const auto york = calendar(window_unit::day, "America/New_York");
  EXPECT_EQ(around(york, "2026-03-08 12:00"),
            "2026-03-08 05:00:00/2026-03-09 04:00:00 23");
  EXPECT_EQ(around(york, "2026-11-01 12:00"),
            "2026-11-01 04:00:00/2026-11-02 05:00:00 25");
  EXPECT_EQ(around(calendar(window_unit::day, "Asia/Kathmandu"), "2026-02-20"),
            "2026-02-19 18:15:00/2026-02-20 18:15:00 24");
}

TEST(WindowRule, ADayWithoutMidnightBeginsAtItsFirstInstant) {
  const auto sao_paulo = calendar(window_unit::day, "America/Sao_Paulo");
  EXPECT_EQ(around(sao_paulo, "2018-11-04 12:00"),
            "2018-11-04 03:00:00/2018-11-05 02:00:00 23");
  EXPECT_EQ(around(sao_paulo, "2018-11-04 02:59:59"),
            "2018-11-03 03:00:00/2018-11-04 03:00:00 24");
  EXPECT_EQ(around(calendar(window_unit::day, "Asia/Beirut"), "2022-03-27"),
            "2022-03-26 22:00:00/2022-03-27 21:00:00 23");
}

TEST(WindowRule, ADayWithTwoMidnightsBeginsAtTheFirst) {
  // From 01:00 back to 00:00.
  const auto havana = calendar(window_unit::day, "America/Havana");
  EXPECT_EQ(around(havana, "2026-11-01 04:30"),
            "2026-11-01 04:00:00/2026-11-02 05:00:00 25");
  EXPECT_EQ(around(havana, "2026-11-01 05:30"),
            "2026-11-01 04:00:00/2026-11-02 05:00:00 25");
  // From 00:01 back to 23:01 of the day before, which is not taken up again.
  const auto st_johns = calendar(window_unit::day, "America/St_Johns");
  EXPECT_EQ(around(st_johns, "2010-11-07 02:30:00"),
            "2010-11-07 02:30:00/2010-11-08 03:30:00 25");
  EXPECT_EQ(around(st_johns, "2010-11-07 02:45:00"),
            "2010-11-07 02:30:00/2010-11-08 03:30:00 25");
}

TEST(WindowRule, ADateThatWasLeftOutHasNoWindow) {
  const auto apia = calendar(window_unit::day, "Pacific/Apia");
  const window before{at("2011-12-29 10:00"), at("2011-12-30 10:00")};
  const window after{at("2011-12-30 10:00"), at("2011-12-31 10:00")};
  EXPECT_EQ(apia.next(before), after);
  EXPECT_EQ(apia.newest_containing(before.end), after);
  EXPECT_EQ(apia.last_ended(after.start), before);
  EXPECT_EQ(apia.last_ended(after.end - 1s), before);
  EXPECT_THAT(apia.touching(before.start, after.end),
              ElementsAre(before, after));
  EXPECT_FALSE(apia.is_window({before.end, before.end}));
}

TEST(WindowRule, WeeksBeginOnMonday) {
  EXPECT_EQ(around(calendar(window_unit::week, "UTC"), "2026-02-20"),
            "2026-02-16 00:00:00/2026-02-23 00:00:00 168");
  EXPECT_EQ(around(calendar(window_unit::week, "UTC"), "2026-02-22 23:59:59"),
            "2026-02-16 00:00:00/2026-02-23 00:00:00 168");
  EXPECT_EQ(around(calendar(window_unit::week, "Europe/Berlin"), "2026-03-29"),
            "2026-03-22 23:00:00/2026-03-29 22:00:00 167");
  EXPECT_EQ(around(calendar(window_unit::week, "UTC"), "1969-12-31"),
            "1969-12-29 00:00:00/1970-01-05 00:00:00 168");
}

TEST(WindowRule, MonthsHaveTheirDaysAndLeapDays) {
  const auto utc = calendar(window_unit::month, "UTC");
  EXPECT_EQ(around(utc, "2028-02-29 23:59:59"),
            "2028-02-01 00:00:00/2028-03-01 00:00:00 696");
  EXPECT_EQ(around(utc, "2026-02-28"),
            "2026-02-01 00:00:00/2026-03-01 00:00:00 672");
  EXPECT_EQ(around(utc, "2100-02-10"),
            "2100-02-01 00:00:00/2100-03-01 00:00:00 672");
  EXPECT_EQ(around(utc, "1969-12-31"),
            "1969-12-01 00:00:00/1970-01-01 00:00:00 744");
  const auto york = calendar(window_unit::month, "America/New_York");
  EXPECT_EQ(around(york, "2026-12-31 12:00"),
            "2026-12-01 05:00:00/2027-01-01 05:00:00 744");
  EXPECT_EQ(around(york, "2026-03-10"),
            "2026-03-01 05:00:00/2026-04-01 04:00:00 743");
  EXPECT_EQ(utc.touching(at("2026-01-31"), at("2027-01-01")).size(), 12U);
}

TEST(WindowRule, HoppingWindowsOverlap) {
  const auto rule = fixed(1h, 15min);
  EXPECT_THAT(starts_of(rule.containing(at("2026-02-20 12:20"))),
              ElementsAre("2026-02-20 11:30:00", "2026-02-20 11:45:00",
                          "2026-02-20 12:00:00", "2026-02-20 12:15:00"));
  EXPECT_EQ(rule.newest_containing(at("2026-02-20 12:20")).end,
            at("2026-02-20 13:15"));
  EXPECT_EQ(rule.last_ended(at("2026-02-20 12:20")).end,
            at("2026-02-20 12:15"));
  EXPECT_THAT(starts_of(rule.touching(at("2026-02-20 12:00"),
                                      at("2026-02-20 12:15:01"))),
              ElementsAre("2026-02-20 11:15:00", "2026-02-20 11:30:00",
                          "2026-02-20 11:45:00", "2026-02-20 12:00:00",
                          "2026-02-20 12:15:00"));
  EXPECT_THAT(
      starts_of(rule.ended(at("2026-02-20 12:00"), at("2026-02-20 12:30"))),
      ElementsAre("2026-02-20 11:15:00", "2026-02-20 11:30:00"));
  EXPECT_TRUE(rule.is_window({at("2026-02-20 11:30"), at("2026-02-20 12:30")}));
  EXPECT_FALSE(
      rule.is_window({at("2026-02-20 11:30"), at("2026-02-20 12:00")}));
  EXPECT_EQ(rule.granule(), 15min);
}

TEST(WindowRule, TouchingIsBoundedToTheNewest) {
  const auto many = fixed(1s).touching(at("1970-01-01"), at("2026-02-20"));
  EXPECT_EQ(many.size(), windows_max);
  EXPECT_EQ(many.back().end, at("2026-02-20"));
  const auto days_of_century =
      calendar(window_unit::day, "Europe/Berlin")
          .touching(at("1970-01-01"), at("2070-01-01 12:00"));
  EXPECT_EQ(days_of_century.size(), windows_max);
  EXPECT_EQ(days_of_century.back().start, at("2069-12-31 23:00"));
  EXPECT_THAT(fixed(1h).touching(at("2026-02-20"), at("2026-02-20")),
              IsEmpty());
  EXPECT_THAT(fixed(1h).touching(at("2026-02-21"), at("2026-02-20")),
              IsEmpty());
}

TEST(WindowRule, SurvivesTheEndsOfTime) {
  const auto both = {fixed(1h), fixed(days{3660}, days{366}),
                     calendar(window_unit::month, "Europe/Berlin"),
                     calendar(window_unit::day, "America/New_York")};
  for (const auto& rule : both)
    for (const auto when : {sys_seconds::min(), sys_seconds::max()}) {
      const auto found = rule.newest_containing(when);
      EXPECT_LT(found.start, found.end);
      EXPECT_TRUE(rule.is_window(found));
      EXPECT_FALSE(rule.containing(when).empty());
      EXPECT_FALSE(rule.is_window({when, when}));
      EXPECT_LE(rule.touching(sys_seconds::min(), when).size(), windows_max);
      EXPECT_LT(rule.last_ended(when).start, rule.last_ended(when).end);
      EXPECT_GT(rule.next({when, when}).start, found.start);
    }
}

TEST(WindowRule, RefusesAZoneThatIsNone) {
  const auto rule =
      window_rule::make(gold_of(window_unit::fixed, "Europe/Berln"));
  ASSERT_FALSE(rule);
  EXPECT_THAT(rule.error(), HasSubstr("did you mean 'Europe/Berlin'?"));
}

TEST(WindowRule, RefusesLengthsThatMakeNoWindows) {
  const auto refused = [](window_unit unit, seconds every, seconds hop) {
    auto gold = gold_of(unit, "UTC");
    gold.window.every = every;
    gold.window.hop = hop;
    return !window_rule::make(gold);
  };
  EXPECT_TRUE(refused(window_unit::fixed, 0s, 0s));
  EXPECT_TRUE(refused(window_unit::fixed, -1s, 0s));
  EXPECT_TRUE(refused(window_unit::fixed, 1h, 7min));
  EXPECT_TRUE(refused(window_unit::fixed, 1h, 2h));
  EXPECT_TRUE(refused(window_unit::fixed, 1h, -15min));
  EXPECT_TRUE(refused(window_unit::fixed, 1001s, 1s));
  EXPECT_FALSE(refused(window_unit::fixed, 1000s, 1s));
  EXPECT_TRUE(refused(window_unit::day, days{1}, 1h));
}

TEST(WindowRule, GranuleOfTheCalendarIsAQuarterOfAnHourWherePossible) {
  EXPECT_EQ(calendar(window_unit::day, "Asia/Kathmandu").granule(), 15min);
  EXPECT_EQ(calendar(window_unit::month, "UTC").granule(), 15min);
  auto gold = gold_of(window_unit::day, "Africa/Monrovia");
  EXPECT_EQ(window_rule::make(gold)->granule(), 15min);
  gold.window.oldest = at("1970-01-01");
  EXPECT_EQ(window_rule::make(gold)->granule(), 30s);
}

/// What must hold of any rule, at any time.
void expect_consistent(const window_rule& rule, sys_seconds when) {
  const auto newest = rule.newest_containing(when);
  const auto all = rule.containing(when);
  ASSERT_FALSE(all.empty());
  ASSERT_EQ(all.back(), newest);
  for (const auto& each : all) {
    ASSERT_LE(each.start, when);
    ASSERT_GT(each.end, when);
    ASSERT_TRUE(rule.is_window(each)) << to_string(each);
    ASSERT_FALSE(rule.is_window({each.start + 1s, each.end}));
    ASSERT_FALSE(rule.is_window({each.start, each.end + 1s}));
  }
  ASSERT_EQ(rule.touching(when, when + 1s), all);
  const auto next = rule.next(newest);
  ASSERT_GT(next.start, when);
  ASSERT_TRUE(rule.is_window(next));
  ASSERT_EQ(rule.newest_containing(next.start - 1s), newest);
  const auto ended = rule.last_ended(when);
  ASSERT_LE(ended.end, when);
  ASSERT_GT(rule.next(ended).end, when);
  ASSERT_EQ(rule.ended(ended.end - 1s, when).back(), ended);
  // Event times of one granule are in the same windows.
  const auto granule = rule.granule();
  const auto begin = sys_seconds{when.time_since_epoch() / granule * granule};
  ASSERT_EQ(rule.containing(begin), all);
  ASSERT_EQ(rule.containing(begin + granule - 1s), all);
  // From window to window is what touching says.
  const auto some = rule.touching(newest.start, next.end + 1h);
  for (std::size_t i = 1; i < some.size(); ++i)
    ASSERT_EQ(rule.next(some[i - 1]), some[i]);
}

TEST(WindowRule, ItsOperationsAgreeAtRandomTimesInManyZones) {
  constexpr unsigned seed = 20260329;
  RecordProperty("seed", static_cast<int>(seed));
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<std::int64_t> any_time{
      at("1980-01-02").time_since_epoch().count(),
      at("2106-01-01").time_since_epoch().count()};
  std::vector<window_rule> rules{fixed(1h), fixed(days{1}), fixed(90s, 30s),
                                 fixed(days{7}, days{1})};
  for (const auto* name :
       {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu",
        "America/Sao_Paulo", "Asia/Beirut", "America/St_Johns", "Pacific/Apia",
        "Australia/Lord_Howe", "America/Havana", "America/Santiago"})
    for (const auto unit :
         {window_unit::day, window_unit::week, window_unit::month})
      rules.push_back(calendar(unit, name));
  for (std::size_t i = 0; i < rules.size(); ++i)
    for (int round = 0; round < 2'000; ++round) {
      const sys_seconds when{seconds{any_time(random)}};
      expect_consistent(rules[i], when);
      if (HasFatalFailure())
        FAIL() << "seed " << seed << ", rule " << i << ", at "
               << format_utc(when) << " in " << rules[i].zone().name();
    }
}

} // namespace
} // namespace sluice::gold
