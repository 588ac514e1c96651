// clickhouse_server: what an inserter asks about the rows that are there.
#include <algorithm>
#include <memory>
#include <unordered_map>

#include "simulation/clickhouse_server.hpp"

namespace sluice::simulation {

namespace {

using clickhouse::error;
using clickhouse::remedy;

error exception_of(int code, const std::string& message) {
  return {clickhouse::classify(code, message), code, false, message};
}

} // namespace

/// Why a question gets no answer at this moment.
clickhouse_server::failure clickhouse_server::unreachable() const {
  const auto now = on_.time.now();
  if (now < down_until_)
    return error{remedy::retry, 0, false, "connection refused"};
  if (now < stalled_until_)
    return error{remedy::retry, 0, true, "timed out"};
  return std::nullopt;
}

template <class Answer>
void clickhouse_server::answer_question(
    const std::string& table,
    const std::function<Answer(const silver_table&)>& look,
    const std::function<void(Answer)>& reply) {
  ++on_.counts["questions to silver"];
  const auto refuse = [this, reply](const error& why, instant after) {
    on_.time.after(after,
                   [reply, why] { reply(Answer{tl::make_unexpected(why)}); });
  };
  on_.time.after(on_.hop(), [=, this] {
    if (on_.strikes(on_.faults.insert_lost, "questions lost"))
      return refuse({remedy::retry, 0, true, "timed out"}, request_timeout);
    if (const auto why = unreachable())
      return refuse(*why, why->outcome_unknown ? request_timeout : on_.hop());
    const auto& asked = tables_.at(table);
    if (asked.missing)
      return refuse({clickhouse::classify(60, {}), 60, false,
                     "Table " + table + " does not exist"},
                    on_.hop());
    // What the answer says is true now, not when it arrives.
    on_.time.after(on_.hop(), [reply, answer = look(asked)] { reply(answer); });
  });
}

void clickhouse_server::ask(
    const std::string& table, const actors::ask_rows& what,
    const std::function<void(actors::rows_told)>& reply) {
  const auto look = [this, what, table](const silver_table& asked) {
    std::vector<std::int64_t> offsets;
    const row_id last{what.partition, what.range.hi};
    for (auto each = asked.rows.lower_bound({what.partition, what.range.lo});
         each != asked.rows.end() && each->first < last; ++each)
      if (each->second.what.epoch == what.epoch)
        offsets.push_back(each->first.second);
    on_.out.line("clickhouse", [&] {
      return table + " has " + std::to_string(offsets.size()) + " rows of "
             + std::to_string(what.partition) + "@"
             + std::to_string(what.range.lo) + "-"
             + std::to_string(what.range.hi);
    });
    return actors::rows_told{std::move(offsets)};
  };
  answer_question<actors::rows_told>(table, look, reply);
}

void clickhouse_server::ask(
    const std::string& table, const actors::ask_newest& what,
    const std::function<void(actors::newest_told)>& reply) {
  const auto look = [what](const silver_table& asked) {
    std::optional<std::int64_t> newest;
    for (auto each = asked.rows.lower_bound({what.partition, what.from});
         each != asked.rows.end() && each->first.first == what.partition;
         ++each)
      if (each->second.what.epoch == what.epoch)
        newest = each->first.second;
    return actors::newest_told{newest};
  };
  answer_question<actors::newest_told>(table, look, reply);
}

// -- event times --------------------------------------------------------------

std::vector<const row*>
clickhouse_server::shown(const std::string& table) const {
  std::unordered_map<std::int64_t, const row*> newest;
  for (const auto& [place, each] : tables_.at(table).rows) {
    auto& known = newest[each.what.id];
    if (known == nullptr || known->version < each.what.version)
      known = &each.what;
  }
  std::vector<const row*> result;
  for (const auto& [id, each] : newest)
    if (!each->deleted)
      result.push_back(each);
  return result;
}

namespace {

std::int64_t value_of(const row& of, const std::string& column) {
  return column == "id" ? of.id : of.link;
}

} // namespace

std::vector<const row*> clickhouse_server::rows_of(const table_rows& which) {
  const auto& table = tables_.at(which.table);
  const auto& condition = which.which;
  std::vector<const row*> result;
  if (which.as_they_are && table.traits.replacing)
    result = shown(which.table);
  else
    for (const auto& [place, each] : table.rows)
      result.push_back(&each.what);
  std::erase_if(result, [&](const row* each) {
    if (!condition.is_by_place())
      return !condition.values.contains(value_of(*each, condition.column));
    return each->partition != condition.partition
           || each->epoch != condition.epoch || !condition.holds(each->offset);
  });
  return result;
}

actors::times_found
clickhouse_server::times_of(const std::vector<marks::question>& what) {
  std::vector<std::vector<std::int64_t>> result;
  for (const auto& each : what) {
    auto question = parse_time_question(each.sql, "at");
    if (!question) {
      on_.violate("ClickHouse would not take a question for event times: "
                  + question.error());
      return {tl::make_unexpected(
          exception_of(62, "Syntax error: " + question.error()))};
    }
    for (const auto* table :
         {&question->over, question->joined ? &*question->joined : nullptr}) {
      if (table == nullptr)
        continue;
      const auto& asked = tables_.at(table->table);
      if (asked.missing)
        return {tl::make_unexpected(
            exception_of(60, "Table " + table->table + " does not exist"))};
      if (table->has_final && !asked.traits.replacing) {
        on_.violate("table " + table->table + " is asked with FINAL");
        return {tl::make_unexpected(exception_of(181, "Illegal FINAL"))};
      }
    }
    for (const auto& column :
         {question->over.which.column, question->joined_column})
      if (!column.empty() && column != "id" && column != "link") {
        on_.violate("there is no column " + column + " to ask for");
        return {tl::make_unexpected(exception_of(47, "Unknown identifier"))};
      }
    if (question->joined)
      for (const auto* joined : rows_of(*question->joined))
        question->over.which.values.insert(
            value_of(*joined, question->joined_column));
    std::set<std::int64_t> times;
    for (const auto* found : rows_of(question->over))
      times.insert(found->at - found->at % question->granule);
    result.emplace_back(times.begin(), times.end());
  }
  return {std::move(result)};
}

void clickhouse_server::ask(
    const std::vector<marks::question>& what,
    const std::function<void(actors::times_found)>& reply) {
  ++on_.counts["questions for event times"];
  const auto found = std::make_shared<actors::times_found>();
  send(
      "question for event times",
      [this, what, found]() -> failure {
        *found = times_of(what);
        if (found->times)
          return std::nullopt;
        return found->times.error();
      },
      [found, reply](const failure& failed) {
        if (failed)
          *found = {tl::make_unexpected(*failed)};
        reply(*found);
      });
}

} // namespace sluice::simulation
