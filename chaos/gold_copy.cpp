#include "chaos/gold_copy.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string_view>

#include "topology/named.hpp"

namespace sluice::chaos {

namespace {

using namespace std::chrono_literals;

constexpr auto debounce = 200ms;
// Many windows are dirty all the time; not all of them are to run all the time.
constexpr auto max_staleness = 3s;
// A fault must not park a window, nor keep it waiting.
constexpr topology::gold_retry retry{100, 500ms};
constexpr auto timeout = 2s;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Whether the SQL may read that table: the name stands there as a word. A
/// column or a text of that name is taken for it, too.
bool mentions(std::string_view sql, std::string_view name) {
  for (auto at = sql.find(name); at != std::string_view::npos;
       at = sql.find(name, at + 1)) {
    const auto end = at + name.size();
    if ((at == 0 || !is_word(sql[at - 1]))
        && (end == sql.size() || !is_word(sql[end])))
      return true;
  }
  return false;
}

bool follows(const topology::gold& gold, const std::string& table) {
  return gold.window.over_table == table
         || std::ranges::find(gold.joins, table, &topology::gold_join::table)
                != gold.joins.end()
         || std::ranges::find(gold.after, table) != gold.after.end();
}

/// Empty, or why nothing can be demanded of it.
std::string obstacle(const topology::topology& what,
                     const topology::gold& gold) {
  const auto unfollowed = [&](const auto& others) -> const std::string* {
    for (const auto& other : others)
      if (other.name != gold.name && !follows(gold, other.name)
          && mentions(gold.sql, other.name))
        return &other.name;
    return nullptr;
  };
  const auto* name = unfollowed(what.tables);
  if (name == nullptr)
    name = unfollowed(what.golds);
  if (name != nullptr)
    return "its SQL reads " + *name
           + ", whose changes do not run it again (children, dimensions and "
             "after say which do)";
  for (const auto& before : gold.after)
    if (topology::find_named(what.golds, before) == nullptr)
      return "it runs after " + before + ", which is left out";
  const auto* over = topology::find_named(what.tables, gold.window.over_table);
  const auto* time =
      over == nullptr
          ? nullptr
          : topology::find_named(over->columns, gold.window.over_column);
  if (time == nullptr || !time->is_read() || time->from.starts_with('@'))
    return "its event times are not in the records";
  if (std::ranges::find(over->key, time->name) != over->key.end())
    return "its event time is part of the key";
  return {};
}

void run_soon(topology::gold& gold, std::vector<std::string>& notes) {
  gold.trigger.clear();
  gold.on_watermark = false;
  gold.on_change = true;
  gold.refresh.clear();
  gold.debounce = debounce;
  gold.max_staleness = max_staleness;
  gold.catchup = false;
  gold.retry = retry;
  gold.timeout = timeout;
  const topology::gold_window plain;
  gold.window.start.reset();
  gold.window.start_is_date = false;
  gold.window.lateness = plain.lateness;
  gold.window.idle = plain.idle;
  gold.window.oldest = plain.oldest;
  gold.window.ahead = plain.ahead;
  gold.window.over_ttl.clear();
  for (auto& join : gold.joins) {
    if (join.appears != topology::on_join::rerun
        || join.changes != topology::on_join::rerun)
      notes.push_back("gold " + gold.name + ": changes of " + join.table
                      + " run its windows again, so that it can be judged");
    join.appears = topology::on_join::rerun;
    join.changes = topology::on_join::rerun;
  }
}

} // namespace

void make_comparable(topology::topology& what,
                     std::vector<std::string>& notes) {
  // What one needs may be gone after another was taken out.
  const auto first_obstructed = [&what] {
    return std::ranges::find_if(what.golds, [&](const auto& gold) {
      return !obstacle(what, gold).empty();
    });
  };
  for (auto found = first_obstructed(); found != what.golds.end();
       found = first_obstructed()) {
    notes.push_back("gold " + found->name
                    + " is left out: " + obstacle(what, *found));
    what.golds.erase(found);
  }
  for (auto& gold : what.golds)
    run_soon(gold, notes);
}

} // namespace sluice::chaos
