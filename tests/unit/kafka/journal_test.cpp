#include "kafka/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/crc32c.hpp"
#include "tests/unit/kafka/temporary_directory.hpp"

namespace sluice::kafka {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

using frames = std::vector<std::string>;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span{text});
}

tl::expected<std::pair<journal_file, frames>, std::string>
open_file(const std::filesystem::path& path) {
  frames seen;
  auto file = journal_file::open(
      path,
      [&](std::span<const std::byte> payload)
          -> tl::expected<void, std::string> {
        seen.emplace_back(reinterpret_cast<const char*>(payload.data()),
                          payload.size());
        return {};
      });
  if (!file)
    return tl::unexpected{file.error()};
  return std::pair{std::move(*file), seen};
}

void write_frames(const std::filesystem::path& path, const frames& all) {
  auto opened = open_file(path);
  ASSERT_TRUE(opened);
  for (const auto& text : all)
    ASSERT_TRUE(opened->first.append(bytes_of(text)));
  ASSERT_TRUE(opened->first.sync());
}

TEST(crc32c, gives_the_check_value_of_the_standard) {
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32c({}), 0U);
  // RFC 3720, B.4: 32 bytes of zeros.
  EXPECT_EQ(crc32c(bytes_of(std::string(32, '\0'))), 0x8A9136AAU);
}

TEST(journal_file, gives_back_what_was_appended) {
  temporary_directory place;
  auto path = place.path() / "f";
  write_frames(path, {"one", std::string(3'000'000, 'x'), "three"});
  auto again = open_file(path);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->second,
              ElementsAre("one", std::string(3'000'000, 'x'), "three"));
  EXPECT_EQ(again->first.notice(), "");
}

TEST(journal_file, every_torn_tail_is_cut_off_and_written_over) {
  temporary_directory place;
  auto path = place.path() / "f";
  write_frames(path, {"one", "two"});
  auto whole = read_all(path);
  const auto second = whole.size() - 8 - 3;
  for (auto size = second + 1; size < whole.size(); ++size) {
    write_all(path, whole.substr(0, size));
    auto opened = open_file(path);
    ASSERT_TRUE(opened) << opened.error();
    EXPECT_THAT(opened->second, ElementsAre("one"));
    EXPECT_THAT(opened->first.notice(), HasSubstr("cut off"));
    ASSERT_TRUE(opened->first.append(bytes_of("2")));
    EXPECT_THAT(open_file(path)->second, ElementsAre("one", "2"));
  }
}

TEST(journal_file, a_file_of_any_length_below_its_head_is_new) {
  temporary_directory place;
  auto path = place.path() / "f";
  for (std::size_t size = 0; size < 8; ++size) {
    write_all(path, std::string("SLUICEJ1").substr(0, size));
    auto opened = open_file(path);
    ASSERT_TRUE(opened);
    EXPECT_THAT(opened->second, IsEmpty());
  }
}

TEST(journal_file, zeros_after_the_last_frame_are_a_torn_tail) {
  temporary_directory place;
  auto path = place.path() / "f";
  write_frames(path, {"one"});
  write_all(path, read_all(path) + std::string(2'000'000, '\0'));
  auto opened = open_file(path);
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_THAT(opened->second, ElementsAre("one"));
}

TEST(journal_file, damage_before_the_end_is_an_error_wherever_it_is) {
  temporary_directory place;
  auto path = place.path() / "f";
  write_frames(path, {"first", "second", "third"});
  auto whole = read_all(path);
  // Head, lengths, checksums and payloads of all frames but the last.
  for (std::size_t at = 0; at < whole.size() - 8 - 5; ++at) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    write_all(path, damaged);
    auto opened = open_file(path);
    EXPECT_FALSE(opened) << "byte " << at;
    EXPECT_THAT(opened ? "" : opened.error(),
                HasSubstr("move the data directory away"));
    EXPECT_EQ(read_all(path), damaged) << "nothing may be thrown away";
  }
}

TEST(journal, refuses_names_that_are_no_topics) {
  temporary_directory place;
  auto log = journal::open(place.path()).value();
  for (const auto* name : {"", ".", "..", "a/b", "a b", "\xff"})
    EXPECT_FALSE(log->add_topic(name, 1)) << name;
  EXPECT_FALSE(log->add_topic("a", 0));
  EXPECT_TRUE(log->add_topic("a", 1));
}

TEST(journal, keeps_the_last_commit_of_each_partition_and_group) {
  temporary_directory place;
  {
    auto log = journal::open(place.path()).value();
    ASSERT_TRUE(log->add_topic("t", 2));
    // Enough to have the catalogue rewritten.
    for (int i = 0; i < 1100; ++i)
      ASSERT_TRUE(log->commit("g", {"t", 0}, i, std::string(4000, 'm')));
    ASSERT_TRUE(log->commit("h", {"t", 1}, 7, ""));
  }
  for (int round = 0; round < 2; ++round) {
    auto log = journal::open(place.path()).value();
    EXPECT_EQ(log->topics().at("t"), 2);
    auto commits = log->commits();
    EXPECT_EQ(commits.size(), 2U);
    EXPECT_EQ((commits[{"g", {"t", 0}}].offset), 1099);
    EXPECT_EQ((commits[{"h", {"t", 1}}].offset), 7);
  }
  EXPECT_LT(std::filesystem::file_size(place.path() / "catalog"), 20'000U);
}

TEST(journal, names_records_that_never_reached_it) {
  temporary_directory place;
  {
    auto log = journal::open(place.path()).value();
    ASSERT_TRUE(log->add_topic("t", 1));
    owned_record item{{"t", 0}, 0, 1, "k", "v", {}};
    ASSERT_TRUE(log->append(item));
    EXPECT_FALSE(log->append(item)) << "the same offset twice";
    item.offset = 5;
    ASSERT_TRUE(log->append(item));
  }
  auto log = journal::open(place.path()).value();
  EXPECT_THAT(log->notices(), ElementsAre(HasSubstr("4 records were lost")));
  EXPECT_EQ(log->end({"t", 0}), 6);
}

} // namespace

} // namespace sluice::kafka
