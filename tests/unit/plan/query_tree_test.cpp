#include "plan/query_tree.hpp"

#include <gmock/gmock.h>

namespace sluice::plan {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// As ClickHouse 26.5 prints it.
constexpr std::string_view text = R"(QUERY id: 0, is_distinct: 1
  PROJECTION
    LIST id: 1, nodes: 2
      COLUMN id: 2, column_name: user_id, result_type: Int32, source_id: 3
      FUNCTION id: 4, function_name: max, function_type: aggregate, result_type: DateTime64(3, \'UTC\')
        ARGUMENTS
          LIST id: 5, nodes: 1
            COLUMN id: 6, alias: u, column_name: user_id, result_type: Int32, source_id: 3
  JOIN TREE
    TABLE id: 3, alias: __table1, table_name: shop.events, final: 1
)";

TEST(QueryTree, HasItsNodesPartsAndAttributes) {
  const auto tree = parse_query_tree(text);
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->is("QUERY"));
  EXPECT_FALSE(tree->is("QUER"));
  EXPECT_EQ(tree->attribute("is_distinct"), "1");
  EXPECT_EQ(tree->attribute("distinct"), "");
  EXPECT_EQ(tree->part("GROUP BY"), nullptr);
  EXPECT_THAT(items_of(*tree, "GROUP BY"), IsEmpty());
  const auto yields = items_of(*tree, "PROJECTION");
  ASSERT_THAT(yields, SizeIs(2));
  EXPECT_EQ(yields[1]->attribute("function_name"), "max");
  const auto tables = find_all(*tree, "TABLE");
  ASSERT_THAT(tables, SizeIs(1));
  EXPECT_EQ(tables[0]->attribute("table_name"), "shop.events");
}

TEST(QueryTree, TheSameExpressionHasTheSameSignature) {
  const auto tree = parse_query_tree(text);
  ASSERT_TRUE(tree);
  const auto columns = find_all(*tree, "COLUMN");
  ASSERT_THAT(columns, SizeIs(2));
  EXPECT_EQ(signature(*columns[0]), signature(*columns[1]));
  EXPECT_NE(signature(*columns[0]),
            signature(*items_of(*tree, "PROJECTION")[1]));
}

TEST(QueryTree, WhatIsNoTreeIsRefused) {
  for (const auto* bad : {"", "  QUERY id: 0\n", "QUERY id: 0\nQUERY id: 1\n",
                          "QUERY id: 0\n      TABLE id: 1\n", "QUERY id: 0\n\n",
                          "QUERY id: 0\n   TABLE id: 1\n"})
    EXPECT_FALSE(parse_query_tree(bad)) << bad;
}

} // namespace
} // namespace sluice::plan
