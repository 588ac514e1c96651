#include "topology/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::topology {

using ::testing::HasSubstr;
using ::testing::Optional;

TEST(Schedule, TheNamedOnesAreKnown) {
  for (const auto* text : {"@hourly", "@daily", "@weekly", "@monthly",
                           "@yearly", "@midnight", "@annually"})
    EXPECT_EQ(schedule_mistake(text), std::nullopt) << text;
  EXPECT_THAT(schedule_mistake("@dayly"),
              Optional(HasSubstr("did you mean '@daily'?")));
  EXPECT_THAT(schedule_mistake("@fortnightly"),
              Optional(HasSubstr("is not a known schedule")));
}

TEST(Schedule, IntervalsAreWholeSeconds) {
  for (const auto* text : {"every 6h", "every 15 minutes", "every 1 day",
                           "every day", "every  10s", "every 2 weeks"})
    EXPECT_EQ(schedule_mistake(text), std::nullopt) << text;
  EXPECT_THAT(schedule_mistake("every 0s"), Optional(HasSubstr("from 1 on")));
  EXPECT_THAT(schedule_mistake("every 1000ms"),
              Optional(HasSubstr("whole number of seconds")));
  EXPECT_THAT(schedule_mistake("every 3661 days"),
              Optional(HasSubstr("up to ten years")));
  EXPECT_THAT(schedule_mistake("every 500ms"),
              Optional(HasSubstr("whole number of seconds")));
  EXPECT_THAT(schedule_mistake("every blue moon"),
              Optional(HasSubstr("is not 'every' and a duration")));
  EXPECT_THAT(schedule_mistake("every "),
              Optional(HasSubstr("is not 'every' and a duration")));
}

TEST(Schedule, CronHasListsRangesStepsAndNames) {
  for (const auto* text :
       {"* * * * *", "0 0 * * *", "*/15 * * * *", "5/15 * * * *",
        "0 0,12 1-15 */2 mon-fri", "30 6 * JAN,Jul SUN", "0 0 29 2 *",
        "0  0 * * 7", "0-59 0-23 1-31 1-12 0-7", "0 0 31 2 mon"})
    EXPECT_EQ(schedule_mistake(text), std::nullopt) << text;
}

TEST(Schedule, CronFieldsOutsideTheirRangeAreNamed) {
  EXPECT_THAT(schedule_mistake("60 * * * *"),
              Optional(HasSubstr("'60' that is no minute (0 to 59")));
  EXPECT_THAT(schedule_mistake("0 24 * * *"),
              Optional(HasSubstr("'24' that is no hour (0 to 23")));
  EXPECT_THAT(schedule_mistake("0 0 0 * *"),
              Optional(HasSubstr("'0' that is no day of the month")));
  EXPECT_THAT(schedule_mistake("0 0 1 13 *"),
              Optional(HasSubstr("'13' that is no month")));
  EXPECT_THAT(schedule_mistake("0 0 * * 8"),
              Optional(HasSubstr("'8' that is no day of the week")));
}

TEST(Schedule, BrokenCronFieldsAreRefused) {
  for (const auto* text :
       {"5-1 * * * *", "*/0 * * * *", "*/ * * * *", ", * * * *", "1,, * * * *",
        "- * * * *", "a * * * *", "1-2-3 * * * *", "*-5 * * * *",
        "99999999999 * * * *", "0 0 * janu *", "*/60 * * * *", "/ * * * *",
        "-1 * * * *", "0 0 fri * *"})
    EXPECT_THAT(schedule_mistake(text), Optional(HasSubstr("cron field")))
        << text;
}

TEST(Schedule, ADayThatNoYearHasIsRefused) {
  EXPECT_THAT(schedule_mistake("0 0 30 2 *"),
              Optional(HasSubstr("names a day that no year has")));
  EXPECT_THAT(schedule_mistake("0 0 31 4,6,9,11 *"),
              Optional(HasSubstr("names a day that no year has")));
}

TEST(Schedule, AnythingElseIsToldWhatAScheduleIs) {
  for (const auto* text : {"", "daily", "* * * *", "* * * * * *", "6h"})
    EXPECT_THAT(schedule_mistake(text),
                Optional(HasSubstr("is not a schedule: write @hourly")))
        << text;
}

} // namespace sluice::topology
