#include "bench/arguments.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sluice::bench {
namespace {

tl::expected<arguments, std::string> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "program");
  std::vector<char*> pointers;
  for (auto& each : words)
    pointers.push_back(each.data());
  return arguments::parse(pointers, {{"topic", ""}, {"batch", "1000"}});
}

TEST(Arguments, DefaultsStandUntilTheyAreGiven) {
  EXPECT_EQ(parse({"--topic", "t"})->number("batch"), 1000U);
  EXPECT_EQ(parse({"--topic", "t", "--batch", "5"})->number("batch"), 5U);
}

TEST(Arguments, MistakesAreNamed) {
  EXPECT_EQ(parse({}).error(), "--topic is missing");
  EXPECT_EQ(parse({"--topic"}).error(), "--topic has no value");
  EXPECT_EQ(parse({"--topics", "t"}).error(), "unknown option '--topics'");
  EXPECT_EQ(parse({"topic", "t"}).error(), "unknown option 'topic'");
  EXPECT_EQ(parse({"--topic", "t", "--batch", "5k"})->number("batch").error(),
            "--batch is no whole number: 5k");
}

} // namespace
} // namespace sluice::bench
