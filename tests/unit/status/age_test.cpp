#include "status/age.hpp"

#include <gtest/gtest.h>

namespace sluice::status {
namespace {

using namespace std::chrono_literals;

TEST(AgeText, IsShortAndNeverNegative) {
  EXPECT_EQ(age_text(0ms), "0.0 s");
  EXPECT_EQ(age_text(-5s), "0.0 s");
  EXPECT_EQ(age_text(3'249ms), "3.2 s");
  EXPECT_EQ(age_text(59'999ms), "59.9 s");
  EXPECT_EQ(age_text(5min + 59s), "5 min");
  EXPECT_EQ(age_text(26h), "26 h");
  EXPECT_EQ(age_text(96h), "4 d");
}

} // namespace
} // namespace sluice::status
