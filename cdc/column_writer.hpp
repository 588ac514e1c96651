// Puts one value into one column, or says why it does not fit.
#pragma once

#include <string>

#include "cdc/column_plan.hpp"
#include "cdc/conversion.hpp"
#include "cdc/decoder.hpp"
#include "cdc/value.hpp"
#include "silver/block_builder.hpp"

namespace sluice::cdc {

/// Converts and appends values, and applies the columns' `invalid` policies.
/// Keeps scratch memory; used by one thread at a time.
class column_writer {
public:
  /// Appends exactly one value to `column`, or rejects: then detail() says what
  /// was wrong, and the column may hold half a row (roll the row back).
  [[nodiscard]] reject_reason write(const column_plan& plan, const value& from,
                                    silver::column_buffer& column);

  /// One line for people about the last rejection.
  [[nodiscard]] const std::string& detail() const { return detail_; }

  /// What policies changed since the last keep_counts() or drop_counts().
  void keep_counts();
  void drop_counts() { pending_ = {}; }
  [[nodiscard]] policy_counts counts() const { return counts_; }

private:
  [[nodiscard]] reject_reason write_null(const column_plan& plan,
                                         const value& from,
                                         silver::column_buffer& column);
  [[nodiscard]] reject_reason write_scalar(const column_plan& plan,
                                           const value& from,
                                           silver::column_buffer& column);
  [[nodiscard]] reject_reason write_text(const column_plan& plan,
                                         const value& from,
                                         silver::column_buffer& column);
  [[nodiscard]] reject_reason write_array(const column_plan& plan,
                                          const value& from,
                                          silver::column_buffer& column);
  [[nodiscard]] reject_reason write_decimal(const column_plan& plan,
                                            const value& from,
                                            silver::column_buffer& column);
  template <class T, class Append>
  [[nodiscard]] reject_reason settle(const column_plan& plan, const value& from,
                                     const conversion<T>& result,
                                     silver::column_buffer& column,
                                     Append&& append);
  template <class T>
  [[nodiscard]] reject_reason write_integer(const column_plan& plan,
                                            const value& from,
                                            silver::column_buffer& column);
  template <class T>
  [[nodiscard]] reject_reason write_time(const column_plan& plan,
                                         const value& from,
                                         silver::column_buffer& column);
  [[nodiscard]] reject_reason refuse(const column_plan& plan, const value& from,
                                     reject_reason why, const char* hint);

  std::string string_scratch_;
  std::string scratch_;
  std::string detail_;
  policy_counts pending_;
  policy_counts counts_;
};

} // namespace sluice::cdc
