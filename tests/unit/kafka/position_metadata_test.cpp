#include "kafka/position_metadata.hpp"

#include <gtest/gtest.h>

namespace sluice::kafka {
namespace {

TEST(PositionMetadata, ReadsWhatItWrote) {
  position_metadata written;
  written.epoch = 7;
  written.partition_count = 12;
  written.last = fingerprint{997, 1'700'000'000'000, 0xdeadbeef};
  written.intents = {{1000, 1010}, {1010, 1500}, {2000, 2001}};
  written.tables = {
      {name_hash("users"), 1000, std::nullopt, 7, {}},
      {name_hash("events"), 1500, 1500, 7, {}},
      {name_hash("orders"), 1000, 1010, 8, {1005, 1006}},
  };
  const auto read = decode_position_metadata(encode(written, 1000), 1000);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, written);
}

TEST(PositionMetadata, LeavesOutWhatHasNoMeaning) {
  EXPECT_EQ(encode({}, 5), "sluice/2 e=0");
}

TEST(PositionMetadata, NamesThePipeline) {
  position_metadata metadata;
  metadata.pipeline = 0xbeef;
  const auto text = encode(metadata, 5);
  EXPECT_EQ(text, "sluice/2 e=0 p=beef");
  EXPECT_EQ(decode_position_metadata(text, 5), metadata);
}

TEST(PositionMetadata, AnEmptyStringIntendsNothing) {
  const auto read = decode_position_metadata("", 5);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, position_metadata{});
}

TEST(PositionMetadata, FieldsOfALaterMinorVersionAreSkipped) {
  const auto read = decode_position_metadata("sluice/2 e=2 w=99 c=0+4", 6);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->intents, (std::vector<cut>{{6, 10}}));
}

TEST(PositionMetadata, WhatIsNotOursIsAnErrorThatSaysWhatToDo) {
  for (const auto* text : {"hello",
                           "sluice/1 e=0",
                           "sluice/2 e=x",
                           "sluice/2 e=70000",
                           "sluice/2 e=0 c=0+0",
                           "sluice/2 e=0 c=3",
                           "sluice/2 e=0 c=-3+4",
                           "sluice/2 e=0 c=0+1,,0+2",
                           "sluice/2 e=0 c=0+9223372036854775807",
                           "sluice/2 f=1",
                           "sluice/2 f=0:1:1",
                           "sluice/2 f=101:1:1",
                           "sluice/2 f=1:1:zz",
                           "sluice/2 t=xyz",
                           "sluice/2 t=ab@-1",
                           "sluice/2 t=ab~",
                           "sluice/2 t=ab^70000",
                           "sluice/2 t=ab/0",
                           "sluice/2 n=many",
                           "sluice/2 p=ours"}) {
    const auto read = decode_position_metadata(text, 100);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().find("another consumer group"), std::string::npos);
  }
}

TEST(PositionMetadata, AFingerprintTellsRecordsApart) {
  const auto of = [](std::string_view key, std::string_view value) {
    return fingerprint_of({5, 1'000, key, value, {}});
  };
  EXPECT_EQ(of("k", "v"), of("k", "v"));
  EXPECT_NE(of("k", "v"), of("k", "w"));
  EXPECT_NE(of("k", "v"), of("v", "k"));
}

} // namespace
} // namespace sluice::kafka
