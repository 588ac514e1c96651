// start: of a table.
#include "tests/unit/topology/reading.hpp"

namespace sluice::topology {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::mistakes_in;
using testing::read_valid;
using testing::with_table;

namespace {

std::string starting(const std::string& start) {
  return with_table("    topic: a\n    mode: append\n"
                    "    columns: {id: Int64, at: DateTime, c: String}\n"
                    "    start: "
                    + start + "\n");
}

} // namespace

TEST(TableStart, IsAnEndOfTheLogAnOffsetOrATime) {
  using kind = table_start::kind;
  const auto start_of = [](const std::string& text) {
    return read_valid(starting(text)).tables.at(0).start;
  };
  EXPECT_EQ(start_of("earliest"), table_start{});
  EXPECT_EQ(start_of("latest").from, kind::latest);
  EXPECT_EQ(start_of("1_000"), (table_start{kind::offset, 1000, {}}));
  EXPECT_EQ(start_of("0"), (table_start{kind::offset, 0, {}}));
  const std::chrono::sys_seconds six =
      std::chrono::sys_days{std::chrono::year{2026} / 2 / 18}
      + std::chrono::hours{6};
  EXPECT_EQ(start_of("2026-02-18T06:00:00Z"),
            (table_start{kind::timestamp, 0, six}));
  EXPECT_EQ(start_of("2026-02-18").from, kind::timestamp);
}

TEST(TableStart, WhatIsNoneIsRefused) {
  for (const std::string text :
       {"-1", "newest", "2026-13-01", "1.5", "9999999999999999999999"})
    EXPECT_THAT(mistakes_in(starting(text)),
                ElementsAre("7:12: 'start' in table 't' must be earliest, "
                            "latest, an offset, or a time such as "
                            "2026-02-18T06:00:00Z, but '"
                            + text + "' stands there"));
  EXPECT_THAT(mistakes_in(starting("[latest]")),
              ElementsAre(HasSubstr("but a list stands there")));
}

} // namespace sluice::topology
