#include "simulation/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::simulation {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Verdict : public ::testing::Test {
protected:
  void SetUp() override {
    cluster_.what.tables.erase(cluster_.what.tables.begin(),
                               cluster_.what.tables.begin() + 2);
    cluster_.what.tables.pop_back();
    clickhouse_.create("user_events", {});
    for (const std::int64_t id : {1, 2}) {
      kafka::owned_record record;
      record.key = R"({"id":)" + std::to_string(id) + "}";
      record.value = R"({"op":"c","after":{"id":)" + std::to_string(id)
                     + R"(,"amount":5,"link":6,"at":7000}})";
      logs_.append(here_, std::move(record));
    }
    logs_.store(here_, {2, ""});
  }

  void write(const std::string& token, std::int64_t id, std::int64_t offset,
             std::int64_t amount = 5) {
    silver::block_builder rows{
        cluster_.tables.at("user_events")->block_columns};
    rows.column(0).append(id);
    rows.column(1).append(amount);
    rows.column(2).append(std::int64_t{6});
    rows.column(3).append(std::uint32_t{7'000});
    rows.column(4).append(std::int32_t{0});
    rows.column(5).append(offset);
    rows.column(6).append(std::uint16_t{0});
    rows.commit_row();
    clickhouse_.insert("user_events", {token, rows.finish()},
                       [](const auto&) {});
    on_.time.run_until(on_.time.now() + 1s, [] { return false; });
  }

  kafka::topic_partition here_{users_topic, 0};
  stage on_{1, nullptr};
  broker logs_{on_, {here_}};
  group_coordinator group_{on_, logs_};
  clickhouse_server clickhouse_{on_};
  cluster cluster_{on_,
                   logs_,
                   group_,
                   clickhouse_,
                   make_topology(),
                   lay_out(make_topology()),
                   {},
                   control_topic{on_},
                   gold_server{on_, clickhouse_}};
};

TEST_F(Verdict, FindsNothingWhenEveryRowIsThereOnce) {
  write("a", 1, 0);
  write("b", 2, 1);
  EXPECT_THAT(judge(cluster_), IsEmpty());
}

TEST_F(Verdict, FindsAMissingRow) {
  write("a", 1, 0);
  EXPECT_THAT(judge(cluster_), ElementsAre("user_events 0@1 is missing"));
}

TEST_F(Verdict, FindsADoubledRow) {
  write("a", 1, 0);
  write("b", 2, 1);
  write("c", 2, 1);
  EXPECT_THAT(judge(cluster_), ElementsAre("user_events 0@1 is there 2 times"));
}

TEST_F(Verdict, FindsARowThatNoRecordMade) {
  write("a", 1, 0);
  write("b", 2, 1);
  write("c", 3, 2);
  EXPECT_THAT(judge(cluster_),
              ElementsAre("user_events 0@2 should not be there"));
}

TEST_F(Verdict, FindsWrongValues) {
  write("a", 1, 0);
  write("b", 2, 1, 6);
  EXPECT_THAT(judge(cluster_),
              ElementsAre("user_events 0@1 has other values than its record"));
}

TEST_F(Verdict, FindsAnOffsetThatStaysBehind) {
  write("a", 1, 0);
  write("b", 2, 1);
  logs_.store(here_, {1, ""});
  EXPECT_THAT(judge(cluster_),
              ElementsAre("users/0 is committed at 1, its last record ends "
                          "at 2"));
  EXPECT_FALSE(is_drained(cluster_));
}

TEST_F(Verdict, FindsADeadLetterThatIsMissing) {
  write("a", 1, 0);
  clickhouse_.poison("user_events", {0, 1});
  EXPECT_THAT(judge(cluster_),
              ElementsAre("user_events 0@1 is not among the dead letters"));
}

} // namespace
} // namespace sluice::simulation
