#include "bench/fingerprint.hpp"

#include <gtest/gtest.h>

namespace sluice::bench {
namespace {

TEST(Fingerprint, Crc32IsTheOneOfClickHouse) {
  // The check value of the polynomial (Koopman's and Williams' tables).
  EXPECT_EQ(crc32_of("123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32_of(""), 0U);
}

TEST(Fingerprint, WordsAreSummedAndTheRestIsFilledUp) {
  EXPECT_EQ(word_sum(""), 0U);
  EXPECT_EQ(word_sum("a"), 0x61U);
  EXPECT_EQ(word_sum(std::string_view{"\1\0\0\0\0\0\0\0\2", 9}), 3U);
}

TEST(Fingerprint, TotalsDoNotDependOnTheOrder) {
  table_totals forth;
  forth.add("a");
  forth.add("b");
  table_totals back;
  back.add("b");
  back.add("a");
  EXPECT_EQ(forth, back);
  back.add("c");
  EXPECT_NE(forth, back);
}

} // namespace
} // namespace sluice::bench
