#include "kafka/log_trim.hpp"

#include <gmock/gmock.h>

#include "kafka/rdkafka.hpp"

namespace sluice::kafka {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(log_trim, says_that_nobody_answers) {
  // Nobody listens on port 1.
  const auto link =
      client::make({.type = RD_KAFKA_CONSUMER, .brokers = "127.0.0.1:1"})
          .value();
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = delete_records(*link, {"shop.control", 0}, 1, 1s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().reason, HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(outcome.error().reason, HasSubstr("unreachable"));
  EXPECT_EQ(outcome.error().reason.find('\n'), std::string::npos);
}

} // namespace
} // namespace sluice::kafka
