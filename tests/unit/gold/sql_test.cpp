#include "gold/sql.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::gold {
namespace {

using testing::HasSubstr;

const window day{parse_utc("2026-02-20").value(),
                 parse_utc("2026-02-21").value()};

std::string render(std::string_view sql) {
  const auto result = render_sql(sql, day, "UTC");
  return result ? *result : "error: " + result.error();
}

TEST(Sql, PutsTheBoundsInPlaceOfThePlaceholders) {
  EXPECT_EQ(render("t >= {window_start} AND t < { window_end }"),
            "t >= toDateTime64('2026-02-20 00:00:00', 3, 'UTC') AND t < "
            "toDateTime64('2026-02-21 00:00:00', 3, 'UTC')");
}

TEST(Sql, ShowsTheBoundsInTheTimeZone) {
  EXPECT_EQ(render_sql("{window_start}", day, "Europe/Berlin").value(),
            "toTimeZone(toDateTime64('2026-02-20 00:00:00', 3, 'UTC'), "
            "'Europe/Berlin')");
}

TEST(Sql, LeavesStringsNamesAndCommentsAlone) {
  for (const std::string_view kept :
       {"SELECT '{window_start}'", "SELECT '\\'{window_start}'",
        "SELECT 'it''s {window_start}'", "SELECT `{window_end}`",
        "SELECT \"{x}\"", "SELECT 1 -- {x}", "SELECT 1 /* {x} ; */ + 2",
        "SELECT {tenant:String}", "SELECT map{}", "SELECT 1 # {x}"})
    EXPECT_EQ(render(kept), kept);
}

TEST(Sql, DropsSemicolonsAndBlanksAtTheEnd) {
  EXPECT_EQ(render("SELECT 1;\n"), "SELECT 1");
  EXPECT_EQ(render("SELECT 1 ; ; -- done"), "SELECT 1   -- done");
}

TEST(Sql, RefusesSeveralStatementsAndNone) {
  EXPECT_THAT(render("SELECT 1; DROP TABLE x"), HasSubstr("one SELECT"));
  EXPECT_THAT(render(" ; "), HasSubstr("empty"));
  EXPECT_THAT(render("-- nothing"), HasSubstr("empty"));
}

TEST(Sql, NamesTheNearestPlaceholder) {
  EXPECT_THAT(render("SELECT {window_strt}"), HasSubstr("{window_start}?"));
  EXPECT_THAT(render("SELECT {the_end}"), HasSubstr("{window_end}?"));
}

TEST(Sql, SurvivesTextThatIsCutOff) {
  for (const auto* cut :
       {"'", "'\\", "`a", "/*", "/* *", "{", "{window_start", "--", "\"x\\\""})
    EXPECT_NO_FATAL_FAILURE(render(cut)) << cut;
  EXPECT_EQ(render("SELECT 'abc"), "SELECT 'abc");
}

topology::gold declared() {
  topology::gold g;
  g.columns = {{"user_id", "Int32", {}},
               {"total", "UInt64", {}},
               {"_updated_at", "DateTime", {}}};
  return g;
}

std::string mistake(const std::vector<std::string>& yielded) {
  const auto result = match_result_columns(declared(), yielded);
  return result ? "" : result.error();
}

TEST(ResultColumns, AreMatchedByNameInAnyOrder) {
  const auto found = match_result_columns(declared(), {"total", "user_id"});
  EXPECT_EQ(found.value(), (std::vector<std::string>{"user_id", "total"}));
}

TEST(ResultColumns, AreFoundUnderTheirTablesName) {
  EXPECT_EQ(match_result_columns(declared(), {"u.user_id", "total"}).value(),
            (std::vector<std::string>{"u.user_id", "total"}));
}

TEST(ResultColumns, MissingTwiceOrExtraOnesAreNamed) {
  EXPECT_THAT(mistake({"user_id"}), HasSubstr("no column total"));
  EXPECT_THAT(mistake({"user_id", "total", "extra"}), HasSubstr("extra"));
  EXPECT_THAT(mistake({"user_id", "total", "_updated_at"}),
              HasSubstr("sets itself"));
  EXPECT_THAT(mistake({"user_id", "total", "total"}), HasSubstr("total twice"));
  EXPECT_THAT(mistake({"u.user_id", "e.user_id", "total"}),
              HasSubstr("user_id twice"));
  EXPECT_THAT(mistake({"user_id", "e.user_id", "total"}),
              HasSubstr("e.user_id"));
}

} // namespace
} // namespace sluice::gold
