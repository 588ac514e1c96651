#include "cli/dlq_topic.hpp"

#include <gmock/gmock.h>

namespace sluice::cli {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

/// Has a record at every even offset.
class even_log : public kafka::record_fetcher {
public:
  tl::expected<std::vector<std::optional<kafka::owned_record>>, std::string>
  fetch(const kafka::topic_partition& where,
        std::span<const std::int64_t> offsets,
        std::chrono::milliseconds) override {
    ++requests;
    largest = std::max(largest, offsets.size());
    if (where.partition == broken_partition)
      return tl::unexpected(std::string{"no broker"});
    std::vector<std::optional<kafka::owned_record>> result;
    for (const auto offset : offsets) {
      result.emplace_back();
      if (offset % 2 != 0)
        continue;
      auto& record = result.back().emplace();
      record.where = where;
      record.offset = offset;
    }
    return result;
  }
  tl::expected<std::int64_t, std::string>
  offset_at(const kafka::topic_partition&, std::int64_t,
            std::chrono::milliseconds) override {
    return tl::unexpected(std::string{"not asked for"});
  }
  tl::expected<std::optional<std::int64_t>, std::string>
  expiry_of(const kafka::topic_partition&, std::int64_t,
            std::chrono::milliseconds) override {
    return tl::unexpected(std::string{"not asked for"});
  }

  std::int32_t broken_partition = -1;
  std::size_t requests = 0;
  std::size_t largest = 0;
};

class ScanLog : public testing::Test {
protected:
  auto scan(const log_goals& logs) {
    return scan_log(log_, logs, [this](const kafka::owned_record& record) {
      seen_.push_back(kafka::to_string(record.where) + ":"
                      + std::to_string(record.offset));
    });
  }

  even_log log_;
  std::vector<std::string> seen_;
};

TEST_F(ScanLog, SeesEveryRecordOfEveryPartitionOnce) {
  ASSERT_TRUE(
      scan({{{"d", 0}, {3, 7}}, {{"d", 1}, {5, 5}}, {{"d", 2}, {0, 1}}}));
  EXPECT_THAT(seen_, ElementsAre("d/0:4", "d/0:6", "d/2:0"));
}

TEST_F(ScanLog, AsksForSomeAtATime) {
  ASSERT_TRUE(scan({{{"d", 0}, {100, 1'101}}}));
  EXPECT_THAT(seen_, SizeIs(501));
  EXPECT_EQ(seen_.back(), "d/0:1100");
  EXPECT_LE(log_.largest, 200U);
  EXPECT_EQ(log_.requests, 6U);
}

TEST_F(ScanLog, EndsWithTheFirstFailure) {
  log_.broken_partition = 1;
  const auto done =
      scan({{{"d", 0}, {0, 1}}, {{"d", 1}, {0, 1}}, {{"d", 2}, {0, 1}}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "no broker");
  EXPECT_THAT(seen_, ElementsAre("d/0:0"));
}

} // namespace
} // namespace sluice::cli
