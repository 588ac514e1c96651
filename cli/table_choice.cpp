#include "cli/table_choice.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "topology/nearest.hpp"

namespace sluice::cli {

tl::expected<const topology::table*, std::string>
choose_table(const topology::topology& what, const std::string& name) {
  const auto found =
      std::ranges::find(what.tables, name, &topology::table::name);
  if (found != what.tables.end())
    return &*found;
  std::vector<std::string_view> names;
  for (const auto& table : what.tables)
    names.emplace_back(table.name);
  return tl::unexpected{"pipeline " + what.pipeline + " has no table '" + name
                        + "'" + topology::advice(name, names)};
}

} // namespace sluice::cli
