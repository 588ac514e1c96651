#include "cli/node_choice.hpp"

#include <gmock/gmock.h>

namespace sluice::cli {
namespace {

using testing::HasSubstr;

status::node_entry with_data(const std::string& directory) {
  status::node_entry result;
  result.data_directory = directory;
  return result;
}

TEST(NodeChoice, ComparesDataDirectoriesAsPlacesNotAsText) {
  const std::vector nodes = {with_data("/srv/a"), with_data("/srv/b")};
  const auto found = with_data_directory(nodes, "/srv/x/../b/");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].data_directory, "/srv/b");
  EXPECT_TRUE(with_data_directory(nodes, "/srv/c").empty());
}

TEST(NodeChoice, ComparesRelativeDirectoriesWithAbsoluteOnes) {
  const auto here = std::filesystem::absolute("some-data").string();
  EXPECT_EQ(with_data_directory({with_data(here)}, "some-data").size(), 1U);
}

TEST(NodeChoice, TakesTheOnlyNodeOrNone) {
  EXPECT_FALSE(only_node({}).value());
  EXPECT_EQ(only_node({with_data("/srv/a")}).value()->data_directory, "/srv/a");
}

TEST(NodeChoice, AsksWhichOfSeveralIsMeant) {
  const auto chosen = only_node({with_data("/srv/a"), with_data("/srv/b")});
  ASSERT_FALSE(chosen);
  EXPECT_THAT(chosen.error(), HasSubstr("--data (/srv/a, /srv/b)"));
}

} // namespace
} // namespace sluice::cli
