#include "cli/caught_up.hpp"

#include <gmock/gmock.h>

namespace sluice::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const log_goals ten_records = {{{"users", 0}, {0, 10}}};

status::partition_report partition(std::int64_t committed) {
  status::partition_report result;
  result.topic = "users";
  result.partition = 0;
  result.state = status::partition_state::running;
  result.position = committed;
  result.committed = committed;
  return result;
}

status::report node(std::int64_t second,
                    std::vector<status::partition_report> partitions) {
  status::report result;
  result.node.id = "node-1";
  result.health.state = status::health_state::running;
  result.at = status::instant{std::chrono::seconds{second}};
  result.partitions = std::move(partitions);
  return result;
}

TEST(StillBehind, IsEmptyOnceEverythingIsCommitted) {
  EXPECT_THAT(still_behind({node(1, {partition(10)})}, ten_records), IsEmpty());
  EXPECT_THAT(still_behind({node(1, {partition(12)})}, ten_records), IsEmpty())
      << "what came later does not matter";
}

TEST(StillBehind, NamesAPartitionThatIsNotCommittedToTheEnd) {
  EXPECT_THAT(still_behind({node(1, {partition(9)})}, ten_records),
              ElementsAre("users/0 is running at offset 9 of 10"));
}

TEST(StillBehind, DoesNotTakeTheNodesOwnStaleLagForAnAnswer) {
  auto stale = partition(5);
  stale.log_end = 5;
  stale.lag = 0;
  EXPECT_THAT(still_behind({node(1, {stale})}, ten_records),
              ElementsAre(HasSubstr("offset 5 of 10")));
}

TEST(StillBehind, IsNotSatisfiedWithoutAnAssignment) {
  EXPECT_THAT(still_behind({node(1, {})}, ten_records),
              ElementsAre("users/0 is not assigned to a node here"));
}

TEST(StillBehind, IsNotSatisfiedWithoutNodesOrTopics) {
  EXPECT_THAT(still_behind({}, ten_records), testing::SizeIs(2));
  EXPECT_THAT(still_behind({node(1, {})}, {}),
              ElementsAre("no topic is known"));
}

TEST(StillBehind, WaitsForAnAssignmentOfAnEmptyPartitionToo) {
  const log_goals empty = {{{"users", 0}, {7, 7}}};
  EXPECT_THAT(still_behind({node(1, {})}, empty), testing::SizeIs(1));
  EXPECT_THAT(still_behind({node(1, {partition(-1)})}, empty), IsEmpty());
  auto recovering = partition(-1);
  recovering.state = status::partition_state::recovering;
  EXPECT_THAT(still_behind({node(1, {recovering})}, empty), testing::SizeIs(1));
}

TEST(StillBehind, PassesTheMarkersOfTransactionsAtTheEndOfALog) {
  auto past_markers = partition(8);
  past_markers.position = 10;
  past_markers.lag = 0;
  EXPECT_THAT(still_behind({node(1, {past_markers})}, ten_records), IsEmpty());
  past_markers.in_flight_bytes = 1;
  EXPECT_THAT(still_behind({node(1, {past_markers})}, ten_records),
              testing::SizeIs(1));
}

TEST(StillBehind, SaysWhyAPartitionStands) {
  auto stopped = partition(3);
  stopped.state = status::partition_state::stopped;
  stopped.reason = "records lost to retention";
  EXPECT_THAT(still_behind({node(1, {stopped})}, ten_records),
              ElementsAre("users/0 is stopped at offset 3 of 10: records lost "
                          "to retention"));
}

TEST(StillBehind, WaitsForANodeThatIsStarting) {
  auto starting = node(1, {partition(10)});
  starting.health.state = status::health_state::starting;
  EXPECT_THAT(still_behind({starting}, ten_records),
              ElementsAre("node node-1 is starting"));
}

TEST(StillBehind, TakesTheFurtherOfTwoReportsWhileAPartitionMoves) {
  EXPECT_THAT(still_behind({node(1, {partition(4)}), node(1, {partition(10)})},
                           ten_records),
              IsEmpty());
}

TEST(CaughtUpWatch, NeedsTwoDifferentReportsInARow) {
  caught_up_watch watch{ten_records};
  EXPECT_FALSE(watch.observe({node(1, {partition(10)})}));
  EXPECT_FALSE(watch.observe({node(1, {partition(10)})})) << "the same report";
  EXPECT_TRUE(watch.observe({node(2, {partition(10)})}));
}

TEST(CaughtUpWatch, BeginsAnewAfterAReportThatIsBehind) {
  caught_up_watch watch{ten_records};
  EXPECT_FALSE(watch.observe({node(1, {partition(10)})}));
  EXPECT_FALSE(watch.observe({node(2, {})})) << "the partition was taken away";
  EXPECT_THAT(watch.behind(), testing::SizeIs(1));
  EXPECT_FALSE(watch.observe({node(3, {partition(10)})}));
  EXPECT_TRUE(watch.observe({node(4, {partition(10)})}));
}

} // namespace
} // namespace sluice::cli
