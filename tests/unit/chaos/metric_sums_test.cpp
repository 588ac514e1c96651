#include "chaos/metric_sums.hpp"

#include <gtest/gtest.h>

namespace sluice::chaos {
namespace {

TEST(MetricSums, AddSeriesAndLives) {
  metric_sums sums;
  sums.observe(1, "# HELP a_total Some words 9\n# TYPE a_total counter\n"
                  "a_total{topic=\"x y\",partition=\"0\"} 3\n"
                  "a_total{topic=\"x\",partition=\"1\"} 4 1700000000\n"
                  "a_totally_different 100\n");
  EXPECT_EQ(sums.total("a_total"), 7);
  sums.observe(1, "a_total{topic=\"x\"} 10\n");
  EXPECT_EQ(sums.total("a_total"), 10) << "the last value of a life counts";
  sums.observe(2, "a_total 5\n");
  EXPECT_EQ(sums.total("a_total"), 15);
  EXPECT_EQ(sums.peak("a_total"), 10);
}

TEST(MetricSums, KnowWhatWasEverExposed) {
  metric_sums sums;
  sums.observe(1, "zero_total 0\n");
  EXPECT_TRUE(sums.knows("zero_total"));
  EXPECT_FALSE(sums.knows("never_total"));
  EXPECT_EQ(sums.total("never_total"), 0);
  EXPECT_EQ(sums.peak("never_total"), 0);
}

TEST(MetricSums, PassOverWhatIsNoMetric) {
  metric_sums sums;
  sums.observe(1, "\n}{ \nname\nname{} \nname{a=\"}\"} x\nlast 2.5e3");
  EXPECT_FALSE(sums.knows("name"));
  EXPECT_EQ(sums.total("last"), 2500);
}

} // namespace
} // namespace sluice::chaos
