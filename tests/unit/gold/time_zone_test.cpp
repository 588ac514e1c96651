#include "gold/time_zone.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gold/window.hpp"

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using testing::HasSubstr;

sys_seconds at(std::string_view text) { return parse_utc(text).value(); }

local_seconds local(std::string_view text) {
  return local_seconds{at(text).time_since_epoch()};
}

time_zone zone(std::string_view name) { return time_zone::find(name).value(); }

std::string first(const std::string& name, std::string_view local_time) {
  return format_utc(zone(name).first_instant(local(local_time)));
}

/// A folder of its own for a test, removed afterwards.
class folder {
public:
  explicit folder(const std::string& name)
      : path_(std::filesystem::path{testing::TempDir()} / name) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

TEST(TimeZone, ShowsWhatItsClocksShow) {
  const auto shown = [](const std::string& name, std::string_view when) {
    return format_utc(
        sys_seconds{zone(name).to_local(at(when)).time_since_epoch()});
  };
  EXPECT_EQ(shown("Europe/Berlin", "2026-03-29 00:59:59"),
            "2026-03-29 01:59:59");
  EXPECT_EQ(shown("Europe/Berlin", "2026-03-29 01:00:00"),
            "2026-03-29 03:00:00");
  EXPECT_EQ(shown("Europe/Berlin", "2026-10-25 01:00:00"),
            "2026-10-25 02:00:00");
  EXPECT_EQ(shown("America/New_York", "2026-11-01 06:00:00"),
            "2026-11-01 01:00:00");
  EXPECT_EQ(shown("Asia/Kathmandu", "2026-01-01 00:00"), "2026-01-01 05:45:00");
  EXPECT_EQ(shown("Africa/Monrovia", "1971-01-01"), "1970-12-31 23:15:30");
  EXPECT_EQ(shown("UTC", "2026-07-01"), "2026-07-01 00:00:00");
}

TEST(TimeZone, FollowsTheRuleOfItsFileAfterTheLastYearListed) {
  for (const auto* year : {"2038", "2077", "2106"}) {
    const auto name = std::string{year};
    EXPECT_EQ(first("Europe/Berlin", name + "-07-01"),
              name + "-06-30 22:00:00");
    EXPECT_EQ(first("Europe/Berlin", name + "-12-01"),
              name + "-11-30 23:00:00");
    EXPECT_EQ(first("America/New_York", name + "-07-01"),
              name + "-07-01 04:00:00");
    EXPECT_EQ(first("Australia/Sydney", name + "-01-15"),
              name + "-01-14 13:00:00");
  }
}

TEST(TimeZone, LocalTimeThatIsLeaptOverBeginsAfterTheLeap) {
  EXPECT_EQ(first("Europe/Berlin", "2026-03-29 02:00"), "2026-03-29 01:00:00");
  EXPECT_EQ(first("Europe/Berlin", "2026-03-29 02:59:59"),
            "2026-03-29 01:00:00");
  EXPECT_EQ(first("Europe/Berlin", "2026-03-29 03:00"), "2026-03-29 01:00:00");
  EXPECT_EQ(first("America/Sao_Paulo", "2018-11-04"), "2018-11-04 03:00:00");
  EXPECT_EQ(first("Asia/Beirut", "2022-03-27"), "2022-03-26 22:00:00");
  // Samoa left 30 December 2011 out.
  EXPECT_EQ(first("Pacific/Apia", "2011-12-30"), "2011-12-30 10:00:00");
  EXPECT_EQ(first("Pacific/Apia", "2011-12-31"), "2011-12-30 10:00:00");
}

TEST(TimeZone, LocalTimeThatIsShownTwiceIsTheFirstOfBoth) {
  EXPECT_EQ(first("Europe/Berlin", "2026-10-25 02:30"), "2026-10-25 00:30:00");
  EXPECT_EQ(first("Europe/Berlin", "2026-10-25 03:00"), "2026-10-25 02:00:00");
  EXPECT_EQ(first("America/Havana", "2026-11-01 00:00"), "2026-11-01 04:00:00");
}

TEST(TimeZone, KnowsTheLatestThatWasShownBeforeTheClocksWerePutBack) {
  const auto berlin = zone("Europe/Berlin");
  EXPECT_EQ(berlin.latest_shown(at("2026-10-25 00:59:59")),
            local("2026-10-25 02:59:59"));
  EXPECT_EQ(berlin.latest_shown(at("2026-10-25 01:30")),
            local("2026-10-25 02:59:59"));
  EXPECT_EQ(berlin.latest_shown(at("2026-10-25 02:00")),
            local("2026-10-25 03:00"));
  EXPECT_EQ(berlin.latest_shown(at("2026-03-29 01:00")),
            local("2026-03-29 03:00"));
}

TEST(TimeZone, DatesBeginAtMultiplesOfItsGranule) {
  const auto granule = [](const std::string& name, std::string_view from) {
    return zone(name).granule(15min, at(from));
  };
  EXPECT_EQ(granule("UTC", "1970-01-01"), 15min);
  EXPECT_EQ(granule("Asia/Kathmandu", "1980-01-01"), 15min);
  EXPECT_EQ(granule("Australia/Lord_Howe", "1980-01-01"), 15min);
  // 44:30 behind UTC until 1972; 10:40 behind until 1979.
  EXPECT_EQ(granule("Africa/Monrovia", "1970-01-01"), 30s);
  EXPECT_EQ(granule("Africa/Monrovia", "1980-01-01"), 15min);
  EXPECT_EQ(granule("Pacific/Kiritimati", "1970-01-01"), 5min);
  // The clocks were changed at one minute past midnight.
  EXPECT_EQ(granule("America/St_Johns", "1980-01-01"), 15min);
}

TEST(TimeZone, UtcNeedsNoDatabase) {
  const folder empty{"sluice_no_zones"};
  EXPECT_TRUE(time_zone::find("UTC", empty.path() / "nowhere"));
}

TEST(TimeZone, SaysHowToGetTheDatabase) {
  const folder empty{"sluice_no_zones"};
  for (const auto& where : {empty.path(), empty.path() / "nowhere"}) {
    const auto found = time_zone::find("Europe/Berlin", where);
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error(), HasSubstr("'Europe/Berlin'"));
    EXPECT_THAT(found.error(), HasSubstr("install the package tzdata"));
  }
}

TEST(TimeZone, NamesTheNearestWhenThereIsNone) {
  EXPECT_EQ(time_zone::find("Europe/Berln").error(),
            "'Europe/Berln' is no time zone: did you mean 'Europe/Berlin'?");
  for (const auto* name : {"", "Europe", "Nowhere/At_All_Anywhere", "+02:00",
                           "/etc/passwd", "../../../etc/passwd",
                           "Europe/../UTC", "zone.tab", "Europe/Berlin\n"}) {
    const auto found = time_zone::find(name);
    ASSERT_FALSE(found) << name;
    EXPECT_THAT(found.error(), HasSubstr("is no time zone")) << name;
  }
}

TEST(TimeZone, SaysWhichFileCannotBeRead) {
  const folder zones{"sluice_zones"};
  std::ofstream{zones.path() / "Broken"} << "TZif";
  const auto found = time_zone::find("Broken", zones.path());
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error(), HasSubstr("Broken is no time zone file"));
}

TEST(TimeZone, FirstInstantsAndLatestShownAgreeEverywhere) {
  std::size_t compared = 0;
  for (const auto* name :
       {"Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Beirut",
        "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe",
        "Africa/Casablanca", "America/Havana", "Europe/Dublin"}) {
    const auto here = zone(name);
    // A step that meets every minute of the hour in time.
    for (auto when = at("1985-01-01"); when < at("2045-01-01");
         when += 5h + 7min) {
      const auto shown = here.latest_shown(when);
      ASSERT_GE(shown, here.to_local(when));
      ASSERT_LE(here.first_instant(shown), when) << name << format_utc(when);
      ASSERT_GT(here.first_instant(shown + 1s), when)
          << name << format_utc(when);
      ++compared;
    }
  }
  EXPECT_GT(compared, 1'000'000U);
}

} // namespace
} // namespace sluice::gold
