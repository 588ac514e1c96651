// Which tables are paused or were reset, after all that people have told: the
// fold over the commands of the control log. Its beginning may be gone, so what
// it said is restated from time to time:
//
//   {"sluice":1,"kind":"tables","as_of":4711,
//    "paused":{"users":{"since":1771545600,"by":"box-42"}},
//    "epochs":{"orders":2}}
//
// holds all that the commands below the offset `as_of` have come to. Commands
// from there on count beside it, whether they stand before it or behind it in
// the log. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "plan/table_command.hpp"

namespace sluice::plan {

class table_controls {
public:
  struct outcome {
    /// The record is about tables.
    bool is_told = false;
    /// Tables to go on with, paused or not.
    std::vector<std::string> resumed = {};
  };

  /// The record at `offset`, appended at `when`; in the order of the log, and
  /// once each. Records of other kinds change nothing, nor does one with an
  /// error, which says in one line what is wrong with it.
  tl::expected<outcome, std::string> obey(std::int64_t offset,
                                          std::chrono::sys_seconds when,
                                          std::string_view record);

  /// By table that is paused: since when and by whom, for people.
  [[nodiscard]] std::map<std::string, std::string> pauses() const;
  /// By table that was reset: the least epoch that its rows may have.
  [[nodiscard]] const std::map<std::string, std::uint16_t>& epochs() const {
    return epochs_;
  }

  /// All of it as a record, after all below the offset `as_of` was obeyed.
  [[nodiscard]] std::string restate(std::int64_t as_of) const;
  /// What commands below this offset have come to is known even where the log
  /// does not begin at 0.
  [[nodiscard]] std::int64_t restated_as_of() const { return as_of_; }

private:
  struct pause {
    std::chrono::sys_seconds since{};
    std::string by = {};
  };
  struct restatement;

  [[nodiscard]] static tl::expected<restatement, std::string>
  parse_restatement(std::string_view record);
  outcome obey(std::int64_t offset, std::chrono::sys_seconds when,
               const table_command& command);
  outcome obey(const restatement& restated);

  std::map<std::string, pause> paused_;
  std::map<std::string, std::uint16_t> epochs_;
  /// By table: of its last pause or resume.
  std::map<std::string, std::int64_t> told_at_;
  std::int64_t as_of_ = 0;
};

} // namespace sluice::plan
