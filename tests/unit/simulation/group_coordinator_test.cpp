#include "simulation/group_coordinator.hpp"

#include <gtest/gtest.h>

namespace sluice::simulation {
namespace {

using namespace std::chrono_literals;
using partitions = std::vector<kafka::topic_partition>;

/// A member that gives up what it is told to, unless it `clings`.
class fake_client : public group_client {
public:
  explicit fake_client(group_coordinator& of) : of_{of} {}
  void synced(int now, const partitions& revoke,
              const partitions& assign) override {
    generation = now;
    owned.insert(assign.begin(), assign.end());
    if (clings || revoke.empty())
      return;
    for (const auto& each : revoke)
      owned.erase(each);
    of_.gave_up(id);
  }
  void expelled(member_id former) override { lost = former == id; }

  member_id id = 0;
  int generation = -1;
  bool clings = false;
  bool lost = false;
  std::set<kafka::topic_partition> owned;

private:
  group_coordinator& of_;
};

class GroupCoordinator : public ::testing::Test {
protected:
  void pass(instant duration) {
    on_.time.run_until(on_.time.now() + duration, [] { return false; });
  }
  void join(fake_client& client, std::optional<int> instance = std::nullopt) {
    client.id = group_.join(client, instance);
    pass(1s);
  }
  commit_answer commit(const fake_client& by, std::int64_t offset) {
    return group_.commit(by.id, by.generation, here_, {offset, ""});
  }

  kafka::topic_partition here_{"orders", 0};
  stage on_{1, nullptr};
  broker logs_{on_, {here_, {"orders", 1}}};
  group_coordinator group_{on_, logs_};
  fake_client first_{group_};
  fake_client second_{group_};
};

TEST_F(GroupCoordinator, GivesTheOnlyMemberEverything) {
  join(first_);
  EXPECT_EQ(first_.owned.size(), 2);
}

TEST_F(GroupCoordinator, MovesAPartitionOnlyWhenItsOwnerHasGivenItUp) {
  join(first_);
  first_.clings = true;
  join(second_);
  EXPECT_EQ(first_.owned.size(), 2);
  EXPECT_TRUE(second_.owned.empty());
  group_.gave_up(first_.id);
  pass(1s);
  EXPECT_EQ(second_.owned.size(), 1);
}

TEST_F(GroupCoordinator, TakesACommitOfAMemberThatOwnsNothing) {
  join(first_);
  join(second_);
  ASSERT_NE(first_.owned.contains(here_), second_.owned.contains(here_));
  const auto& other = first_.owned.contains(here_) ? second_ : first_;
  group_.hears_of(other.id);
  EXPECT_EQ(group_.commit(other.id, first_.generation, here_, {3, ""}),
            commit_answer::stored);
  EXPECT_EQ(logs_.log(here_).committed.offset, 3);
}

TEST_F(GroupCoordinator, RefusesACommitOfAFormerGeneration) {
  join(first_);
  const auto former = first_.generation;
  join(second_);
  EXPECT_GT(first_.generation, former);
  EXPECT_EQ(group_.commit(first_.id, former, here_, {3, ""}),
            commit_answer::illegal_generation);
  EXPECT_FALSE(logs_.log(here_).committed.offset);
}

TEST_F(GroupCoordinator, ExpelsAMemberThatIsSilentForTooLong) {
  join(first_);
  group_.hears_nothing_of(first_.id);
  pass(group_coordinator::session_timeout - 1s);
  EXPECT_FALSE(first_.lost);
  pass(2s);
  EXPECT_TRUE(first_.lost);
  EXPECT_EQ(commit(first_, 3), commit_answer::unknown_member);
}

TEST_F(GroupCoordinator, KeepsAMemberThatIsHeardOfInTime) {
  join(first_);
  group_.hears_nothing_of(first_.id);
  pass(5s);
  group_.hears_of(first_.id);
  pass(20s);
  EXPECT_FALSE(first_.lost);
  EXPECT_EQ(commit(first_, 3), commit_answer::stored);
}

TEST_F(GroupCoordinator, GivesAStaticMemberItsPartitionsBackAtOnce) {
  join(first_, 1);
  const auto generation = first_.generation;
  join(second_, 1);
  EXPECT_EQ(second_.owned.size(), 2);
  EXPECT_EQ(second_.generation, generation);
  EXPECT_TRUE(first_.lost);
  EXPECT_EQ(commit(first_, 3), commit_answer::unknown_member);
}

TEST_F(GroupCoordinator, ExpelsAMemberThatNeverGivesUp) {
  join(first_);
  first_.clings = true;
  join(second_);
  fake_client third{group_};
  join(third);
  pass(group_coordinator::rebalance_timeout + 5s);
  EXPECT_TRUE(first_.lost);
  EXPECT_EQ(second_.owned.size() + third.owned.size(), 2);
}

} // namespace
} // namespace sluice::simulation
