#include <array>
#include <csignal>
#include <span>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "clickhouse/embedded_client.hpp"
#include "clickhouse/embedded_library.hpp"
#include "tests/engine/engine_fixture.hpp"

namespace sluice::clickhouse::testing {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> columns{"id", "text", "_version", "_deleted"};
constexpr auto structure =
    "id Int64, text String, _version UInt64, _deleted UInt8";

void create_table(client& connection, const std::string& name,
                  const std::string& partition = "tuple()") {
  run(connection, "DROP TABLE IF EXISTS " + name + " SYNC");
  run(connection, "CREATE TABLE " + name + " (" + structure
                      + ") ENGINE = ReplacingMergeTree(_version, _deleted) "
                        "PARTITION BY "
                      + partition
                      + " ORDER BY id SETTINGS "
                        "non_replicated_deduplication_window = 1000");
}

/// A Native block of `rows` rows, with blank lines in the strings.
std::string block(client& connection, std::size_t rows, std::size_t from = 0) {
  return run(connection,
             "SELECT toInt64(number + " + std::to_string(from)
                 + ") AS id, concat('\\n\\n', toString(number)) AS text, "
                   "toUInt64(1) AS _version, toUInt8(number % 2) AS _deleted "
                   "FROM numbers("
                 + std::to_string(rows)
                 + ") SETTINGS max_block_size = 10000000",
             "Native");
}

tl::expected<void, error> insert(client& connection, const std::string& table,
                                 std::string_view bytes,
                                 const std::string& token,
                                 const std::string& filter = {},
                                 const std::string& hide_column = {}) {
  // In two pieces, cut anywhere.
  const auto all = std::as_bytes(std::span{bytes});
  const std::array<std::span<const std::byte>, 2> pieces{
      all.first(bytes.size() / 3), all.subspan(bytes.size() / 3)};
  return connection.insert({.database = "main",
                            .table = table,
                            .columns = columns,
                            .structure = structure,
                            .pieces = pieces,
                            .rows = 0,
                            .deduplication_token = token,
                            .filter = filter,
                            .hide_column = hide_column,
                            .options = {}});
}

std::string count(client& connection, const std::string& table) {
  return run(connection, "SELECT count() FROM " + table);
}

} // namespace

TEST(EmbeddedClient, CreatesItsDatabaseAndUsesIt) {
  auto connection = connected();
  EXPECT_EQ(run(*connection, "SELECT currentDatabase()"), "main\n");
}

TEST(EmbeddedClient, DropsARetryUnderTheSameToken) {
  auto connection = connected();
  create_table(*connection, "retried");
  const auto bytes = block(*connection, 1000);
  ASSERT_TRUE(insert(*connection, "retried", bytes, "a"));
  ASSERT_TRUE(insert(*connection, "retried", bytes, "a"));
  EXPECT_EQ(count(*connection, "retried"), "1000\n");
  ASSERT_TRUE(insert(*connection, "retried", bytes, "b"));
  EXPECT_EQ(count(*connection, "retried"), "2000\n");
}

TEST(EmbeddedClient, DropsARetryOfAnotherConnection) {
  auto first = connected();
  auto second = connected();
  create_table(*first, "retried_elsewhere");
  const auto bytes = block(*first, 10);
  ASSERT_TRUE(insert(*first, "retried_elsewhere", bytes, "a"));
  ASSERT_TRUE(insert(*second, "retried_elsewhere", bytes, "a"));
  EXPECT_EQ(count(*first, "retried_elsewhere"), "10\n");
}

TEST(EmbeddedClient, MakesOnePartOfHalfAMillionRows) {
  auto connection = connected();
  create_table(*connection, "one_part");
  const auto bytes = block(*connection, 500'000);
  ASSERT_TRUE(insert(*connection, "one_part", bytes, "a"));
  EXPECT_EQ(run(*connection, "SELECT count(), sum(rows) FROM system.parts "
                             "WHERE database = 'main' AND table = 'one_part' "
                             "AND min_block_number = max_block_number"),
            "1\t500000\n");
}

TEST(EmbeddedClient, MakesOnePartPerPartition) {
  auto connection = connected();
  create_table(*connection, "parted", "intDiv(id, 1000)");
  ASSERT_TRUE(insert(*connection, "parted", block(*connection, 150'000), "a"));
  EXPECT_EQ(run(*connection,
                "SELECT count(), uniq(partition) FROM "
                "system.parts WHERE database = 'main' AND table "
                "= 'parted' AND min_block_number = max_block_number"),
            "150\t150\n");
}

TEST(EmbeddedClient, KeepsBlankLinesInBinaryBlocks) {
  auto connection = connected();
  create_table(*connection, "blank_lines");
  ASSERT_TRUE(
      insert(*connection, "blank_lines", block(*connection, 5000), "a"));
  EXPECT_EQ(run(*connection, "SELECT countIf(startsWith(text, '\\n\\n')) "
                             "FROM blank_lines"),
            "5000\n");
}

TEST(EmbeddedClient, InsertsBlocksOfAnySizeOneAfterTheOther) {
  auto connection = connected();
  create_table(*connection, "sizes");
  for (std::size_t rows : {100'000, 1, 50'000, 3, 200'000})
    ASSERT_TRUE(insert(*connection, "sizes", block(*connection, rows),
                       "r" + std::to_string(rows)));
  EXPECT_EQ(count(*connection, "sizes"), "350004\n");
}

TEST(EmbeddedClient, LeavesOutRowsThatMissTheFilter) {
  auto connection = connected();
  create_table(*connection, "filtered");
  ASSERT_TRUE(
      insert(*connection, "filtered", block(*connection, 100), "a", "id < 10"));
  EXPECT_EQ(count(*connection, "filtered"), "10\n");
}

TEST(EmbeddedClient, HidesRowsThatMissTheFilter) {
  auto connection = connected();
  create_table(*connection, "hidden");
  ASSERT_TRUE(insert(*connection, "hidden", block(*connection, 100), "a",
                     "id < 10", "_deleted"));
  EXPECT_EQ(run(*connection, "SELECT count(), sum(_deleted) FROM hidden"),
            "100\t95\n");
}

TEST(EmbeddedClient, ReadsTheCurrentRowsWithFinal) {
  auto connection = connected();
  create_table(*connection, "current_rows");
  const auto bytes = block(*connection, 100);
  ASSERT_TRUE(insert(*connection, "current_rows", bytes, "a"));
  ASSERT_TRUE(insert(*connection, "current_rows", bytes, "b"));
  EXPECT_EQ(run(*connection, "SELECT count() FROM current_rows FINAL"), "50\n");
}

TEST(EmbeddedClient, InsertsFromSeveralClientsAtOnce) {
  auto connection = connected();
  create_table(*connection, "parallel");
  std::vector<std::thread> writers;
  std::atomic<int> failures = 0;
  for (std::size_t writer = 0; writer < 4; ++writer)
    writers.emplace_back([&, writer] {
      auto own = connected();
      for (std::size_t i = 0; i < 10; ++i) {
        const auto name = std::to_string(writer) + "-" + std::to_string(i);
        auto bytes = block(*own, 1000, writer * 100'000 + i * 1000);
        if (!insert(*own, "parallel", bytes, name)
            || !insert(*own, "parallel", bytes, name))
          ++failures;
      }
    });
  for (auto& writer : writers)
    writer.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(run(*connection, "SELECT count(), uniqExact(id) FROM parallel"),
            "40000\t40000\n");
}

TEST(EmbeddedClient, TakesParametersInTheirPlaces) {
  auto connection = connected();
  auto request =
      request_of("SELECT {n:Int32} + 1, {s:String}, {l:Array(String)}");
  request.parameters = {{"n", "41"}, {"s", "it's\\n"}, {"l", "['a','b']"}};
  auto result = connection->query(request);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*result, "42\tit\\'s\\n\t['a','b']\n");
}

TEST(EmbeddedClient, AppliesSettingsToOneCallOnly) {
  auto connection = connected();
  const std::string sql = "SELECT getSetting('max_block_size')";
  const auto before = run(*connection, sql);
  auto request = request_of(sql);
  request.options = {{"max_block_size", "77"}};
  auto changed = connection->query(request);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(*changed, "77\n");
  EXPECT_EQ(run(*connection, sql), before);
}

TEST(EmbeddedClient, StopsAQueryAtItsTimeout) {
  auto connection = connected();
  const auto begin = std::chrono::steady_clock::now();
  auto request = request_of("SELECT count() FROM numbers(1e15)");
  request.timeout = std::chrono::milliseconds{300};
  auto result = connection->query(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, 159) << result.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{5});
}

TEST(EmbeddedClient, CarriesTheQueryIdAsLogComment) {
  auto connection = connected();
  auto request = request_of("SELECT count() FROM system.processes WHERE "
                            "Settings['log_comment'] = 'run-7'");
  request.query_id = "run-7";
  auto result = connection->query(request);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*result, "1\n");
}

TEST(EmbeddedClient, ReportsTheCodeAndTheRemedyOfAnException) {
  auto connection = connected();
  auto request = request_of("SELECT * FROM nowhere");
  auto result = connection->query(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, 60);
  EXPECT_EQ(result.error().what, remedy::stop);
  EXPECT_FALSE(result.error().outcome_unknown);
  EXPECT_THAT(result.error().message, HasSubstr("nowhere"));
}

TEST(EmbeddedClient, RefusesABlockThatIsNotNative) {
  auto connection = connected();
  create_table(*connection, "malformed");
  auto result = insert(*connection, "malformed", "no block at all", "a");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().code, 0);
  EXPECT_THAT(result.error().message, Not(HasSubstr("\n")));
  EXPECT_EQ(count(*connection, "malformed"), "0\n");
  // The connection is as good as before.
  EXPECT_TRUE(insert(*connection, "malformed", block(*connection, 7), "b"));
}

TEST(EmbeddedClient, RefusesASettingThatDoesNotExist) {
  auto connection = connected();
  auto request = request_of("SELECT 1");
  request.options = {{"no_such_setting", "1"}};
  auto result = connection->query(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, 115);
}

TEST(EmbeddedEndpoint, LeavesTheSignalHandlersOfTheProcess) {
  (void)connected();
  for (int number : {SIGSEGV, SIGABRT, SIGTERM, SIGINT, SIGBUS, SIGFPE}) {
    struct sigaction now {};
    ASSERT_EQ(sigaction(number, nullptr, &now), 0);
    EXPECT_EQ(now.sa_handler, SIG_DFL) << "signal " << number;
  }
}

TEST(EmbeddedEndpoint, IsOnePerProcess) {
  (void)connected();
  scratch_directory other;
  auto second = embedded_endpoint(other.path(), "main");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("one per process"));
}

TEST(EmbeddedLibrary, SaysHowToInstallIt) {
  ASSERT_EQ(setenv("SLUICE_LIBCHDB", "/nowhere/libchdb.so", 1), 0);
  auto library = load_library();
  unsetenv("SLUICE_LIBCHDB");
  ASSERT_FALSE(library);
  EXPECT_THAT(library.error(), HasSubstr("scripts/install-dependencies"));
  EXPECT_THAT(library.error(), HasSubstr("/nowhere/libchdb.so"));
  EXPECT_THAT(library.error(), Not(HasSubstr("\n")));
}

} // namespace sluice::clickhouse::testing
