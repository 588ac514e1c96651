// tables: and their columns.
#include "tests/unit/topology/reading.hpp"

namespace sluice::topology {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::mistakes_in;
using ::testing::Pair;
using testing::read_valid;
using testing::with_table;

namespace {

const std::string columns =
    "    columns: {id: Int64, at: DateTime, c: String}\n";

/// A valid `append` table with more lines.
std::string append_table(const std::string& lines) {
  return with_table("    topic: a\n    mode: append\n" + columns + lines);
}

std::string latest_table(const std::string& lines) {
  return with_table("    topic: a\n    mode: latest\n" + columns + lines);
}

/// A table whose only columns are `id` and the given one, in line 7.
std::string with_column(const std::string& line) {
  return with_table("    topic: a\n    key: id\n    columns:\n      id: Int64\n"
                    "      "
                    + line + "\n");
}

column read_column(const std::string& line) {
  const auto read = read_valid(with_column(line));
  if (read.tables.size() != 1 || read.tables[0].columns.size() != 2) {
    ADD_FAILURE() << line;
    return {};
  }
  return read.tables[0].columns[1];
}

} // namespace

TEST(ReadTables, TakesWhatIsGiven) {
  const auto read = read_valid(append_table("    format: debezium-mongodb\n"
                                            "    key: [id]\n"
                                            "    order_by: [c, id]\n"
                                            "    engine: ReplicatedMergeTree\n"
                                            "    partition_by: toYYYYMM(at)\n"
                                            "    ttl: at + INTERVAL 1 YEAR\n"
                                            "    filter: c != ''\n"
                                            "    settings:\n"
                                            "      index_granularity: 1024\n"
                                            "      storage_policy: hot\n"));
  ASSERT_EQ(read.tables.size(), 1U);
  const auto& table = read.tables[0];
  EXPECT_EQ(table.topic, "a");
  EXPECT_EQ(table.format, record_format::debezium_mongodb);
  EXPECT_EQ(table.mode, table_mode::append);
  EXPECT_THAT(table.key, ElementsAre("id"));
  EXPECT_THAT(table.order_by, ElementsAre("c", "id"));
  EXPECT_EQ(table.engine, "ReplicatedMergeTree");
  EXPECT_EQ(table.partition_by, "toYYYYMM(at)");
  EXPECT_EQ(table.ttl, "at + INTERVAL 1 YEAR");
  EXPECT_EQ(table.filter, "c != ''");
  EXPECT_THAT(table.settings, ElementsAre(Pair("index_granularity", "1024"),
                                          Pair("storage_policy", "hot")));
  EXPECT_EQ(table.where.line, 3);
  EXPECT_EQ(table.where.column, 3);
}

TEST(ReadTables, LatestIsTheDefaultAndSortsByItsKey) {
  const auto read =
      read_valid(with_table("    topic: a\n    key: [id, c]\n" + columns));
  ASSERT_EQ(read.tables.size(), 1U);
  EXPECT_EQ(read.tables[0].mode, table_mode::latest);
  EXPECT_THAT(read.tables[0].order_by, ElementsAre("id", "c"));
}

TEST(ReadTables, AnAppendTableSortsByItsFirstColumnOrItsKey) {
  EXPECT_THAT(read_valid(append_table("")).tables.at(0).order_by,
              ElementsAre("id"));
  EXPECT_THAT(read_valid(append_table("    key: c\n")).tables.at(0).order_by,
              ElementsAre("c"));
}

TEST(ReadTables, ATopologyNeedsATable) {
  EXPECT_THAT(mistakes_in("pipeline: p\ntables: {}\n"),
              ElementsAre("2:1: 'tables' is empty"));
  EXPECT_THAT(mistakes_in("pipeline: p\ntables:\n"),
              ElementsAre("2:1: 'tables' must be a map, but nothing stands "
                          "there"));
  EXPECT_THAT(mistakes_in("pipeline: p\ntables: [a]\n"),
              ElementsAre("2:9: 'tables' must be a map, but a list stands "
                          "there"));
}

TEST(ReadTables, ATableNeedsATopicColumnsAndForLatestAKey) {
  EXPECT_THAT(mistakes_in("pipeline: p\ntables:\n  t:\n"),
              ElementsAre("3:3: missing key 'topic' in table 't'",
                          "3:3: missing key 'columns' in table 't'",
                          "3:3: missing key 'key' in table 't': mode 'latest' "
                          "keeps one row per key"));
  EXPECT_THAT(
      mistakes_in(with_table("    topic: a\n    key: id\n    columns: {}\n")),
      ElementsAre("6:5: 'columns' of table 't' is empty"));
  EXPECT_THAT(mistakes_in(latest_table("    key: []\n")),
              ElementsAre("7:10: 'key' in table 't' is empty: mode 'latest' "
                          "keeps one row per key"));
}

TEST(ReadTables, AMisspeltKeyIsShownWithTheNearestOne) {
  EXPECT_THAT(mistakes_in(with_table("    topci: a\n    key: id\n" + columns)),
              ElementsAre("4:5: unknown key 'topci' in table 't': did you mean "
                          "'topic'?"));
}

TEST(ReadTables, TableNamesAreChecked) {
  EXPECT_THAT(
      mistakes_in(
          "pipeline: p\ntables:\n"
          "  a-b: {topic: a, mode: append, columns: {x: Int8}}\n"
          "  _sluice_x: {topic: a, mode: append, columns: {x: Int8}}\n"),
      ElementsAre(HasSubstr("3:3: the name of table 'a-b' must consist of"),
                  HasSubstr("4:3: the name of table '_sluice_x' must not begin "
                            "with '_sluice'")));
}

TEST(ReadTables, ATableTwiceIsADuplicateKey) {
  EXPECT_THAT(mistakes_in(append_table("")
                          + "  t: {topic: a, key: id, columns: {id: Int8}}\n"),
              ElementsAre("7:3: duplicate key 't': it stands in line 3 "
                          "already"));
}

TEST(ReadTables, UnknownFormatsAndModesAreToldFromLaterOnes) {
  EXPECT_THAT(
      mistakes_in(with_table("    topic: a\n    format: debezium-jsn\n"
                             "    mode: apend\n    key: id\n"
                             + columns)),
      ElementsAre("5:13: 'format' in table 't' is 'debezium-jsn', which is "
                  "unknown: did you mean 'debezium-json'?",
                  "6:11: 'mode' in table 't' is 'apend', which is unknown: did "
                  "you mean 'append'?"));
  EXPECT_THAT(
      mistakes_in(with_table("    topic: a\n    format: debezium-avro\n"
                             "    mode: history\n    key: id\n"
                             + columns + "    version: source\n")),
      ElementsAre(
          "5:13: 'format' in table 't' is 'debezium-avro': this version "
          "of Sluice does not have it yet; known are debezium-json, "
          "debezium-mongodb",
          "6:11: 'mode' in table 't' is 'history': this version of "
          "Sluice does not have it yet; known are latest, append",
          "9:5: key 'version' in table 't': this version of Sluice does "
          "not have it yet"));
}

TEST(ReadTables, TopicNamesAreChecked) {
  EXPECT_THAT(
      mistakes_in(with_table("    topic: a b\n    key: id\n" + columns)),
      ElementsAre(HasSubstr("4:12: 'topic' in table 't' must consist "
                            "of")));
  EXPECT_THAT(mistakes_in(with_table("    topic:\n    key: id\n" + columns)),
              ElementsAre("4:5: 'topic' in table 't' must be a topic's name, "
                          "but nothing stands there"));
}

TEST(ReadTables, KeyAndOrderNameColumnsOfTheTable) {
  EXPECT_THAT(
      mistakes_in(append_table("    key: [ids, id, id]\n    order_by: zzz\n")),
      ElementsAre(
          "7:11: 'key' in table 't' names 'ids', which is no column of "
          "the table: did you mean 'id'?",
          "7:20: 'key' in table 't' has 'id' more than once",
          "8:15: 'order_by' in table 't' names 'zzz', which is no column "
          "of the table; known are id, at, c",
          "8:15: 'order_by' in table 't' must name at least one column"));
}

TEST(ReadTables, AKeyIsReadFromTheRecord) {
  EXPECT_THAT(mistakes_in(with_table(
                  "    topic: a\n    key: k\n"
                  "    columns: {id: Int8, k: {type: Int8, constant: 1}}\n")),
              ElementsAre(HasSubstr("5:10: 'key' in table 't' names 'k', which "
                                    "is not read from the record")));
}

TEST(ReadTables, LatestReplacesRowsByItsKeyAlone) {
  EXPECT_THAT(
      read_valid(latest_table("    key: [id, c]\n    order_by: [c, id]\n"))
          .tables.at(0)
          .order_by,
      ElementsAre("c", "id"));
  EXPECT_THAT(
      mistakes_in(latest_table("    key: id\n    order_by: [id, at]\n")),
      ElementsAre(HasSubstr("8:15: 'order_by' in table 't' must consist of the "
                            "columns of 'key'")));
  EXPECT_THAT(mistakes_in(latest_table("    key: [id, c]\n    order_by: id\n")),
              ElementsAre(HasSubstr("must consist of the columns of 'key'")));
}

TEST(ReadTables, TheEngineMustDoWhatTheModeSays) {
  for (const auto* engine :
       {"MergeTree", "MergeTree()", "ReplicatedMergeTree('/p', 'r')",
        "SharedMergeTree"})
    EXPECT_THAT(
        mistakes_in(append_table(std::string{"    engine: "} + engine + "\n")),
        IsEmpty())
        << engine;
  for (const auto* engine :
       {"ReplacingMergeTree(_version, _deleted)",
        "ReplicatedReplacingMergeTree('/p', 'r', _version, _deleted)"})
    EXPECT_THAT(mistakes_in(latest_table(
                    std::string{"    key: id\n    engine: "} + engine + "\n")),
                IsEmpty())
        << engine;
  for (const auto* engine :
       {"SummingMergeTree", "Log", "MergeTreeX", "(x)", "ReplacingMergeTree"})
    EXPECT_THAT(
        mistakes_in(append_table(std::string{"    engine: "} + engine + "\n")),
        ElementsAre(HasSubstr("7:13: 'engine' in table 't' must be a "
                              "MergeTree")))
        << engine;
  EXPECT_THAT(mistakes_in(latest_table("    key: id\n    engine: MergeTree\n")),
              ElementsAre(HasSubstr("must be a ReplacingMergeTree")));
}

TEST(ReadTables, PartitionsAreOfTheTablesColumns) {
  EXPECT_THAT(
      mistakes_in(append_table("    partition_by: (toDate(att), id)\n")),
      ElementsAre("7:19: 'partition_by' in table 't' names 'att', which "
                  "is no column of the table: did you mean 'at'?"));
  EXPECT_THAT(
      mistakes_in(append_table("    partition_by: intDiv(_offset, 10)\n")),
      IsEmpty());
  EXPECT_THAT(mistakes_in(append_table("    partition_by: _epoch\n")),
              IsEmpty());
}

TEST(ReadTables, ListsColumnsAndExpressionsAreBounded) {
  std::string names;
  for (int i = 0; i < 65; ++i)
    names += "c" + std::to_string(i) + ",";
  EXPECT_THAT(
      mistakes_in(append_table("    order_by: [" + names + "]\n")),
      ElementsAre("7:15: 'order_by' in table 't' has more than 64 entries",
                  "7:15: 'order_by' in table 't' must name at least one "
                  "column"));
  EXPECT_THAT(
      mistakes_in(
          append_table("    partition_by: " + std::string(4097, 'c') + "\n")),
      ElementsAre("7:19: 'partition_by' in table 't' is longer than 4096 "
                  "bytes"));
  std::string many = "    topic: a\n    mode: append\n    columns: {";
  for (int i = 0; i < 10'001; ++i)
    many += "c" + std::to_string(i) + ": Int8, ";
  EXPECT_THAT(mistakes_in(with_table(many + "}\n")),
              ElementsAre("6:5: table 't' has more than 10000 columns"));
}

TEST(ReadTables, SettingsKeepDeduplicationOn) {
  EXPECT_THAT(
      mistakes_in(append_table("    settings:\n"
                               "      non_replicated_deduplication_window: 0\n"
                               "      Index Granularity: 1\n"
                               "      max_parts: [1]\n")),
      ElementsAre(
          HasSubstr(
              "8:7: 'non_replicated_deduplication_window' in 'settings' of "
              "table 't' must not be 0"),
          HasSubstr(
              "9:7: 'Index Granularity' in 'settings' of table 't' is no name "
              "of a MergeTree setting"),
          HasSubstr(
              "10:18: 'max_parts' in 'settings' of table 't' must be a number "
              "or a text, but a list stands there")));
}

TEST(ReadColumns, ATypeAloneReadsTheFieldOfTheSameName) {
  const auto column = read_column("name: Nullable(String)");
  EXPECT_EQ(column.name, "name");
  EXPECT_EQ(column.type, "Nullable(String)");
  EXPECT_EQ(column.from, "name");
  EXPECT_EQ(column.unit, time_unit::automatic);
  EXPECT_EQ(column.invalid, on_invalid::reject);
  EXPECT_FALSE(column.raw);
  EXPECT_TRUE(column.is_read());
  EXPECT_EQ(column.where.line, 8);
  EXPECT_EQ(column.where.column, 7);
}

TEST(ReadColumns, AMapSaysMore) {
  const auto time = read_column(
      "t: {type: DateTime, from: a.b, unit: ms, on_invalid: clamp}");
  EXPECT_EQ(time.from, "a.b");
  EXPECT_EQ(time.unit, time_unit::ms);
  EXPECT_EQ(time.invalid, on_invalid::clamp);
  EXPECT_TRUE(read_column("r: {type: String, raw: true}").raw);
  EXPECT_EQ(read_column("h: {type: String, from: '@headers.x'}").from,
            "@headers.x");
}

TEST(ReadColumns, EveryUnitHasItsValue) {
  const std::vector<std::pair<std::string, time_unit>> units{
      {"auto", time_unit::automatic}, {"s", time_unit::s},
      {"ms", time_unit::ms},          {"us", time_unit::us},
      {"ns", time_unit::ns},          {"days", time_unit::days}};
  for (const auto& [word, unit] : units)
    EXPECT_EQ(read_column("t: {type: DateTime, unit: " + word + "}").unit,
              unit);
}

TEST(ReadColumns, TheWordNullMayStandWithoutQuotes) {
  for (const auto* word : {"null", "'null'"})
    EXPECT_EQ(read_column(std::string{"n: {type: Nullable(Int8), on_invalid: "}
                          + word + "}")
                  .invalid,
              on_invalid::null);
  EXPECT_THAT(mistakes_in(with_column("n: {type: Int8, on_invalid: null}")),
              ElementsAre("8:35: 'on_invalid' in column 'n' of table 't' is "
                          "'null', but 'Int8' cannot be NULL: write "
                          "Nullable(Int8)"));
  EXPECT_THAT(mistakes_in(with_column("n: {type: Int8, on_invalid: }")),
              ElementsAre("8:23: 'on_invalid' in column 'n' of table 't' must "
                          "be one word, but nothing stands there; known are "
                          "reject, null, clamp"));
}

TEST(ReadColumns, ComputedAndConstantColumnsAreNotRead) {
  const auto computed = read_column("d: {type: Date, computed: toDate(id)}");
  EXPECT_EQ(computed.computed, "toDate(id)");
  EXPECT_EQ(computed.from, "");
  EXPECT_FALSE(computed.is_read());
  const auto constant = read_column("s: {type: String, constant: \"'EU'\"}");
  EXPECT_EQ(constant.constant, "'EU'");
  EXPECT_FALSE(constant.is_read());
}

TEST(ReadColumns, AValueComesFromOnePlace) {
  EXPECT_THAT(
      mistakes_in(with_column(
          "x: {type: Int8, from: a, computed: b, constant: 1, unit: s}")),
      ElementsAre("8:42: 'computed' in column 'x' of table 't' cannot stand "
                  "beside 'from': a value comes from one place",
                  "8:55: 'constant' in column 'x' of table 't' cannot stand "
                  "beside 'from': a value comes from one place",
                  HasSubstr("8:64: 'unit' in column 'x' of table 't' has no "
                            "meaning")));
}

TEST(ReadColumns, MistakesAreNamed) {
  EXPECT_THAT(mistakes_in(with_column("_version: UInt64")),
              ElementsAre(HasSubstr("8:7: the name of column '_version' of "
                                    "table 't' must not be one of")));
  EXPECT_THAT(mistakes_in(with_column("x: {from: a}")),
              ElementsAre("8:7: missing key 'type' in column 'x' of table "
                          "'t'"));
  EXPECT_THAT(mistakes_in(with_column("x: {tpye: Int8}")),
              ElementsAre("8:11: unknown key 'tpye' in column 'x' of table "
                          "'t': did you mean 'type'?"));
  EXPECT_THAT(mistakes_in(with_column("x: [Int8]")),
              ElementsAre("8:10: column 'x' of table 't' must be a type or a "
                          "map with 'type', but a list stands there"));
  EXPECT_THAT(mistakes_in(with_column("x: {type: Int8, from: '@ofset'}")),
              ElementsAre(HasSubstr("8:29: 'from' in column 'x' of table 't' "
                                    "must be one of @offset")));
  EXPECT_THAT(mistakes_in(with_column("x: {type: Int8, unit: minutes}")),
              ElementsAre(HasSubstr("is 'minutes', which is unknown; known are "
                                    "auto, s, ms, us, ns, days")));
  EXPECT_THAT(mistakes_in(with_column("x: {type: String, raw: yes}")),
              ElementsAre("8:30: 'raw' in column 'x' of table 't' must be true "
                          "or false, but 'yes' stands there"));
  EXPECT_THAT(
      mistakes_in(with_column("x: {type: String, raw: true, from: '@key'}")),
      ElementsAre(
          HasSubstr("'raw' in column 'x' of table 't' keeps the text of "
                    "a JSON value, and '@key' is none")));
  EXPECT_THAT(
      mistakes_in(with_column("x: {type: String, raw: true, unit: s}")),
      ElementsAre(HasSubstr("'unit' in column 'x' of table 't' has no meaning "
                            "for a raw value")));
}

TEST(ReadColumns, AtLeastOneIsRead) {
  EXPECT_THAT(
      mistakes_in(with_table("    topic: a\n    mode: append\n"
                             "    columns: {x: {type: Int8, constant: 1}}\n")),
      ElementsAre("6:5: no column of table 't' is read from the "
                  "record"));
}

} // namespace sluice::topology
