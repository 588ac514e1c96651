#include "simulation/clickhouse_server.hpp"

#include <algorithm>

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;
using clickhouse::error;
using clickhouse::remedy;

error uncertain(const std::string& message) {
  return {remedy::retry, 0, true, message};
}

/// An exception of ClickHouse, judged as the product judges it.
error exception(int code, const std::string& message) {
  return {clickhouse::classify(code, message), code,
          clickhouse::is_outcome_uncertain(code), message};
}

std::string count_of(const std::vector<row>& rows) {
  return std::to_string(rows.size()) + " rows";
}

} // namespace

void clickhouse_server::create(const std::string& table, table_traits traits) {
  tables_[table].traits = traits;
}

void clickhouse_server::poison(const std::string& table, row_id what) {
  tables_.at(table).poisoned.insert(what);
}

bool clickhouse_server::is_poisoned(const std::string& table,
                                    const row_id& what) const {
  return tables_.at(table).poisoned.contains(what);
}

void clickhouse_server::drop_table(const std::string& table) {
  on_.out.line("clickhouse", [&] { return "table " + table + " is missing"; });
  tables_.at(table).missing = true;
}

void clickhouse_server::restore_table(const std::string& table) {
  on_.out.line("clickhouse", [&] { return "table " + table + " is back"; });
  tables_.at(table).missing = false;
}

void clickhouse_server::relieve() {
  for (auto& each : tables_)
    each.second.traits.rows_max = table_traits{}.rows_max;
}

void clickhouse_server::stall(instant end) {
  on_.out.line("clickhouse", [] { return "stands still"; });
  stalled_until_ = std::max(stalled_until_, end);
}

void clickhouse_server::restart(instant end) {
  on_.out.line("clickhouse", [] { return "is killed"; });
  down_until_ = std::max(down_until_, end);
  ++life_;
}

void clickhouse_server::insert(const std::string& table,
                               const actors::insert_block& work,
                               const answer& reply) {
  statement what{table, work.token, read_rows(*work.rows), reply};
  if (!work.only.empty())
    std::erase_if(what.rows, [&](const row& each) {
      return std::ranges::none_of(work.only, [&](const kafka::cut& range) {
        return each.offset >= range.lo && each.offset < range.hi;
      });
    });
  on_.out.line("clickhouse", [&] {
    return "is asked to insert " + count_of(what.rows) + " as " + what.token;
  });
  if (on_.strikes(on_.faults.insert_lost, "inserts lost")) {
    on_.out.line("clickhouse", [&] { return "never hears of " + what.token; });
    return this->reply(what, uncertain("timed out"), request_timeout);
  }
  on_.time.after(on_.hop(), [this, what] { arrive(what); });
}

void clickhouse_server::reply(const statement& what, const failure& error,
                              instant delay) {
  on_.out.line("clickhouse", [&] {
    return what.token + ": "
           + (error ? "'" + error->message + "'"
                          + (error->outcome_unknown ? " (unknown)" : "")
                    : std::string{"done"});
  });
  on_.time.after(delay, [=] { what.reply({error}); });
}

void clickhouse_server::arrive(statement what) {
  const auto now = on_.time.now();
  what.begun = now;
  if (now < down_until_) {
    ++on_.counts["connections refused"];
    return reply(what, error{remedy::retry, 0, false, "connection refused"},
                 on_.hop());
  }
  if (now < stalled_until_) {
    ++on_.counts["inserts into a stalled ClickHouse"];
    // The client gives up and the statement runs when ClickHouse goes on; or
    // the client is still there.
    const auto wait = stalled_until_ - now;
    if (wait < request_timeout)
      return on_.time.after(wait, [this, what] { arrive(what); });
    reply(what, uncertain("timed out"), request_timeout);
    if (on_.chance.chance(0.5) && wait < statement_lifetime)
      on_.time.after(wait, [this, what] { static_cast<void>(execute(what)); });
    return;
  }
  if (auto refused = refusal(what))
    return reply(what, refused, on_.hop());
  if (lose_outcome(what))
    return;
  // Between the statement's begin and its end ClickHouse may be killed.
  on_.time.after(on_.chance.within(1ms, 100ms), [this, what, life = life_] {
    if (life != life_ && on_.chance.chance(0.5))
      return reply(what, uncertain("connection reset"), on_.hop());
    auto failed = execute(what);
    if (life != life_)
      failed = uncertain("connection reset");
    reply(what, failed, on_.hop());
  });
}

/// What ClickHouse says before it looks at the token.
clickhouse_server::failure clickhouse_server::refusal(const statement& what) {
  const auto& table = tables_.at(what.table);
  if (table.missing)
    return exception(60, "Table " + what.table + " does not exist");
  if (on_.strikes(on_.faults.too_many_parts, "too many parts"))
    return exception(252, "Too many parts");
  if (what.rows.size() > table.traits.rows_max
      || on_.strikes(on_.faults.out_of_memory, "memory limits")) {
    ++on_.counts["blocks too large"];
    return exception(241, "Memory limit exceeded");
  }
  return std::nullopt;
}

/// The statement's end happens, but the client does not learn of it in time.
bool clickhouse_server::lose_outcome(const statement& what) {
  if (on_.strikes(on_.faults.insert_reply_lost, "insert replies lost")) {
    static_cast<void>(execute(what));
    on_.out.line("clickhouse",
                 [&] { return "the reply to " + what.token + " is lost"; });
    reply(what, uncertain("timed out"), request_timeout);
    return true;
  }
  if (on_.strikes(on_.faults.insert_done_later, "inserts done later")) {
    on_.time.after(
        on_.chance.within(request_timeout, statement_lifetime), [this, what] {
          on_.out.line("clickhouse", [&] { return "late: " + what.token; });
          static_cast<void>(execute(what));
        });
    reply(what, uncertain("timed out"), request_timeout);
    return true;
  }
  if (on_.strikes(on_.faults.insert_failed_inside, "5xx from a proxy")) {
    if (on_.chance.chance(0.5))
      static_cast<void>(execute(what));
    reply(what, uncertain("502 Bad Gateway"), on_.hop());
    return true;
  }
  return false;
}

clickhouse_server::failure clickhouse_server::execute(const statement& what) {
  auto& table = tables_.at(what.table);
  if (table.missing)
    return exception(60, "Table " + what.table + " does not exist");
  if (is_of_former_life(what)) {
    ++on_.counts["blocks of a former life"];
    // It has the former table in its hands, which takes it, for nothing.
    if (what.begun < table.since)
      return std::nullopt;
    return exception(469, "Constraint `sluice_epoch` for table " + what.table
                              + " is violated");
  }
  const auto poisoned = [&](const row& each) {
    return table.poisoned.contains({each.partition, each.offset});
  };
  if (std::ranges::any_of(what.rows, poisoned)) {
    ++on_.counts["blocks with a poison row"];
    return exception(469, "Constraint is violated");
  }
  // In the order in which ClickHouse meets the partitions in the block.
  std::vector<std::pair<int, std::vector<row>>> parts;
  for (const auto& each : what.rows) {
    const auto partition = static_cast<int>(each.id % table.traits.spread);
    auto found = std::ranges::find(parts, partition,
                                   [](const auto& part) { return part.first; });
    if (found == parts.end())
      found = parts.insert(parts.end(), {partition, {}});
    found->second.push_back(each);
  }
  const auto torn =
      parts.size() > 1 && on_.strikes(on_.faults.insert_torn, "torn inserts");
  const auto written =
      torn ? 1 + on_.chance.below(parts.size() - 1) : parts.size();
  for (std::size_t i = 0; i < written; ++i) {
    const auto partition = parts[i].first;
    // Without a token nothing is a duplicate of anything.
    const auto is_known = [&](const known_token& each) {
      return !what.token.empty() && each.token == what.token
             && each.partition == partition;
    };
    if (std::ranges::any_of(table.tokens, is_known)) {
      ++on_.counts["blocks dropped by their token"];
      on_.out.line("clickhouse", [&] {
        return "drops partition " + std::to_string(partition) + " of "
               + what.token + ": it is there";
      });
      continue;
    }
    write(table, parts[i].second);
    table.tokens.push_back({what.token, partition, on_.time.now()});
  }
  forget_tokens(table);
  merge(table);
  if (torn)
    return exception(241, "Memory limit exceeded, in the middle");
  return std::nullopt;
}

bool clickhouse_server::is_of_former_life(const statement& what) const {
  const auto least = tables_.at(what.table).least_epoch;
  return std::ranges::any_of(
      what.rows, [least](const row& each) { return each.epoch < least; });
}

bool clickhouse_server::reset(const std::string& table, std::uint16_t epoch) {
  auto& one = tables_.at(table);
  const auto now = on_.time.now();
  if (one.missing || now < down_until_ || now < stalled_until_)
    return false;
  on_.out.line("clickhouse", [&] {
    return "table " + table + " is empty, and takes epochs from "
           + std::to_string(epoch) + " on";
  });
  one.rows.clear();
  one.tokens.clear();
  one.least_epoch = epoch;
  one.since = now;
  return true;
}

void clickhouse_server::write(silver_table& table,
                              const std::vector<row>& rows) {
  for (const auto& each : rows) {
    auto& stored = table.rows[{each.partition, each.offset}];
    stored.what = each;
    ++stored.copies;
  }
}

void clickhouse_server::forget_tokens(silver_table& table) {
  while (table.tokens.size() > table.traits.window
         && table.tokens.front().since + remembered_for < on_.time.now()) {
    table.tokens.pop_front();
    ++on_.counts["tokens forgotten"];
  }
}

/// A row that a newer one of its key has replaced goes, now and then.
void clickhouse_server::merge(silver_table& table) {
  if (!table.traits.replacing || !on_.chance.chance(0.2))
    return;
  std::map<std::int64_t, std::uint64_t> newest;
  for (const auto& each : table.rows) {
    auto& version = newest[each.second.what.id];
    version = std::max(version, each.second.what.version);
  }
  on_.counts["rows replaced in merges"] +=
      std::erase_if(table.rows, [&](const auto& each) {
        return each.second.what.version < newest.at(each.second.what.id);
      });
}

} // namespace sluice::simulation
