#include "kafka/position_metadata.hpp"

#include <gtest/gtest.h>

namespace sluice::kafka {
namespace {

TEST(PositionMetadata, ReadsWhatItWrote) {
  const position_metadata written{7, {1010, 1500, 1501}};
  const auto read = decode_position_metadata(encode(written, 1000), 1000);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->epoch, 7);
  EXPECT_EQ(read->cut_ends, written.cut_ends);
}

TEST(PositionMetadata, AnEmptyStringIntendsNothing) {
  const auto read = decode_position_metadata("", 5);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->cut_ends.empty());
}

TEST(PositionMetadata, FieldsOfALaterMinorVersionAreSkipped) {
  const auto read = decode_position_metadata("sluice/1 e=2 w=99 c=4", 6);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cut_ends, std::vector<std::int64_t>{10});
}

TEST(PositionMetadata, WhatIsNotOursIsAnErrorThatSaysWhatToDo) {
  for (const auto* text :
       {"hello", "sluice/2 e=0", "sluice/1 e=x", "sluice/1 e=70000",
        "sluice/1 e=0 c=0", "sluice/1 e=0 c=-3", "sluice/1 e=0 c=1,,2",
        "sluice/1 e=0 c=9223372036854775807"}) {
    const auto read = decode_position_metadata(text, 100);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().find("another consumer group"), std::string::npos);
  }
}

} // namespace
} // namespace sluice::kafka
