#include "plan/view_target.hpp"

#include <gtest/gtest.h>

namespace sluice::plan {
namespace {

TEST(EngineSetting, IsFoundByItsWholeName) {
  constexpr std::string_view engine =
      "MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = "
      "100, replicated_deduplication_window_seconds = 604800, "
      "replicated_deduplication_window = '7', index_granularity = 8192";
  EXPECT_EQ(engine_setting(engine, "non_replicated_deduplication_window"),
            100U);
  EXPECT_EQ(engine_setting(engine, "replicated_deduplication_window"), 7U);
  EXPECT_EQ(engine_setting(engine, "replicated_deduplication_window_seconds"),
            604'800U);
  EXPECT_EQ(engine_setting(engine, "granularity"), std::nullopt);
  EXPECT_EQ(engine_setting("MergeTree ORDER BY a", "index_granularity"),
            std::nullopt);
  EXPECT_EQ(engine_setting("x SETTINGS a = ", "a"), std::nullopt);
}

TEST(ViewTarget, IsTheTableAfterTo) {
  const table_name view{"d", "v"};
  EXPECT_EQ(view_target("CREATE MATERIALIZED VIEW d.v TO d2.t (`a` Int32) AS "
                        "SELECT a FROM d.x",
                        view, "u"),
            (table_name{"d2", "t"}));
  EXPECT_EQ(view_target("CREATE MATERIALIZED VIEW `d`.`v` TO d.`ta r\\`get` "
                        "(`a` Int32) AS SELECT 1",
                        view, "u"),
            (table_name{"d", "ta r`get"}));
  EXPECT_EQ(
      view_target("CREATE MATERIALIZED VIEW v TO t AS SELECT 1", view, "u"),
      (table_name{"d", "t"}));
}

TEST(ViewTarget, IsTheInnerTableOfAViewWithAnEngine) {
  constexpr std::string_view statement =
      "CREATE MATERIALIZED VIEW d.v (`TO` Int32) ENGINE = MergeTree ORDER BY a "
      "AS SELECT a AS TO FROM d.t";
  EXPECT_EQ(view_target(statement, {"d", "v"}, "7425f253"),
            (table_name{"d", ".inner_id.7425f253"}));
  EXPECT_EQ(view_target(statement, {"d", "v"},
                        "00000000-0000-0000-0000-000000000000"),
            (table_name{"d", ".inner.v"}));
}

TEST(ViewTarget, SurvivesStatementsThatEndEarly) {
  for (const auto* text :
       {"", "CREATE", "CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW d.",
        "CREATE MATERIALIZED "
        "VIEW d.`v"})
    EXPECT_EQ(view_target(text, {"d", "v"}, "u"),
              (table_name{"d", ".inner_id.u"}))
        << text;
}

} // namespace
} // namespace sluice::plan
