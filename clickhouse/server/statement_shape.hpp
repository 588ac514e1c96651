// What the HTTP server must know of a statement before ClickHouse sees it.
// Pure: a tokenizer's view, not a parser's; ClickHouse has the last word.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::clickhouse::server {

/// Where the rows of an INSERT come from.
enum class insert_source {
  /// Not an INSERT, or INSERT ... SELECT from tables: nothing follows it.
  statement,
  /// Data follow the statement (VALUES, FORMAT x, or neither).
  data,
  /// INSERT ... SELECT ... FROM input('structure') FORMAT x, and data follow.
  input_function
};

struct statement_shape {
  /// First keyword, in upper case: SELECT, INSERT, SET ...; empty: no text.
  std::string keyword;
  insert_source source = insert_source::statement;
  /// Format of the result or, in an INSERT, of the data; empty: not named.
  std::string format;
  /// INSERT with data: where `FROM INFILE` may be put in, where the clause
  /// VALUES or FORMAT begins, and where the data begin.
  std::size_t target_end = 0;
  std::size_t clause_begin = 0;
  std::size_t data_begin = 0;
  /// INSERT with input(): the call, from its name to behind its parenthesis,
  /// and what stands inside the parentheses.
  std::size_t call_begin = 0;
  std::size_t call_end = 0;
  std::string call_arguments;
  /// WITH TOTALS is somewhere: the result is more than its rows.
  bool has_totals = false;
  /// Something follows a `;`.
  bool is_several = false;
  /// Reads or writes a file of the client: INTO OUTFILE, FROM INFILE.
  bool names_client_file = false;
};

/// Reads the shape of `sql`. Of an INSERT with data only the part before the
/// data need be complete.
[[nodiscard]] statement_shape shape_of(std::string_view sql);

/// The same INSERT, reading its data from a file of the server:
/// `INSERT INTO t (a) FROM INFILE 'path' COMPRESSION 'none' FORMAT x`, or with
/// `file('path', 'x', 'structure')` in the place of `input('structure')`.
/// `format` counts where the statement names none.
[[nodiscard]] std::string reading_from(std::string_view sql,
                                       const statement_shape& shape,
                                       std::string_view path,
                                       std::string_view format);

/// Whether the results of several blocks in this format, one after the other,
/// are the result of all (no header, no footer, no separators).
[[nodiscard]] bool joins_by_chunk(std::string_view format);

} // namespace sluice::clickhouse::server
