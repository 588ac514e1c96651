// Records that are read by the shape of those before must come out as if each
// were parsed.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "cdc/debezium_decoder.hpp"
#include "cdc/json_scan.hpp"
#include "recorded_events.hpp"
#include "table_under_test.hpp"

namespace sluice::cdc_test {

namespace {

using cdc::verdict;

table_under_test users_table(bool is_log = false) {
  return table_under_test(
      {column("user_id", "Int32"), column("full_name", "Nullable(String)"),
       column("email", "Nullable(String)"),
       with(column("created_at", "Nullable(DateTime64(6))"), time_unit::us),
       with(column("updated_at", "Nullable(DateTime64(6))"), time_unit::us)},
      is_log ? std::vector<std::string>{}
             : std::vector<std::string>{"user_id"});
}

table_under_test all_types_table() {
  return table_under_test(
      {column("id", "Int64"), column("b", "Nullable(Bool)"),
       column("i8", "Nullable(Int64)"), column("f8", "Nullable(Float64)"),
       column("f8_text", "Nullable(String)", "f8"),
       column("n", "Nullable(Decimal(10, 2))"), column("d", "Nullable(Date32)"),
       with(column("ts", "Nullable(DateTime64(6))"), time_unit::us),
       column("tstz", "Nullable(DateTime64(6))"), column("u", "Nullable(UUID)"),
       column("no_such", "Nullable(String)")},
      {"id"});
}

/// What became of one record, in words.
std::string told(table_under_test& table, const recorded_event& event,
                 const std::optional<std::string>& value) {
  const auto outcome = table.decode(event.key, value, 7);
  std::string result = std::to_string(static_cast<int>(outcome.what)) + " "
                       + std::string(to_string(outcome.ignored)) + " "
                       + std::string(to_string(outcome.rejected)) + " "
                       + outcome.detail;
  for (const auto& row : table.rows(true))
    for (const auto& cell : row)
      result += "|" + cell;
  const auto counts = table.policies();
  return result + " " + std::to_string(counts.nulled) + " "
         + std::to_string(counts.clamped);
}

struct capture {
  table_under_test (*make)();
  std::vector<recorded_event> events;
};

std::vector<capture> captures() {
  const auto users = [] { return users_table(); };
  const auto log = [] { return users_table(true); };
  return {{users, recorded("json/postgres.public.users")},
          {log, recorded("json/postgres.public.users")},
          {users, recorded("json/pgschema.public.users")},
          {all_types_table, recorded("json/postgres.public.alltypes")}};
}

/// Changes a few characters, or puts in what another record has there.
std::string mutate(std::string text, const std::string& other,
                   std::mt19937_64& random) {
  static constexpr std::string_view spice =
      "{}[]\",:\\0123456789eE+-.tfnu \n\xFF\xC3/$_";
  const auto below = [&random](std::size_t limit) {
    return static_cast<std::size_t>(random() % (limit + 1));
  };
  const auto at = below(text.size() - 1);
  switch (below(4)) {
  case 0:
    text[at] = spice[below(spice.size() - 1)];
    break;
  case 1:
    text.insert(at, 1, spice[below(spice.size() - 1)]);
    break;
  case 2:
    text.erase(at, 1 + below(3));
    break;
  case 3:
    text.resize(at);
    break;
  default:
    if (at < other.size())
      text.replace(at, below(12), other.substr(at, below(12)));
  }
  return text;
}

TEST(shape, a_record_of_a_known_shape_gives_what_a_parsed_one_gives) {
  for (auto& [make, events] : captures()) {
    auto warm = make();
    for (int round = 0; round < 3; ++round)
      for (const auto& event : events) {
        auto cold = make();
        EXPECT_EQ(told(warm, event, event.value),
                  told(cold, event, event.value))
            << event.value.value_or("null");
      }
  }
}

TEST(shape, damage_is_noticed_in_a_record_of_a_known_shape) {
  std::mt19937_64 random(20261121);
  for (auto& [make, events] : captures()) {
    auto warm = make();
    for (const auto& event : events)
      (void)told(warm, event, event.value);
    for (int i = 0; i < 3000; ++i) {
      const auto& event = events[random() % events.size()];
      const auto& other = events[random() % events.size()];
      if (!event.value || !other.value)
        continue;
      const auto value = mutate(*event.value, *other.value, random);
      auto cold = make();
      ASSERT_EQ(told(warm, event, value), told(cold, event, value)) << value;
      // What it has learned from the damaged ones must not harm the others.
      ASSERT_EQ(told(warm, event, event.value), told(cold, event, event.value));
    }
  }
}

TEST(shape, a_row_that_lost_or_got_a_member_is_another_shape) {
  auto table = users_table();
  const auto decode = [&](const std::string& members) {
    return table.decode(std::nullopt, R"({"before":null,"after":{)" + members
                                          + R"(},"op":"c","ts_ms":1})");
  };
  for (int i = 0; i < 3; ++i) {
    decode(R"("user_id":1,"full_name":"A","email":"a@b")");
    decode(R"("user_id":2,"email":null)");
    decode(R"("user_id":3,"more":[1],"full_name":"C")");
    const auto rows = table.rows();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0][1], "A");
    EXPECT_EQ(rows[0][2], "a@b");
    EXPECT_EQ(rows[1][1], "NULL");
    EXPECT_EQ(rows[1][2], "NULL");
    EXPECT_EQ(rows[2][1], "C");
    EXPECT_EQ(rows[2][2], "NULL");
  }
}

TEST(shape, a_null_that_means_something_is_no_place_for_a_value) {
  auto table = users_table();
  const auto decode = [&](const std::string& source) {
    return table.decode(std::nullopt, R"({"after":{"user_id":1},"source":)"
                                          + source + R"(,"op":"c"})");
  };
  EXPECT_EQ(decode("null").what, verdict::upserted);
  EXPECT_EQ(decode("null").what, verdict::upserted);
  EXPECT_EQ(decode("7").rejected, cdc::reject_reason::no_envelope);
  EXPECT_EQ(decode("null").what, verdict::upserted);
}

TEST(json_scan, ends_a_string_at_its_quote_and_nowhere_else) {
  const auto length = [](const std::string& text) {
    const auto found = cdc::scan_string(text.data(), text.data() + text.size());
    return found.end ? found.end - text.data() : -1;
  };
  for (std::size_t pad = 0; pad < 20; ++pad) {
    const std::string before(pad, 'x');
    const auto n = static_cast<std::ptrdiff_t>(pad);
    EXPECT_EQ(length(before + "\""), n);
    EXPECT_EQ(length(before + "\"and behind it \" more"), n);
    EXPECT_EQ(length(before + "\\\"and\""), n + 5);
    EXPECT_EQ(length(before + "\\\\\"and"), n + 2);
    EXPECT_EQ(length(before + "\xC3\xA4\""), n + 2);
    EXPECT_EQ(length(before + "\xC3\""), -1) << "half a character";
    EXPECT_EQ(length(before + "\"\xC3 behind it"), n);
    EXPECT_EQ(length(before + "\n\""), -1) << "a control character";
    EXPECT_EQ(length(before + "\\\n\""), -1);
    EXPECT_EQ(length(before), -1);
    EXPECT_EQ(length(before + "\\"), -1);
    EXPECT_EQ(length(before + "\x7F\""), n + 1);
  }
}

TEST(json_scan, takes_the_numbers_of_the_grammar) {
  const auto length = [](const std::string& text) {
    const auto* end = cdc::scan_number(text.data(), text.data() + text.size());
    return end ? end - text.data() : -1;
  };
  for (const auto* good :
       {"0", "-0", "7", "-12", "123456789012345678901234567890", "0.5",
        "1.25e9", "1E+05", "1e-7", "12345678", "1234567.5",
        "-1234567890123456.7"})
    for (const auto* behind : {"", ",", "}", " ", "x"})
      EXPECT_EQ(length(std::string(good) + behind),
                static_cast<std::ptrdiff_t>(std::string(good).size()))
          << good << behind;
  for (const auto* bad : {"", "-", "01", "00", "-01", ".5", "1.", "1.e5", "1e",
                          "1e+", "+1", "x", "1234.x"})
    EXPECT_EQ(length(bad), -1) << bad;
}

} // namespace

} // namespace sluice::cdc_test
