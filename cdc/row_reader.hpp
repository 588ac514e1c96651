// The row inside an envelope: an object (relational sources) or a string of
// Extended JSON (MongoDB), and the row's key as the message key has it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cdc/column_plan.hpp"
#include "cdc/decoder.hpp"
#include "cdc/json_document.hpp"
#include "cdc/member_paths.hpp"
#include "cdc/value.hpp"
#include "topology/topology.hpp"

namespace sluice::cdc {

/// Why something could not be read; `none`: it could.
struct reading {
  reject_reason why = reject_reason::none;
  std::string detail;
};

/// What a text's status means for its record; `what` names the text.
[[nodiscard]] reading judge_json(json_status status, std::string_view what);

/// Finds the columns' values in one row after another. Used by one thread at a
/// time.
class row_reader {
public:
  /// `columns` must outlive it.
  row_reader(const std::vector<column_plan>& columns,
             topology::record_format format);

  /// Reads the row at `at` (`name`: "after" or "before"); `envelope` must
  /// outlive the use of column().
  [[nodiscard]] reading read(const json_document& envelope,
                             json_document::node at, std::string_view name);

  /// The value of the index-th column, whose source must be the row.
  [[nodiscard]] value column(std::size_t index) const {
    return paths_.found(places_[index]);
  }

private:
  topology::record_format format_;
  member_paths paths_;
  std::vector<std::size_t> places_;
  json_document inner_;
  std::string text_;
};

/// Finds key columns' values in message keys. Used by one thread at a time.
class key_reader {
public:
  /// `columns` must outlive it.
  key_reader(const std::vector<column_plan>& columns,
             topology::record_format format);

  /// Reads a message key; `key` must outlive the use of column(). A key that
  /// is null or cannot be read has no columns; detail() says why.
  void read(std::optional<std::string_view> key);

  [[nodiscard]] value column(std::size_t index) const;
  [[nodiscard]] const std::string& detail() const { return detail_; }

private:
  [[nodiscard]] json_document::node payload() const;
  void read_object(json_document::node object);
  void read_id(json_document::node object);

  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  static constexpr std::size_t whole = static_cast<std::size_t>(-2);

  topology::record_format format_;
  member_paths paths_;
  /// Of each column: its place in paths_, `nowhere`, or the `whole` id.
  std::vector<std::size_t> places_;
  json_document document_;
  json_document id_;
  std::string id_text_;
  std::string detail_;
  bool is_read_ = false;
};

} // namespace sluice::cdc
