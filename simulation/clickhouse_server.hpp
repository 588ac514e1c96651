// ClickHouse in memory, as far as exactly-once rests on it.
//
// As measured on the real one: a token counts for each partition of the table
// that a block touches; a table remembers the newest tokens only; a memory
// limit or too many parts refuse an insert before its token is looked at; a
// block over several partitions is not atomic.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/mark_messages.hpp"
#include "actors/messages.hpp"
#include "simulation/native_rows.hpp"
#include "simulation/stage.hpp"
#include "simulation/time_question.hpp"

namespace sluice::simulation {

/// What a table is made with.
struct table_traits {
  /// Partitions of ClickHouse that its rows spread over.
  int spread = 1;
  /// Merges drop rows that a newer one of the same key replaces.
  bool replacing = false;
  /// Tokens that it remembers; younger ones than remembered_for are always
  /// among them.
  std::size_t window = 10'000;
  /// Rows that one insert may have before the memory limit refuses it.
  std::size_t rows_max = 1'000'000;
};

class clickhouse_server {
public:
  using answer = std::function<void(actors::insert_answered)>;
  /// Identity of a row within its table.
  using row_id = std::pair<std::int32_t, std::int64_t>;
  struct stored_rows {
    row what;
    std::size_t copies = 0;
  };
  using stored_table = std::map<row_id, stored_rows>;

  /// The client gives a request up after this.
  static constexpr instant request_timeout = std::chrono::seconds{5};
  /// A statement that was sent is over, one way or the other, after this.
  static constexpr instant statement_lifetime = std::chrono::seconds{30};
  /// A table's window of tokens is larger than what it inserts in this time,
  /// as the product demands: a statement of a process that stood still comes
  /// within it.
  static constexpr instant remembered_for = std::chrono::seconds{80};

  explicit clickhouse_server(stage& on) : on_{on} {}

  void create(const std::string& table, table_traits traits);
  /// One attempt of an inserter; `reply` is called once, later, if whoever sent
  /// it can still hear it.
  void insert(const std::string& table, const actors::insert_block& work,
              const answer& reply);

  /// Answers a question of an inserter about what is there.
  void ask(const std::string& table, const actors::ask_rows& what,
           const std::function<void(actors::rows_told)>& reply);
  void ask(const std::string& table, const actors::ask_newest& what,
           const std::function<void(actors::newest_told)>& reply);

  /// Answers a question about event times, strictly: whatever ClickHouse would
  /// not take is a violation. The answer is as of one moment for each question.
  void ask(const std::vector<marks::question>& what,
           const std::function<void(actors::times_found)>& reply);
  /// Any other statement: `execute` is called when ClickHouse executes it, in
  /// time, late or never; `reply` once if whoever sent it can still hear it.
  using failure = std::optional<clickhouse::error>;
  void send(const std::string& name, const std::function<failure()>& execute,
            const std::function<void(failure)>& reply);
  /// Counts how often it was killed.
  [[nodiscard]] int life() const { return life_; }

  /// A row that no insert may contain.
  void poison(const std::string& table, row_id what);
  void drop_table(const std::string& table);
  void restore_table(const std::string& table);
  /// The memory limit refuses nothing any more.
  void relieve();
  /// Requests wait until `end`.
  void stall(instant end);
  /// Refuses connections until `end`; what was under way is done or not.
  void restart(instant end);
  /// An empty table takes the place of this one, and refuses rows of epochs
  /// below `epoch`; what is under way goes away with the former one. False: it
  /// cannot be had now.
  bool reset(const std::string& table, std::uint16_t epoch);
  [[nodiscard]] std::uint16_t least_epoch(const std::string& table) const {
    return tables_.at(table).least_epoch;
  }

  [[nodiscard]] const stored_table& rows(const std::string& table) const {
    return tables_.at(table).rows;
  }
  [[nodiscard]] bool is_missing(const std::string& table) const {
    return tables_.at(table).missing;
  }
  /// What a latest table shows: the newest row of each key that is not deleted.
  [[nodiscard]] std::vector<const row*> shown(const std::string& table) const;
  [[nodiscard]] bool is_poisoned(const std::string& table,
                                 const row_id& what) const;

private:
  struct known_token {
    std::string token;
    /// The partition that it counts for.
    int partition;
    instant since;
  };
  struct silver_table {
    table_traits traits;
    bool missing = false;
    std::uint16_t least_epoch = 0;
    /// Since when it is the table of that name.
    instant since{0};
    /// Newest last.
    std::deque<known_token> tokens;
    std::set<row_id> poisoned;
    stored_table rows;
  };
  struct statement {
    std::string table;
    std::string token;
    std::vector<row> rows;
    answer reply;
    /// When ClickHouse looked the table up.
    instant begun{0};
  };
  struct request {
    std::string name;
    std::function<failure()> execute;
    std::function<void(failure)> reply;
  };

  void arrive(statement what);
  void arrive(const request& what);
  void answer_request(const request& what, const failure& error, instant delay);
  [[nodiscard]] bool lose_outcome(const request& what);
  [[nodiscard]] actors::times_found
  times_of(const std::vector<marks::question>& what);
  [[nodiscard]] std::vector<const row*> rows_of(const table_rows& which);
  [[nodiscard]] failure refusal(const statement& what);
  [[nodiscard]] bool lose_outcome(const statement& what);
  [[nodiscard]] failure execute(const statement& what);
  [[nodiscard]] bool is_of_former_life(const statement& what) const;
  void reply(const statement& what, const failure& error, instant delay);
  void write(silver_table& table, const std::vector<row>& rows);
  void forget_tokens(silver_table& table);
  void merge(silver_table& table);
  [[nodiscard]] failure unreachable() const;
  template <class Answer>
  void answer_question(const std::string& table,
                       const std::function<Answer(const silver_table&)>& look,
                       const std::function<void(Answer)>& reply);

  stage& on_;
  std::map<std::string, silver_table> tables_;
  instant stalled_until_{0};
  instant down_until_{0};
  int life_ = 0;
};

} // namespace sluice::simulation
