#include <gmock/gmock.h>

#include "clickhouse/server/statement_shape.hpp"

namespace sluice::clickhouse::server {

namespace {

/// The INSERT as the engine gets it, and the data that belong to it.
std::pair<std::string, std::string> split(std::string_view sql,
                                          std::string_view format = "Values") {
  const auto shape = shape_of(sql);
  return {reading_from(sql, shape, "/f", format),
          std::string{sql.substr(shape.data_begin)}};
}

using pair_of = std::pair<std::string, std::string>;

} // namespace

TEST(StatementShape, NamesTheFirstKeyword) {
  EXPECT_EQ(shape_of("-- a comment\n/* one */ select 1").keyword, "SELECT");
  EXPECT_EQ(shape_of("((SELECT 1))").keyword, "SELECT");
  EXPECT_EQ(shape_of("").keyword, "");
  EXPECT_EQ(shape_of("'text'").keyword, "'TEXT'");
}

TEST(StatementShape, FindsTheFormatOfAResult) {
  EXPECT_EQ(shape_of("SELECT 1 FORMAT JSON").format, "JSON");
  EXPECT_EQ(shape_of("SELECT 1 format CSV;").format, "CSV");
  EXPECT_EQ(shape_of("SELECT 1 FORMAT CSV SETTINGS max_threads = 1").format,
            "CSV");
  EXPECT_EQ(shape_of("SELECT format FROM t").format, "");
  EXPECT_EQ(shape_of("SELECT 'x FORMAT CSV'").format, "");
  EXPECT_EQ(shape_of("SELECT (SELECT 1 FORMAT CSV)").format, "");
  EXPECT_EQ(shape_of("SELECT 1 -- FORMAT CSV").format, "");
}

TEST(StatementShape, SeesSeveralStatements) {
  EXPECT_TRUE(shape_of("SELECT 1; SELECT 2").is_several);
  EXPECT_FALSE(shape_of("SELECT 1;").is_several);
  EXPECT_FALSE(shape_of("SELECT 1;; -- end\n").is_several);
  EXPECT_FALSE(shape_of("SELECT ';', `a;b`, $$;$$, \"c;\"").is_several);
  EXPECT_FALSE(shape_of("SELECT 'it''s; \\'; '").is_several);
}

TEST(StatementShape, SeesTotalsAndFilesOfTheClient) {
  EXPECT_TRUE(shape_of("SELECT 1 GROUP BY 1 WITH TOTALS").has_totals);
  EXPECT_FALSE(shape_of("SELECT 'WITH TOTALS'").has_totals);
  EXPECT_TRUE(shape_of("SELECT 1 INTO OUTFILE 'x'").names_client_file);
  EXPECT_TRUE(
      shape_of("INSERT INTO t FROM INFILE 'x' FORMAT CSV").names_client_file);
  EXPECT_FALSE(shape_of("SELECT outfile FROM t").names_client_file);
}

TEST(StatementShape, TellsAnInsertFromItsData) {
  EXPECT_EQ(split("INSERT INTO t VALUES (1),(2)"),
            (pair_of{"INSERT INTO t  FROM INFILE '/f' COMPRESSION 'none'  "
                     "FORMAT Values",
                     " (1),(2)"}));
  EXPECT_EQ(split("INSERT INTO d.t (a, `b`) FORMAT RowBinary\n\n\x01").second,
            "\n\x01");
  EXPECT_EQ(split("INSERT INTO t FORMAT CSV \r\n1").second, "1");
  EXPECT_EQ(split("INSERT INTO t FORMAT JSONEachRow {\"a\":1}").second,
            "{\"a\":1}");
}

TEST(StatementShape, PutsTheFileBeforeTheSettings) {
  EXPECT_EQ(
      split("INSERT INTO t (a) SETTINGS x = 'FORMAT', y = 2 FORMAT CSV\n1")
          .first,
      "INSERT INTO t (a)  FROM INFILE '/f' COMPRESSION 'none' SETTINGS x = "
      "'FORMAT', y = 2  FORMAT CSV");
}

TEST(StatementShape, TakesTheGivenFormatWhereNoneIsNamed) {
  EXPECT_EQ(split("INSERT INTO t (a)", "Native").first,
            "INSERT INTO t (a) FROM INFILE '/f' COMPRESSION 'none'  FORMAT "
            "Native");
}

TEST(StatementShape, KnowsTargetsOfEveryKind) {
  for (const std::string target :
       {"t", "db.t", "`a b`.`c`", "TABLE t", "values", "format",
        "{db:Identifier}.{t:Identifier}", "FUNCTION file('x', 'CSV', 'a Int')",
        "t (a, b)", "t (* EXCEPT (c))"}) {
    const auto shape = shape_of("INSERT INTO " + target + " FORMAT CSV\n1");
    EXPECT_EQ(shape.source, insert_source::data) << target;
    EXPECT_EQ(shape.format, "CSV") << target;
  }
}

TEST(StatementShape, ReplacesTheInputFunction) {
  EXPECT_EQ(split("INSERT INTO t (a) SELECT x + 1 FROM input('x Int32') WHERE "
                  "x > 0 FORMAT CSV\n1"),
            (pair_of{"INSERT INTO t (a) SELECT x + 1 FROM file('/f', 'CSV', "
                     "'x Int32') WHERE x > 0 ",
                     "1"}));
  const auto nested =
      split("INSERT INTO t WITH 1 AS o SELECT * FROM (SELECT "
            "x FROM input('x Tuple(a Int32)')) FORMAT Native\n");
  EXPECT_EQ(nested.first,
            "INSERT INTO t WITH 1 AS o SELECT * FROM (SELECT x FROM "
            "file('/f', 'Native', 'x Tuple(a Int32)')) ");
}

TEST(StatementShape, LeavesAnInsertFromTablesAlone) {
  for (const std::string sql :
       {"INSERT INTO t SELECT 1",
        "INSERT INTO t (a) WITH x AS (SELECT 1) "
        "SELECT * FROM x",
        "INSERT INTO t (SELECT 1)", "INSERT INTO t SELECT input FROM u"})
    EXPECT_EQ(shape_of(sql).source, insert_source::statement) << sql;
}

TEST(StatementShape, NeverCrashesOnTornStatements) {
  const std::string whole =
      "INSERT INTO {d:Identifier}.t (a, `b`) SETTINGS x = 'y' SELECT * FROM "
      "input('a Int32, \\'') WHERE $q$ ; $q$ = /* c */ 1 FORMAT CSV\n1;2";
  for (std::size_t begin = 0; begin < whole.size(); ++begin)
    for (std::size_t size = 0; size <= whole.size() - begin; size += 3) {
      const auto sql = whole.substr(begin, size);
      const auto shape = shape_of(sql);
      if (shape.source != insert_source::statement) {
        EXPECT_LE(shape.data_begin, sql.size());
        EXPECT_FALSE(reading_from(sql, shape, "/f", "CSV").empty());
      }
    }
}

TEST(StatementShape, KnowsWhichFormatsMayBeCutIntoChunks) {
  EXPECT_TRUE(joins_by_chunk("Native"));
  EXPECT_TRUE(joins_by_chunk("JSONEachRow"));
  EXPECT_FALSE(joins_by_chunk("JSON"));
  EXPECT_FALSE(joins_by_chunk("CSVWithNames"));
  EXPECT_FALSE(joins_by_chunk("Parquet"));
  EXPECT_FALSE(joins_by_chunk("Values"));
}

} // namespace sluice::clickhouse::server
