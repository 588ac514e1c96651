#include <gmock/gmock.h>

#include "silver/ddl.hpp"

namespace sluice::silver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using topology::on_invalid;
using topology::time_unit;

topology::column column(std::string type) {
  topology::column result;
  result.name = "c";
  result.type = std::move(type);
  return result;
}

std::vector<std::string> losses(const topology::column& column) {
  topology::table table;
  table.name = "t";
  table.mode = topology::table_mode::append;
  table.columns = {column};
  return mapping_losses(lay_out(table).value(), 0);
}

std::vector<std::string> losses(std::string type, time_unit unit,
                                on_invalid policy) {
  auto item = column(std::move(type));
  item.unit = unit;
  item.invalid = policy;
  return losses(item);
}

TEST(MappingLosses, TextIsKeptWhole) {
  EXPECT_THAT(losses(column("Nullable(String)")), IsEmpty());
  EXPECT_THAT(losses(column("String")),
              ElementsAre("null goes to the dead-letter topic"));
}

TEST(MappingLosses, TimesNameTheirRangeAndTheirTick) {
  EXPECT_THAT(
      losses("Nullable(DateTime64(3))", time_unit::us, on_invalid::reject),
      ElementsAre(
          "times outside 1900-01-01 00:00:00 to 2299-12-31 23:59:59 UTC "
          "go to the dead-letter topic",
          "fractions finer than a millisecond go to the dead-letter "
          "topic"));
  EXPECT_THAT(losses("Nullable(DateTime)", time_unit::s, on_invalid::clamp),
              ElementsAre("times outside 1970-01-01 00:00:00 to 2106-02-07 "
                          "06:28:15 UTC become the nearest value that fits"));
  EXPECT_THAT(
      losses("Nullable(DateTime64(9))", time_unit::ns, on_invalid::null),
      ElementsAre(
          "times outside 1900-01-01 00:00:00 to 2262-04-11 23:47:16 UTC "
          "become NULL"));
}

TEST(MappingLosses, ATimeOfTheColumnsOwnUnitLosesNoFraction) {
  EXPECT_EQ(losses("Nullable(DateTime64(6))", time_unit::us, on_invalid::reject)
                .size(),
            1U);
  EXPECT_EQ(losses("Nullable(DateTime64(6))", time_unit::ns, on_invalid::clamp)
                .back(),
            "fractions finer than a microsecond are cut off");
  EXPECT_EQ(losses("Nullable(DateTime64(6))", time_unit::automatic,
                   on_invalid::reject)
                .size(),
            2U);
}

TEST(MappingLosses, DatesLoseTheTimeOfDayUnlessTheyComeAsDays) {
  EXPECT_THAT(losses("Date", time_unit::ms, on_invalid::clamp),
              ElementsAre("dates outside 1970-01-01 to 2149-06-06 become the "
                          "nearest value that fits",
                          "times of day other than 00:00 UTC are cut off",
                          "null goes to the dead-letter topic"));
  EXPECT_THAT(losses("Nullable(Date32)", time_unit::days, on_invalid::reject),
              ElementsAre("dates outside 1900-01-01 to 2299-12-31 go to the "
                          "dead-letter topic"));
}

TEST(MappingLosses, NumbersNameWhatDoesNotFit) {
  EXPECT_THAT(
      losses(column("Nullable(UInt8)")),
      ElementsAre("integers outside 0 to 255 go to the dead-letter topic",
                  "numbers with a fraction go to the dead-letter topic"));
  EXPECT_THAT(losses(column("Nullable(Decimal(10, 2))")),
              ElementsAre("numbers with more than 8 digits before the point "
                          "go to the dead-letter topic",
                          "numbers with more than 2 digits after the point "
                          "go to the dead-letter topic"));
  EXPECT_EQ(losses("Nullable(Decimal(10, 2))", time_unit::automatic,
                   on_invalid::clamp)
                .back(),
            "digits after the point beyond the first 2 are cut off");
  EXPECT_THAT(losses(column("Nullable(Float32)")),
              ElementsAre("numbers are rounded to 24 bits (about 7 digits)"));
}

TEST(MappingLosses, TextThatMustBeSomethingElseIsNamed) {
  EXPECT_THAT(losses(column("Nullable(UUID)")),
              ElementsAre("text that is no UUID goes to the dead-letter "
                          "topic"));
  EXPECT_THAT(losses("Nullable(Bool)", time_unit::automatic, on_invalid::null),
              ElementsAre("anything but true, false, 1 and 0 becomes NULL"));
}

TEST(MappingLosses, ArraysLoseWhatTheirElementsLose) {
  EXPECT_THAT(
      losses(column("Array(Nullable(Int8))")),
      ElementsAre(
          "integers outside -128 to 127 go to the dead-letter topic",
          "numbers with a fraction go to the dead-letter topic",
          "a null in place of the array goes to the dead-letter topic"));
}

TEST(MappingLosses, WhatComesFromKafkaItselfFits) {
  auto offset = column("Int64");
  offset.from = "@offset";
  EXPECT_THAT(losses(offset), IsEmpty());
  offset.type = "Int16";
  EXPECT_THAT(losses(offset),
              ElementsAre("integers outside -32768 to 32767 go to the "
                          "dead-letter topic"));
}

TEST(MappingLosses, ComputedColumnsLoseNothing) {
  auto computed = column("Int8");
  computed.computed = "1 + 1";
  EXPECT_THAT(losses(computed), IsEmpty());
}

} // namespace
} // namespace sluice::silver
