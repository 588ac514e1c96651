#include "cli/arguments.hpp"

#include <gmock/gmock.h>

namespace sluice::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(ParseDuration, TakesANumberWithAUnit) {
  EXPECT_EQ(parse_duration("60").value(), 60s);
  EXPECT_EQ(parse_duration("60s").value(), 60s);
  EXPECT_EQ(parse_duration("500ms").value(), 500ms);
  EXPECT_EQ(parse_duration("5m").value(), 5min);
  EXPECT_EQ(parse_duration("2h").value(), 2h);
  EXPECT_EQ(parse_duration("30d").value(), 720h);
}

TEST(ParseDuration, RefusesEverythingElseInOneLine) {
  for (const auto* text : {"", "s", "0", "0s", "-1s", "1.5s", "5 m", "5w",
                           "31d", "99999999999999999999s", "60s "}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error(), HasSubstr("60s")) << "shows how to write it";
  }
}

TEST(ParseTopicSpec, TakesANameAndPartitions) {
  EXPECT_EQ(parse_topic_spec("users:4").value(), (topic_spec{"users", 4}));
  EXPECT_EQ(parse_topic_spec("postgres.public.users").value(),
            (topic_spec{"postgres.public.users", 1}));
  EXPECT_EQ(parse_topic_spec("a_b-c:1000").value(),
            (topic_spec{"a_b-c", 1000}));
}

TEST(ParseTopicSpec, RefusesWhatKafkaWouldRefuse) {
  for (const auto& text :
       {std::string{}, std::string{":4"}, std::string{"a b:1"},
        std::string{".."}, std::string{"users:"}, std::string{"users:0"},
        std::string{"users:1001"}, std::string{"users:-1"},
        std::string{"users:4x"}, std::string{"a:b:1"}, std::string(250, 'x')}) {
    EXPECT_FALSE(parse_topic_spec(text)) << text;
  }
}

} // namespace
} // namespace sluice::cli
