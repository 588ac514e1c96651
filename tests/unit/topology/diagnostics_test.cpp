// A file with mistakes of every kind, against what a person is told about it.
#include <filesystem>
#include <fstream>

#include "tests/unit/topology/reading.hpp"

namespace sluice::topology {

namespace {

const std::filesystem::path data =
    std::filesystem::path{SLUICE_TEST_DATA} / "topology";

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream stream{file};
  EXPECT_TRUE(stream) << file;
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  return lines;
}

} // namespace

TEST(Diagnostics, AllMistakesOfAFileAreToldInItsOrder) {
  const auto file = data / "dozen_mistakes.yaml";
  const auto result = read_file(file, testing::environment_of({}));
  ASSERT_FALSE(result.has_value());
  std::vector<std::string> told;
  for (auto mistake : result.error()) {
    EXPECT_EQ(mistake.file, file.string());
    mistake.file = file.filename().string();
    told.push_back(to_string(mistake));
  }
  EXPECT_EQ(told, lines_of(data / "dozen_mistakes.expected"));
}

} // namespace sluice::topology
