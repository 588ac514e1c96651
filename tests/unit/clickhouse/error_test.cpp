#include "clickhouse/error.hpp"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

namespace sluice::clickhouse {
namespace {

TEST(ExceptionCode, IsFoundWhereClickHouseWritesIt) {
  EXPECT_EQ(exception_code("Code: 60. DB::Exception: Table d.t does not exist. "
                           "(UNKNOWN_TABLE) (version 26.5.1.1)"),
            60);
  EXPECT_EQ(exception_code("Poco says:\nCode: 1000. DB::Exception"), 1000);
  EXPECT_EQ(exception_code("Error Code: x. Code: 241. DB::Exception"), 241);
}

TEST(ExceptionCode, IsZeroWhereThereIsNone) {
  for (const auto* text :
       {"", "Code: ", "Code: 60", "Code: .", "Code: -5.", "Code: 60x.",
        "Code: 99999999999999999999.", "code: 60.", "502 Bad Gateway"})
    EXPECT_EQ(exception_code(text), 0) << text;
}

TEST(Classify, Code252IsToldApartByItsText) {
  EXPECT_EQ(classify(252, "Code: 252. DB::Exception: Too many parts (3002 with "
                          "average size of 1 MiB) in table"),
            remedy::retry);
  EXPECT_EQ(classify(252, "Code: 252. DB::Exception: Too many partitions for "
                          "single INSERT block (more than 100)"),
            remedy::stop);
}

TEST(Classify, Code469IsToldApartByItsConstraint) {
  const auto violated = [](const std::string& name) {
    return "Code: 469. DB::Exception: Constraint `" + name
           + "` for table d.t is violated at row 1. Expression: (_epoch >= 4).";
  };
  EXPECT_EQ(classify(469, violated("positive")), remedy::reject);
  EXPECT_EQ(classify(469, violated("not_sluice_epoch")), remedy::reject);
  EXPECT_EQ(classify(469, violated("sluice_epoch")), remedy::stop);
  EXPECT_TRUE(is_of_former_life(469, violated("sluice_epoch")));
  EXPECT_FALSE(is_of_former_life(468, violated("sluice_epoch")));
}

TEST(Classify, ACodeThatNoOneKnowsIsRetried) {
  EXPECT_EQ(classify(0, "who knows"), remedy::retry);
  EXPECT_EQ(classify(987654, ""), remedy::retry);
  EXPECT_EQ(classify(-1, ""), remedy::retry);
}

struct documented_code {
  int code = 0;
  remedy what = remedy::retry;
  bool uncertain = false;
};

std::vector<documented_code> documented_codes() {
  std::ifstream page{SLUICE_SOURCE_DIR "/docs/clickhouse-errors.md"};
  std::vector<documented_code> result;
  auto section = remedy::retry;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## Stop"))
      section = remedy::stop;
    else if (line.starts_with("## Reject"))
      section = remedy::reject;
    else if (line.starts_with("## Split"))
      section = remedy::split;
    else if (line.starts_with("## Retry"))
      section = remedy::retry;
    documented_code row;
    if (std::istringstream cells{line};
        line.starts_with("| ") && cells.ignore(2) && cells >> row.code) {
      row.what = section;
      row.uncertain = line.find("*uncertain*") != std::string::npos;
      result.push_back(row);
    }
  }
  return result;
}

TEST(Classify, DoesWhatTheDocumentationSays) {
  const auto codes = documented_codes();
  ASSERT_GT(codes.size(), 80U);
  for (const auto& row : codes) {
    EXPECT_EQ(classify(row.code, ""), row.what) << row.code;
    EXPECT_EQ(is_outcome_uncertain(row.code), row.uncertain) << row.code;
  }
}

TEST(Classify, DoesNothingThatTheDocumentationDoesNotSay) {
  const auto codes = documented_codes();
  for (int code = 0; code < 2000; ++code) {
    const auto listed = std::ranges::find(codes, code, &documented_code::code);
    if (listed != codes.end())
      continue;
    EXPECT_EQ(classify(code, ""), remedy::retry) << code;
    EXPECT_FALSE(is_outcome_uncertain(code)) << code;
  }
}

TEST(Classify, AnUncertainOutcomeIsOnlyEverRetried) {
  for (int code = 1; code < 2000; ++code)
    EXPECT_TRUE(!is_outcome_uncertain(code)
                || classify(code, "") == remedy::retry)
        << code;
}

} // namespace
} // namespace sluice::clickhouse
