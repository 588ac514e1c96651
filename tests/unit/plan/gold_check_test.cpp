// What check_gold() finds is in server_check_test.cpp, and with ClickHouse's
// own answers in tests/cli/check_gold_test.py.
#include "plan/gold_check.hpp"

#include <gmock/gmock.h>

#include "tests/unit/plan/example.hpp"
#include "tests/unit/plan/fake_clickhouse.hpp"

namespace sluice::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class fake_endpoint : public clickhouse::endpoint {
public:
  explicit fake_endpoint(answer says) : says_{std::move(says)} {}
  std::unique_ptr<clickhouse::client> connect() override {
    return std::make_unique<fake_clickhouse>(
        [this](const clickhouse::query_request&) { return says_; }, asked);
  }
  std::string name() const override { return "fake"; }

  std::vector<std::string> asked;

private:
  answer says_;
};

std::vector<std::string> refused(const answer& says) {
  fake_endpoint endpoint{says};
  return refused_golds(endpoint, read_example());
}

TEST(RefusedGolds, AreNamedWithClickHousesWordsOrTheColumn) {
  EXPECT_THAT(refused("user_id\tInt32\ntotal_events\tUInt64\n"), IsEmpty());
  EXPECT_THAT(refused(refusal(47, "Code: 47. DB::Exception: Unknown identifier "
                                  "`userid`. (version 26.5.1.1)")),
              ElementsAre("gold activity cannot run: ClickHouse refuses its "
                          "SQL: Unknown identifier `userid`"));
  EXPECT_THAT(refused("user_id\tInt32\ntotal\tUInt64\n"),
              ElementsAre("gold activity cannot run: the SQL yields no column "
                          "total_events (it yields: user_id, total): name it "
                          "with AS total_events"));
}

TEST(RefusedGolds, AClickHouseThatDoesNotAnswerIsNoMistakeAndAskedOnce) {
  fake_endpoint endpoint{refusal(0, "timeout", clickhouse::remedy::retry)};
  auto what = read_example();
  what.golds.push_back(what.golds.front());
  EXPECT_THAT(refused_golds(endpoint, what), IsEmpty());
  EXPECT_THAT(endpoint.asked, SizeIs(1));
}

TEST(RefusedGolds, AZoneThatIsNotThereIsToldWithoutAQuestion) {
  fake_endpoint endpoint{answer{""}};
  auto what = read_example();
  what.golds[0].timezone = "Europe/Berln";
  EXPECT_THAT(refused_golds(endpoint, what), SizeIs(1));
  EXPECT_THAT(endpoint.asked, IsEmpty());
}

} // namespace
} // namespace sluice::plan
