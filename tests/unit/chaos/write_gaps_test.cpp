#include "chaos/write_gaps.hpp"

#include <gtest/gtest.h>

namespace sluice::chaos {
namespace {

using namespace std::chrono_literals;

const std::string first = "p/users/topic/0/1/0-10";
const std::string later = "p/users/topic/0/1/10-20";
const std::string other = "p/users/topic/1/1/0-10";

TEST(WriteGaps, AreOfOneTableAndPartition) {
  EXPECT_EQ(series_of(first), "p/users/topic/0");
  EXPECT_EQ(series_of(first), series_of(later));
  EXPECT_NE(series_of(first), series_of(other));
  EXPECT_EQ(series_of("x"), std::nullopt);
  EXPECT_EQ(series_of("/x"), std::nullopt);
  EXPECT_EQ(series_of(""), std::nullopt);
}

TEST(WriteGaps, CountOnlyAroundABreak) {
  write_gaps gaps;
  const auto begin = write_gaps::instant{};
  gaps.written(first, begin);
  gaps.written(later, begin + 20s);
  EXPECT_TRUE(gaps.longest().empty());
  gaps.broke("kill node", begin + 21s);
  gaps.written(other, begin + 22s);
  EXPECT_TRUE(gaps.longest().empty()) << "its first write";
  gaps.written(later, begin + 25s);
  EXPECT_EQ(gaps.longest().at("kill node"), 5s);
  gaps.written(later, begin + 60s);
  EXPECT_EQ(gaps.longest().at("kill node"), 5s) << "nothing broke in between";
}

TEST(WriteGaps, AreTheLongestOfEachKind) {
  write_gaps gaps;
  const auto begin = write_gaps::instant{};
  gaps.written(first, begin);
  gaps.broke("a", begin + 1s);
  gaps.broke("b", begin + 2s);
  gaps.written(first, begin + 4s);
  gaps.broke("a", begin + 5s);
  gaps.written(first, begin + 6s);
  EXPECT_EQ(gaps.longest().at("a"), 4s);
  EXPECT_EQ(gaps.longest().at("b"), 4s);
}

} // namespace
} // namespace sluice::chaos
