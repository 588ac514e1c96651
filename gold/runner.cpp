#include "gold/runner.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <random>
#include <utility>

#include "gold/ddl.hpp"
#include "gold/expiry.hpp"
#include "gold/narrowing.hpp"
#include "gold/sql.hpp"
#include "gold/statements.hpp"
#include "gold/tab_separated.hpp"

namespace sluice::gold {

namespace {

using clickhouse::error;
using clickhouse::remedy;

// ClickHouse ends the query itself; the client waits a little longer for the
// news of it.
constexpr std::chrono::seconds answer_slack{30};

error refusal(remedy what, std::string message) {
  return {what, 0, false, std::move(message)};
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc{} || rest != end)
    return std::nullopt;
  return value;
}

/// One run: holds what its steps share. A step that fails ends the run.
class run {
public:
  run(clickhouse::client& on, const std::string& database,
      const topology::gold& g, const run_request& request, instant started)
      : on_(on), database_(database), gold_(g), request_(request),
        staging_(statements::staging_name(g, request.run_id)) {
    entry_.gold = g.name;
    entry_.what = request.what;
    entry_.run_id = request.run_id;
    entry_.attempt = request.attempt;
    entry_.trigger = request.trigger;
    entry_.node = request.node;
    entry_.started_at = started;
  }

  tl::expected<run_result, error> execute(const auto& clock) {
    auto failure = publish();
    // Not below zero: the clock may have been set back meanwhile.
    result_.duration =
        std::max(std::chrono::milliseconds{0}, clock() - entry_.started_at);
    if (staged_)
      note("staging table not dropped",
           send(statements::drop_staging(database_, staging_)));
    entry_.duration = result_.duration;
    entry_.state = failure ? run_state::failed : run_state::done;
    entry_.rows = failure ? 0 : result_.rows;
    entry_.error = failure ? failure->message : "";
    // The ledger could not hold the bounds of a window that is refused here.
    if (is_storable(request_.what))
      note("ledger not written", record());
    if (failure)
      return tl::unexpected(std::move(*failure));
    return result_;
  }

private:
  /// Everything up to the new rows being visible and the old ones gone.
  std::optional<error> publish() {
    const auto sql = render_sql(gold_.sql, request_.what, gold_.timezone);
    if (!sql)
      return refusal(remedy::stop, sql.error());
    if (!is_storable(request_.what))
      return refusal(remedy::stop, "the window " + to_string(request_.what)
                                       + " is outside of 1970 to 2106");
    if (auto failure = record())
      return failure;
    if (auto failure = sync_replicas())
      return failure;
    if (auto failure = read_clock())
      return failure;
    if (auto failure = check_expiry())
      return failure;
    if (auto failure = match_columns(*sql))
      return failure;
    if (auto failure = fill(*sql))
      return failure;
    if (auto failure = check_rows())
      return failure;
    if (gold_.partition != topology::gold_partition::window)
      if (auto failure = send(statements::copy_others(gold_, database_,
                                                      staging_, request_.what)))
        return failure;
    if (auto failure = send(statements::replace_partition(
            gold_, database_, staging_, request_.what)))
      return failure;
    note("replaced parts not deleted yet",
         send(statements::forget_replaced(gold_, database_)));
    return std::nullopt;
  }

  /// What the control log has told of is in the replica that took it; the one
  /// that is read from may be another.
  std::optional<error> sync_replicas() {
    const auto question = statements::replicated_sources(gold_, database_);
    if (question.empty())
      return std::nullopt;
    const auto tables = ask(question);
    if (!tables)
      return tables.error();
    for (const auto& row : parse_tab_separated(*tables))
      if (const auto done =
              ask(statements::sync_replica(database_, row.front()));
          !done)
        return done.error();
    return std::nullopt;
  }

  std::optional<error> read_clock() {
    const auto answer = ask(statements::server_clock());
    if (!answer)
      return answer.error();
    const auto row = first_row(*answer);
    const auto milliseconds =
        row ? parse_number<std::int64_t>(row->front()) : std::nullopt;
    if (!milliseconds)
      return refusal(remedy::retry,
                     "ClickHouse's clock reads '" + *answer + "'");
    result_.data_as_of = instant{std::chrono::milliseconds{*milliseconds}};
    entry_.data_as_of = result_.data_as_of;
    return std::nullopt;
  }

  /// An old result is worth more than what a TTL has left of its rows.
  std::optional<error> check_expiry() {
    const auto question = expiry_question(gold_, request_.what);
    if (!question)
      return std::nullopt;
    const auto answer = ask(*question);
    if (!answer && answer.error().what == remedy::retry)
      return answer.error();
    if (!answer)
      note("whether the TTL of " + gold_.window.over_table
               + " has taken rows of the window cannot be told",
           answer.error());
    const auto row = answer ? first_row(*answer) : std::nullopt;
    if (!row || row->front() != "1")
      return std::nullopt;
    return refusal(remedy::stop,
                   "the TTL of table " + gold_.window.over_table
                       + " takes rows of this window already: a run would "
                         "publish what is left of them");
  }

  std::optional<error> match_columns(const std::string& sql) {
    const auto answer =
        ask(statements::describe(sql),
            statements::select_settings(gold_.timezone, limit()));
    if (!answer)
      return answer.error();
    std::vector<std::string> names;
    for (auto& row : parse_tab_separated(*answer))
      names.push_back(std::move(row.front()));
    auto sources = match_result_columns(gold_, names);
    if (!sources)
      return refusal(remedy::stop, std::move(sources.error()));
    sources_ = std::move(*sources);
    return std::nullopt;
  }

  /// What is put behind the SQL so that less of the `over` table is read; empty
  /// where that is not known to change nothing. A question that fails is no
  /// failure of the run.
  std::string narrowed(const std::string& sql) {
    if (gold_.window.over_table.empty())
      return {};
    const auto options = statements::select_settings(gold_.timezone, limit());
    const auto key = ask(narrowing::key_question(gold_, database_));
    const auto name = key ? first_row(*key) : std::nullopt;
    if (!name)
      return {};
    const auto plan =
        ask(narrowing::plan_question(gold_, database_, sql), options);
    if (!plan
        || !narrowing::reads_window_only(parse_tab_separated(*plan), gold_,
                                         database_, request_.what))
      return {};
    const auto ranges = ask(narrowing::ranges_question(
                                gold_, database_, name->front(), request_.what),
                            options);
    const auto condition =
        ranges ? narrowing::filter(name->front(), parse_tab_separated(*ranges))
               : std::nullopt;
    return condition ? narrowing::clause(gold_, database_, *condition) : "";
  }

  std::optional<error> fill(const std::string& sql) {
    const auto less = narrowed(sql);
    // Set first: an unknown outcome may have made the table.
    staged_ = true;
    if (auto failure = send(create_staging(gold_, database_, staging_,
                                           request_.what, request_.run_id)))
      return failure;
    clickhouse::query_request request;
    request.sql = statements::fill_staging(gold_, database_, staging_, sql,
                                           sources_, result_.data_as_of)
                  + less;
    request.options = statements::select_settings(gold_.timezone, limit());
    request.query_id = "sluice-gold-" + request_.run_id;
    request.timeout = limit() + answer_slack;
    const auto answer = on_.query(request);
    if (!answer)
      return answer.error();
    return std::nullopt;
  }

  /// Counts the staged rows and looks for a key that occurs twice.
  std::optional<error> check_rows() {
    const auto count = ask(statements::count_staging(database_, staging_));
    if (!count)
      return count.error();
    const auto row = first_row(*count);
    const auto rows =
        row ? parse_number<std::uint64_t>(row->front()) : std::nullopt;
    if (!rows)
      return refusal(remedy::retry,
                     "the rows of the staging table read '" + *count + "'");
    result_.rows = *rows;
    if (gold_.key.empty())
      return std::nullopt;
    const auto twice =
        ask(statements::find_duplicate(gold_, database_, staging_));
    if (!twice)
      return twice.error();
    const auto example = first_row(*twice);
    if (!example)
      return std::nullopt;
    return refusal(remedy::reject, "the SQL yields the key " + example->back()
                                       + " " + example->front()
                                       + " times: group by the key ("
                                       + key_names() + "), or extend it");
  }

  std::string key_names() const {
    std::string result;
    for (const auto& name : gold_.key)
      result += (result.empty() ? "" : ", ") + name;
    return result;
  }

  std::chrono::milliseconds limit() const { return gold_.timeout; }

  static std::optional<std::vector<std::string>>
  first_row(const std::string& answer) {
    auto rows = parse_tab_separated(answer);
    if (rows.empty())
      return std::nullopt;
    return std::move(rows.front());
  }

  tl::expected<std::string, error> ask(std::string sql,
                                       clickhouse::settings options = {}) {
    clickhouse::query_request request;
    request.sql = std::move(sql);
    request.format = "TabSeparated";
    request.options = std::move(options);
    request.timeout = limit() + answer_slack;
    return on_.query(request);
  }

  std::optional<error> send(std::string sql) {
    clickhouse::query_request request;
    request.sql = std::move(sql);
    const auto answer = on_.query(request);
    if (!answer)
      return answer.error();
    return std::nullopt;
  }

  /// The ledger's row for this run as it stands; written again once if that
  /// fails, which is harmless: the same row replaces itself.
  std::optional<error> record() {
    auto failure = send(insert_entry(database_, entry_));
    if (failure && failure->what == remedy::retry)
      failure = send(insert_entry(database_, entry_));
    return failure;
  }

  void note(std::string_view what, const std::optional<error>& failure) {
    if (!failure)
      return;
    if (!result_.warning.empty())
      result_.warning += "; ";
    result_.warning.append(what).append(": ").append(failure->message);
  }

  clickhouse::client& on_;
  const std::string& database_;
  const topology::gold& gold_;
  const run_request& request_;
  std::string staging_;
  std::vector<std::string> sources_;
  bool staged_ = false;
  ledger_entry entry_;
  run_result result_;
};

} // namespace

std::string make_run_id(instant now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{now - day};
  std::random_device random;
  std::array<char, 64> buffer{};
  const auto size = std::snprintf(
      buffer.data(), buffer.size(), "%04d%02u%02uT%02d%02d%02d%03d-%08x",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()),
      static_cast<int>(time.subseconds().count()), random());
  return {buffer.data(), static_cast<std::size_t>(size)};
}

std::string make_run_id(std::int64_t term, std::uint64_t count) {
  std::array<char, 64> buffer{};
  const auto size = std::snprintf(
      buffer.data(), buffer.size(), "t%016lld-%08llu",
      static_cast<long long>(term), static_cast<unsigned long long>(count));
  return {buffer.data(), static_cast<std::size_t>(size)};
}

std::string make_run_id_after(std::string_view newest, instant now) {
  if (term_of(newest) < 0)
    return make_run_id(now);
  return std::string{newest.substr(0, newest.find('m'))} + "m"
         + make_run_id(now);
}

std::int64_t term_of(std::string_view run_id) {
  constexpr std::size_t digits = 16;
  if (run_id.size() <= digits || run_id.front() != 't')
    return -1;
  return parse_number<std::int64_t>(run_id.substr(1, digits)).value_or(-1);
}

tl::expected<run_result, error>
run_window(clickhouse::client& on, const std::string& database,
           const topology::gold& g, const run_request& request,
           const std::function<instant()>& clock) {
  return run{on, database, g, request, clock()}.execute(clock);
}

tl::expected<std::size_t, error> sweep_staging(clickhouse::client& on,
                                               const std::string& database,
                                               std::chrono::seconds age) {
  clickhouse::query_request request;
  request.sql = statements::find_staging(database, age);
  request.format = "TabSeparated";
  const auto answer = on.query(request);
  if (!answer)
    return tl::unexpected(answer.error());
  std::size_t dropped = 0;
  for (const auto& row : parse_tab_separated(*answer)) {
    clickhouse::query_request drop;
    drop.sql = statements::drop_staging(database, row.front());
    if (const auto done = on.query(drop); !done)
      return tl::unexpected(done.error());
    ++dropped;
  }
  return dropped;
}

} // namespace sluice::gold
