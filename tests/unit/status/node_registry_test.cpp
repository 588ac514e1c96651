#include "status/node_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "status/process_start.hpp"

namespace sluice::status {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class NodeRegistry : public testing::Test {
protected:
  void SetUp() override {
    auto name = (fs::temp_directory_path() / "registry-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    base_ = name;
    directory_ = base_ / "sluice-0";
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(base_, ignored);
  }

  static node_entry entry(const std::string& pipeline) {
    return {pipeline,
            "commerce.yaml",
            "http://127.0.0.1:1",
            "kafka:9092",
            "embedded",
            "/data",
            0,
            instant{1771545600000ms}};
  }

  void put(const std::string& name, const std::string& text) const {
    fs::create_directory(directory_);
    fs::permissions(directory_, fs::perms::owner_all);
    std::ofstream{directory_ / name} << text;
  }

  fs::path base_;
  fs::path directory_;
};

TEST_F(NodeRegistry, FindsANodeForAsLongAsItIsRegistered) {
  {
    const auto self = registration::write(entry("commerce"), directory_);
    ASSERT_TRUE(self) << self.error();
    const auto nodes = find_nodes(std::nullopt, directory_).value();
    ASSERT_THAT(nodes, SizeIs(1));
    auto wanted = entry("commerce");
    wanted.pid = ::getpid();
    EXPECT_EQ(nodes[0], wanted);
    EXPECT_THAT(find_nodes("commerce", directory_).value(), SizeIs(1));
    EXPECT_THAT(find_nodes("other", directory_).value(), IsEmpty());
  }
  EXPECT_THAT(find_nodes(std::nullopt, directory_).value(), IsEmpty());
}

TEST_F(NodeRegistry, KnowsWhereTheLastNodeOfAPipelineHadItsData) {
  const auto data = directory_.parent_path();
  auto node = entry("commerce");
  node.data_directory = data.string();
  EXPECT_FALSE(last_data_directory("commerce", directory_));
  { const auto self = registration::write(node, directory_).value(); }
  EXPECT_EQ(last_data_directory("commerce", directory_), data);
  EXPECT_FALSE(last_data_directory("other", directory_));
  node.data_directory = (directory_ / "gone").string();
  { const auto self = registration::write(node, directory_).value(); }
  EXPECT_FALSE(last_data_directory("commerce", directory_));
}

TEST_F(NodeRegistry, AnothersDraftOfTheSameFileIsNotInTheWay) {
  // Nodes of a pipeline that start together each write where the last one was.
  put("any", "");
  fs::create_directories(directory_ / "commerce.last.new" / "kept");
  const auto written = registration::write(entry("commerce"), directory_);
  EXPECT_TRUE(written) << written.error();
}

TEST_F(NodeRegistry, MovesARegistrationWithoutLosingIt) {
  auto first = registration::write(entry("commerce"), directory_).value();
  {
    const auto second = std::move(first);
    EXPECT_THAT(find_nodes(std::nullopt, directory_).value(), SizeIs(1));
  }
  EXPECT_THAT(find_nodes(std::nullopt, directory_).value(), IsEmpty());
}

TEST_F(NodeRegistry, ARegistrationWrittenAnewShowsTheNewEntry) {
  auto self = registration::write(entry("commerce"), directory_).value();
  auto later = entry("commerce");
  later.kafka_brokers = "127.0.0.1:9";
  self = registration::write(later, directory_).value();
  const auto nodes = find_nodes(std::nullopt, directory_).value();
  ASSERT_THAT(nodes, SizeIs(1));
  EXPECT_EQ(nodes[0].kafka_brokers, "127.0.0.1:9");
}

TEST_F(NodeRegistry, IsThisUsersAlone) {
  const auto self = registration::write(entry("commerce"), directory_);
  ASSERT_TRUE(self);
  EXPECT_EQ(fs::status(directory_).permissions() & fs::perms::all,
            fs::perms::owner_all);
}

TEST_F(NodeRegistry, WithoutDirectoryHasNoNodes) {
  EXPECT_THAT(find_nodes(std::nullopt, directory_).value(), IsEmpty());
}

TEST_F(NodeRegistry, DeletesFilesOfProcessesThatAreGone) {
  // Process ids end at 4,194,304 (proc(5), pid_max).
  put("9999999.json",
      R"({"pipeline":"p","topology_file":"","status_url":"","kafka_brokers":"",
          "clickhouse_url":"","data_directory":"","pid":9999999,"started":1,
          "start_ticks":5})");
  EXPECT_THAT(find_nodes(std::nullopt, directory_).value(), IsEmpty());
}

TEST_F(NodeRegistry, DoesNotTakeALaterProcessForTheNode) {
  const auto pid = std::to_string(::getpid());
  put(pid + ".json",
      R"({"pipeline":"p","topology_file":"","status_url":"","kafka_brokers":"",
          "clickhouse_url":"","data_directory":"","started":1,"start_ticks":5,
          "pid":)"
          + pid + "}");
  EXPECT_THAT(find_nodes(std::nullopt, directory_).value(), IsEmpty());
}

TEST_F(NodeRegistry, PassesOverWhatItCannotRead) {
  put("1.json", "{");
  put("2.json", R"({"pipeline":7})");
  put("3.json", "[]");
  put("notes.txt", "x");
  EXPECT_THAT(find_nodes(std::nullopt, directory_).value(), IsEmpty());
}

TEST_F(NodeRegistry, RefusesADirectoryThatIsOpenToOthers) {
  fs::create_directory(directory_);
  fs::permissions(directory_, fs::perms::all);
  const auto self = registration::write(entry("commerce"), directory_);
  ASSERT_FALSE(self);
  EXPECT_THAT(self.error(), HasSubstr("chmod 700"));
  EXPECT_FALSE(find_nodes(std::nullopt, directory_));
}

TEST_F(NodeRegistry, RefusesALinkInPlaceOfTheDirectory) {
  const auto other = base_ / "other";
  fs::create_directory(other);
  fs::create_directory_symlink(other, directory_);
  const auto self = registration::write(entry("commerce"), directory_);
  ASSERT_FALSE(self);
  EXPECT_THAT(self.error(), HasSubstr("no directory"));
}

TEST_F(NodeRegistry, SaysWhichDirectoryItCannotCreate) {
  const auto self =
      registration::write(entry("commerce"), base_ / "absent" / "sluice-0");
  ASSERT_FALSE(self);
  EXPECT_THAT(self.error(), HasSubstr("absent/sluice-0"));
}

TEST(RegistryDirectory, IsInTheRuntimeDirectoryOrInTmp) {
  const auto name = "sluice-" + std::to_string(::geteuid());
  const auto* before = std::getenv("XDG_RUNTIME_DIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  EXPECT_EQ(default_registry_directory(), fs::path{"/run/user/7"} / name);
  ::unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(default_registry_directory(), fs::path{"/tmp"} / name);
  if (before != nullptr)
    ::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1);
}

TEST(ProcessStart, IsKnownOfThisProcessAndOfNoneThatIsGone) {
  EXPECT_TRUE(process_start(::getpid()));
  EXPECT_EQ(process_start(::getpid()), process_start(::getpid()));
  EXPECT_FALSE(process_start(9'999'999));
  EXPECT_FALSE(process_start(-1));
}

TEST(ProcessStart, IsReadBehindAnyName) {
  EXPECT_EQ(parse_process_start("7 (a b) c) d) S 1 2 3 4 5 6 7 8 9 10 11 12 13 "
                                "14 15 16 17 18 4242 20"),
            4242U);
  EXPECT_FALSE(parse_process_start(""));
  EXPECT_FALSE(parse_process_start("7 (x) S 1 2"));
  EXPECT_FALSE(parse_process_start("7 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 "
                                   "15 16 17 18 abc"));
}

} // namespace
} // namespace sluice::status
