// clickhouse_server: what an inserter asks about the rows that are there.
#include <algorithm>

#include "simulation/clickhouse_server.hpp"

namespace sluice::simulation {

namespace {

using clickhouse::error;
using clickhouse::remedy;

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

} // namespace sluice::simulation
