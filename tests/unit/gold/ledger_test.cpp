#include "gold/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gold/repair.hpp"
#include "gold/tab_separated.hpp"

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

class answering final : public clickhouse::client {
public:
  explicit answering(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, clickhouse::error>
  query(const clickhouse::query_request& request) override {
    sql = request.sql;
    if (text_ == "fail")
      return tl::unexpected(clickhouse::error{});
    return text_;
  }
  tl::expected<void, clickhouse::error>
  insert(const clickhouse::insert_request&) override {
    return {};
  }
  std::string sql;

private:
  std::string text_;
};

constexpr auto row = "activity\t1771545600\t1771632000\tr1\t2\t@daily\tfailed\t"
                     "1771632000123\t4500\t0\t-1\tline\\none\tn\\'1\n";

TEST(Ledger, ReadsItsRows) {
  answering from{row};
  const auto entries = read_ledger(from, "db", "activity", 10);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1U);
  const auto& entry = entries->front();
  EXPECT_EQ(entry.gold, "activity");
  EXPECT_EQ(to_string(entry.what), "2026-02-20T00:00:00Z/2026-02-21T00:00:00Z");
  EXPECT_EQ(entry.run_id, "r1");
  EXPECT_EQ(entry.attempt, 2);
  EXPECT_EQ(entry.state, run_state::failed);
  EXPECT_EQ(entry.started_at, instant{1771632000123ms});
  EXPECT_EQ(entry.duration, 4500ms);
  EXPECT_FALSE(entry.data_as_of);
  EXPECT_EQ(entry.error, "line\none");
  EXPECT_EQ(entry.node, "n'1");
}

TEST(Ledger, AsksForOneGoldOrForAll) {
  answering one{""};
  EXPECT_THAT(read_ledger(one, "db", "a'b", 5).value(), IsEmpty());
  EXPECT_THAT(one.sql, HasSubstr("WHERE gold = 'a\\'b'"));
  EXPECT_THAT(one.sql, HasSubstr("LIMIT 5"));
  answering all{""};
  EXPECT_THAT(read_ledger(all, "db", "", 5).value(), IsEmpty());
  EXPECT_EQ(all.sql.find("WHERE"), std::string::npos);
}

TEST(Ledger, RefusesRowsThatAreNotItsOwn) {
  for (const auto* text :
       {"x\n", "activity\tx\t1\tr\t1\tt\tdone\t1\t1\t1\t1\t\t\n",
        "activity\t1\t1\tr\t1\tt\tmaybe\t1\t1\t1\t1\t\t\n",
        "activity\t1\t1\tr\t1\tt\tdone\t1\t1\t-1\t1\t\t\n"}) {
    answering from{text};
    const auto entries = read_newest_runs(from, "db");
    ASSERT_FALSE(entries) << text;
    EXPECT_EQ(entries.error().what, clickhouse::remedy::stop);
  }
}

TEST(Ledger, PassesOnClickHousesErrors) {
  answering from{"fail"};
  EXPECT_FALSE(read_newest_runs(from, "db"));
  EXPECT_FALSE(find_unsound_windows(from, "db", {}));
}

TEST(Ledger, WritesTextsAsLiterals) {
  ledger_entry entry;
  entry.gold = "a'b\\";
  entry.error = "it's\n";
  const auto sql = insert_entry("d`b", entry);
  EXPECT_THAT(sql, HasSubstr("`d\\`b`.`_sluice_gold_runs`"));
  EXPECT_THAT(sql, HasSubstr("'a\\'b\\\\'"));
  EXPECT_THAT(sql, HasSubstr("'it\\'s\n'"));
  EXPECT_THAT(sql, HasSubstr("NULL"));
}

TEST(Repair, ReadsTheWindowsThatAreUnsound) {
  answering from{"1771545600\n1771632000\n"};
  topology::gold g;
  g.name = "activity";
  const auto found = find_unsound_windows(from, "db", g);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(to_string(found->front()),
            "2026-02-20T00:00:00Z/2026-02-21T00:00:00Z");
}

TEST(TabSeparated, UnescapesFields) {
  const auto rows = parse_tab_separated("a\\tb\t\\\\\\N\n\n\\r\\0\\b\\f\\'x\\");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"a\tb", "\\N"}));
  EXPECT_EQ(rows[1], (std::vector<std::string>{""}));
  EXPECT_EQ(rows[2][0], std::string("\r\0\b\f'x\\", 7));
  EXPECT_THAT(parse_tab_separated(""), IsEmpty());
}

} // namespace
} // namespace sluice::gold
