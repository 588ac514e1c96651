#include "cli/record_files.hpp"

#include <fstream>

#include <gmock/gmock.h>

#include "cli/scratch_directory.hpp"

namespace sluice::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RecordFiles : public testing::Test {
protected:
  std::string file(const std::string& name, const std::string& text) {
    const auto path = scratch_->path() / name;
    std::ofstream{path} << text;
    return path.string();
  }

  tl::expected<scratch_directory, std::string> scratch_ =
      scratch_directory::make();
};

TEST_F(RecordFiles, AreReadOneAfterTheOther) {
  record_files files{{file("a", "{\"topic\":\"x\",\"key\":\"1\"}\n"),
                      file("empty", ""),
                      file("b", "{\"topic\":\"y\",\"value\":null}\n")}};
  EXPECT_EQ(files.next().value()->where.topic, "x");
  EXPECT_EQ(files.next().value()->where.topic, "y");
  EXPECT_FALSE(files.next().value());
  EXPECT_FALSE(files.next().value()) << "and stay at the end";
}

TEST_F(RecordFiles, AreReadThroughBeforeAnythingIsPlayed) {
  const auto good = file("a", "{\"topic\":\"x\"}\n{\"topic\":\"y\"}\n");
  EXPECT_THAT(topics_in({good}).value(), ElementsAre("x", "y"));
  const auto bad = file("b", "{\"topic\":\"x\"}\nnot JSON\n");
  EXPECT_THAT(topics_in({good, bad}).error(), HasSubstr(bad + ":2: "));
}

TEST_F(RecordFiles, MustExistAndHoldARecord) {
  EXPECT_THAT(topics_in({"/nowhere/a.jsonl"}).error(),
              HasSubstr("/nowhere/a.jsonl"));
  EXPECT_THAT(topics_in({file("empty", "\n\n")}).error(),
              HasSubstr("no record"));
}

TEST_F(RecordFiles, OfTheDemoNameItsTwoTopics) {
  const std::string demo = SLUICE_SOURCE_DIR "/config/demo/commerce.jsonl";
  EXPECT_THAT(topics_in({demo}).value(),
              ElementsAre("mongo.commerce.events", "postgres.public.users"));
}

TEST(ScratchDirectory, GoesWithAllThatIsInIt) {
  std::filesystem::path path;
  {
    const auto scratch = scratch_directory::make();
    ASSERT_TRUE(scratch) << scratch.error();
    path = scratch->path();
    std::filesystem::create_directories(path / "a" / "b");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

} // namespace
} // namespace sluice::cli
