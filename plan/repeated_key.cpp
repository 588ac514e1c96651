#include "plan/repeated_key.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "plan/words.hpp"

namespace sluice::plan {

namespace {

/// "COLUMN" of a source, as signature() would write a plain one's essentials.
struct column_name {
  std::string source;
  std::string name;
  auto operator<=>(const column_name&) const = default;
};

column_name column_of(const tree_node& node) {
  return {std::string{node.attribute("source_id")},
          std::string{node.attribute("column_name")}};
}

std::string id_of(const tree_node& node) {
  const auto from = node.text.find(" id: ") + 5;
  return node.text.substr(from, node.text.find(',', from) - from);
}

class reading {
public:
  reading(const tree_node& query, std::span<const std::size_t> key,
          const topology::topology& what)
      : query_{query}, what_{what}, yields_{items_of(query, "PROJECTION")} {
    for (const auto at : key)
      if (at < yields_.size())
        learn(*yields_[at]);
    conclude();
  }

  [[nodiscard]] key_finding find() const {
    if (!query_.is("QUERY") || !query_.attribute("group_by_type").empty()
        || !query_.attribute("is_group_by_with_totals").empty()
        || query_.part("LIMIT BY") != nullptr)
      return {};
    if (query_.part("GROUP BY") != nullptr)
      return compare(items_of(query_, "GROUP BY"), "it groups by ");
    if (std::ranges::any_of(yields_, has_aggregate))
      return {key_verdict::unique, {}};
    if (!query_.attribute("is_distinct").empty())
      return compare(yields_, "its DISTINCT rows also differ in ");
    return of_plain_rows();
  }

private:
  static bool has_aggregate(const tree_node* node) {
    return std::ranges::any_of(
        find_all(*node, "FUNCTION"), [](const tree_node* each) {
          return each->attribute("function_type") == "aggregate";
        });
  }

  void learn(const tree_node& node) {
    known_.insert(signature(node));
    if (node.is("COLUMN"))
      columns_.insert(column_of(node));
  }

  /// What follows from the columns that are known, until nothing more does.
  void conclude() {
    std::size_t before = 0;
    do {
      before = columns_.size();
      for (const auto* join : find_all(query_, "JOIN"))
        use(*join);
      for (const auto* table : find_all(query_, "TABLE"))
        use_key(*table);
    } while (columns_.size() > before);
  }

  /// Of columns that a join's condition demands to be equal, all are known when
  /// one is. An outer join has rows without a match, where only the side that
  /// it keeps tells something of the other, which is NULL or the default then.
  void use(const tree_node& join) {
    const auto* condition = join.part("JOIN EXPRESSION");
    if (condition == nullptr)
      return;
    const auto sources = telling_sources(join);
    for (const auto* each : find_all(*condition, "FUNCTION"))
      if (each->attribute("function_name") == "equals"
          && is_demanded(*condition))
        make_equal(items_of(*each, "ARGUMENTS"), sources);
    // USING: a column of the join itself, and those it is made of.
    for (const auto* each : find_all(*condition, "COLUMN")) {
      auto same = items_of(*each, "EXPRESSION");
      if (same.empty())
        continue;
      same.push_back(each);
      make_equal(same, sources);
    }
  }

  static void add_sources(const tree_node& node, std::set<std::string>& to) {
    for (const auto* kind :
         {"TABLE", "QUERY", "UNION", "JOIN", "ARRAY_JOIN", "TABLE_FUNCTION"})
      for (const auto* each : find_all(node, kind))
        to.insert(id_of(*each));
  }

  static std::set<std::string> telling_sources(const tree_node& join) {
    const auto kind = join.attribute("kind");
    std::set<std::string> result;
    if (kind == "FULL")
      return result;
    result.insert(id_of(join));
    for (const auto& [name, other] :
         {std::pair{"LEFT TABLE EXPRESSION", "RIGHT"},
          std::pair{"RIGHT TABLE EXPRESSION", "LEFT"}})
      if (const auto* side = join.part(name); side != nullptr && kind != other)
        add_sources(*side, result);
    return result;
  }

  /// No OR or NOT around the equalities.
  static bool is_demanded(const tree_node& condition) {
    return std::ranges::all_of(
        find_all(condition, "FUNCTION"), [](const tree_node* each) {
          const auto name = each->attribute("function_name");
          return name != "or" && name != "not" && name != "xor" && name != "if";
        });
  }

  void make_equal(const std::vector<const tree_node*>& nodes,
                  const std::set<std::string>& telling) {
    const auto is_column = [](const auto* each) { return each->is("COLUMN"); };
    const auto tells = [&](const auto* each) {
      const auto column = column_of(*each);
      return telling.contains(column.source) && columns_.contains(column);
    };
    if (!std::ranges::all_of(nodes, is_column)
        || std::ranges::none_of(nodes, tells))
      return;
    for (const auto* each : nodes)
      columns_.insert(column_of(*each));
  }

  void use_key(const tree_node& node) {
    const auto* table = table_of(node, what_);
    if (table == nullptr || table->mode != topology::table_mode::latest)
      return;
    const auto source = id_of(node);
    const auto is_known = [&](const std::string& name) {
      return columns_.contains({source, name});
    };
    if (!std::ranges::all_of(table->key, is_known))
      return;
    for (const auto& each : table->columns)
      columns_.insert({source, each.name});
  }

  [[nodiscard]] bool follows(const tree_node& node) const {
    if (node.is("CONSTANT") || known_.contains(signature(node)))
      return true;
    if (node.is("COLUMN"))
      return columns_.contains(column_of(node));
    const auto arguments = items_of(node, "ARGUMENTS");
    return node.is("FUNCTION") && node.attribute("function_type") == "ordinary"
           && !arguments.empty()
           && std::ranges::all_of(
               arguments, [this](const auto* each) { return follows(*each); });
  }

  [[nodiscard]] key_finding compare(const std::vector<const tree_node*>& with,
                                    std::string_view begin) const {
    std::vector<std::string> besides;
    for (const auto* each : with)
      if (!follows(*each))
        besides.push_back(words_of(*each));
    if (besides.empty())
      return {key_verdict::unique, {}};
    return {key_verdict::can_repeat, std::string{begin} + joined(besides)};
  }

  [[nodiscard]] static std::string words_of(const tree_node& node) {
    if (node.is("COLUMN"))
      return std::string{node.attribute("column_name")};
    return std::string{node.attribute("function_name")} + "(...)";
  }

  /// No aggregation: as many rows as the tables have.
  [[nodiscard]] key_finding of_plain_rows() const {
    const auto* from = query_.part("JOIN TREE");
    if (from == nullptr || from->children.size() != 1
        || !from->children.front().is("TABLE"))
      return {};
    const auto& node = from->children.front();
    const auto* table = table_of(node, what_);
    if (table == nullptr)
      return {};
    if (table->mode == topology::table_mode::latest
        && std::ranges::all_of(table->key, [&](const std::string& name) {
             return columns_.contains({id_of(node), name});
           }))
      return {key_verdict::unique, {}};
    return {key_verdict::can_repeat,
            "it yields a row for each row of " + table->name};
  }

  const tree_node& query_;
  const topology::topology& what_;
  std::vector<const tree_node*> yields_;
  /// Expressions, and columns, that have one value for each key.
  std::set<std::string> known_;
  std::set<column_name> columns_;
};

} // namespace

key_finding find_repeated_key(const tree_node& query,
                              std::span<const std::size_t> key,
                              const topology::topology& what) {
  return reading{query, key, what}.find();
}

const topology::table* table_of(const tree_node& node,
                                const topology::topology& what) {
  const auto name = node.attribute("table_name");
  for (const auto& each : what.tables)
    if (name == what.clickhouse.database + "." + each.name)
      return &each;
  return nullptr;
}

} // namespace sluice::plan
