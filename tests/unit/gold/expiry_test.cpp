#include "gold/expiry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::gold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Expiry, APlainTtlDeletes) {
  EXPECT_THAT(deletion_times("created_at + INTERVAL 90 DAY"),
              ElementsAre("created_at + INTERVAL 90 DAY"));
  EXPECT_THAT(deletion_times(" toDate(t) + toIntervalDay(7) delete "),
              ElementsAre("toDate(t) + toIntervalDay(7)"));
  EXPECT_THAT(deletion_times("t + INTERVAL 1 DAY WHERE kind = 'a, DELETE'"),
              ElementsAre("t + INTERVAL 1 DAY"));
}

TEST(Expiry, RulesThatMoveCompressOrGroupDoNot) {
  EXPECT_THAT(deletion_times(""), IsEmpty());
  EXPECT_THAT(deletion_times("t + INTERVAL 1 DAY TO VOLUME 'cold'"), IsEmpty());
  EXPECT_THAT(deletion_times("t + INTERVAL 1 DAY RECOMPRESS CODEC(ZSTD(17))"),
              IsEmpty());
  EXPECT_THAT(deletion_times("t + INTERVAL 1 DAY GROUP BY a, b SET c = max(c)"),
              IsEmpty());
}

TEST(Expiry, OfSeveralRulesThoseThatDeleteCount) {
  EXPECT_THAT(
      deletion_times("t + INTERVAL 1 DAY TO DISK 'slow', t + INTERVAL 2 DAY, "
                     "least(t, u) + INTERVAL 3 DAY DELETE"),
      ElementsAre("t + INTERVAL 2 DAY", "least(t, u) + INTERVAL 3 DAY"));
}

TEST(Expiry, TheEventTimeOfTheQuestionIsTheWindowsBeginning) {
  topology::gold g;
  g.window.over_column = "created_at";
  g.window.over_type = "DateTime64(6)";
  const window day{parse_utc("2026-02-20").value(),
                   parse_utc("2026-02-21").value()};
  EXPECT_FALSE(expiry_question(g, day));
  g.window.over_ttl = "created_at + INTERVAL 90 DAY";
  const auto sql = expiry_question(g, day).value();
  EXPECT_THAT(sql, HasSubstr("(created_at + INTERVAL 90 DAY) <= now()"));
  EXPECT_THAT(sql, HasSubstr("2026-02-20 00:00:00"));
  EXPECT_THAT(sql, HasSubstr("AS DateTime64(6)) AS `created_at`"));
}

} // namespace
} // namespace sluice::gold
