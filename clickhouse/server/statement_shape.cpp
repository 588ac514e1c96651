#include "clickhouse/server/statement_shape.hpp"

#include <algorithm>
#include <array>

#include "clickhouse/embedded_statement.hpp"
#include "clickhouse/server/sql_token.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::clickhouse::server {

namespace {

std::string upper(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  return result;
}

/// ClickHouse's rule: data begin behind blanks and at most one line end.
std::size_t behind_line_end(std::string_view sql, std::size_t at) {
  while (at < sql.size()
         && (sql[at] == ' ' || sql[at] == '\t' || sql[at] == '\f'))
    ++at;
  if (at < sql.size() && sql[at] == '\r')
    ++at;
  if (at < sql.size() && sql[at] == '\n')
    ++at;
  return at;
}

/// Everything that is not an INSERT with data, and the SELECT of an INSERT.
/// `format_begin`: where the FORMAT clause begins, if there is one.
void read_statement(tokenizer tokens, statement_shape& shape,
                    std::size_t& format_begin, bool stops_at_format) {
  std::size_t depth = 0;
  for (auto t = tokens.next(); t.kind != token_kind::end; t = tokens.next()) {
    if (t.is('(')) {
      ++depth;
    } else if (t.is(')')) {
      depth -= depth > 0 ? 1 : 0;
    } else if (t.is(';') && depth == 0) {
      while (tokens.peek().is(';'))
        tokens.next();
      shape.is_several = tokens.peek().kind != token_kind::end;
      return;
    } else if (t.is("TOTALS")) {
      shape.has_totals = true;
    } else if (t.is("OUTFILE")) {
      shape.names_client_file |= tokens.peek().kind == token_kind::text;
    } else if (t.is("INPUT") && tokens.peek().is('(') && shape.call_end == 0) {
      shape.call_begin = t.begin;
      auto open = tokens.next();
      auto close = tokens.skip_parentheses();
      shape.call_end = close;
      shape.call_arguments = {};
      format_begin = std::max(format_begin, open.end);
    } else if (t.is("FORMAT") && depth == 0
               && tokens.peek().kind == token_kind::word) {
      auto name = tokens.peek();
      auto ahead = tokens;
      ahead.next();
      auto behind = ahead.peek();
      if (stops_at_format || behind.kind == token_kind::end || behind.is(';')
          || behind.is("SETTINGS")) {
        shape.format = name.text;
        format_begin = t.begin;
        shape.data_begin = name.end;
        if (stops_at_format)
          return;
      }
    }
  }
}

void read_insert_select(std::string_view sql, std::size_t select_begin,
                        statement_shape& shape) {
  auto rest = sql.substr(select_begin);
  statement_shape inner;
  std::size_t ignored = 0;
  read_statement(tokenizer{rest}, inner, ignored, false);
  shape.names_client_file = inner.names_client_file;
  if (inner.call_end == 0) {
    shape.is_several = inner.is_several;
    return;
  }
  // Data follow, so only what stands before FORMAT may be looked at.
  inner = {};
  std::size_t format_begin = 0;
  read_statement(tokenizer{rest}, inner, format_begin, true);
  shape.source = insert_source::input_function;
  shape.call_begin = select_begin + inner.call_begin;
  shape.call_end = std::min(sql.size(), select_begin + inner.call_end + 1);
  auto open = sql.find('(', shape.call_begin);
  shape.call_arguments =
      sql.substr(open + 1, select_begin + inner.call_end - open - 1);
  shape.format = inner.format;
  if (inner.format.empty()) {
    shape.clause_begin = shape.data_begin = sql.size();
  } else {
    shape.clause_begin = select_begin + format_begin;
    shape.data_begin = behind_line_end(sql, select_begin + inner.data_begin);
  }
}

/// Takes what an INSERT writes to: [FUNCTION] name [.name] [(columns)].
void skip_target(tokenizer& tokens) {
  if (tokens.peek().is("TABLE"))
    tokens.next();
  const bool is_function = tokens.peek().is("FUNCTION");
  if (is_function)
    tokens.next();
  auto name = tokens.next();
  if (name.is('{'))
    while (!name.is('}') && name.kind != token_kind::end)
      name = tokens.next();
  while (tokens.peek().is('.')) {
    tokens.next();
    name = tokens.next();
    if (name.is('{'))
      while (!name.is('}') && name.kind != token_kind::end)
        name = tokens.next();
  }
  if (is_function && tokens.peek().is('(')) {
    tokens.next();
    tokens.skip_parentheses();
  }
}

void read_insert(std::string_view sql, tokenizer tokens,
                 statement_shape& shape) {
  if (tokens.peek().is("INTO"))
    tokens.next();
  skip_target(tokens);
  if (tokens.peek().is('(')) {
    auto inside = tokens;
    const auto open = inside.next();
    if (inside.peek().is("SELECT") || inside.peek().is("WITH"))
      return read_insert_select(sql, open.begin, shape);
    tokens.next();
    tokens.skip_parentheses();
  }
  bool in_settings = false;
  for (auto t = tokens.next();; t = tokens.next()) {
    if (t.is("SELECT") || t.is("WITH") || (t.is('(') && !in_settings))
      return read_insert_select(sql, t.begin, shape);
    if (t.is("INFILE"))
      shape.names_client_file = true;
    if (t.is("SETTINGS") && !in_settings) {
      in_settings = true;
      shape.target_end = t.begin;
    }
    const bool is_format = t.is("FORMAT");
    if (t.is("VALUES") || is_format || t.is(';') || t.kind == token_kind::end) {
      shape.source = insert_source::data;
      shape.clause_begin = t.begin;
      shape.data_begin = t.end;
      if (!in_settings)
        shape.target_end = t.begin;
      if (t.is("VALUES"))
        shape.format = "Values";
      if (is_format) {
        auto name = tokens.next();
        shape.format = name.text;
        shape.data_begin = behind_line_end(sql, name.end);
      }
      return;
    }
  }
}

} // namespace

statement_shape shape_of(std::string_view sql) {
  statement_shape shape;
  tokenizer tokens{sql};
  auto first = tokens.next();
  while (first.is('('))
    first = tokens.next();
  shape.keyword = upper(first.text);
  if (first.is("INSERT")) {
    read_insert(sql, tokens, shape);
    return shape;
  }
  std::size_t ignored = 0;
  read_statement(tokenizer{sql}, shape, ignored, false);
  return shape;
}

std::string reading_from(std::string_view sql, const statement_shape& shape,
                         std::string_view path, std::string_view format) {
  const std::string_view named = shape.format.empty() ? format : shape.format;
  std::string result;
  if (shape.source == insert_source::input_function) {
    result = sql.substr(0, shape.call_begin);
    result += "file(" + topology::quote_literal(path) + ", "
              + topology::quote_literal(named) + ", " + shape.call_arguments
              + ")";
    result += sql.substr(shape.call_end, shape.clause_begin - shape.call_end);
    return result;
  }
  result = sql.substr(0, shape.target_end);
  result +=
      " FROM INFILE " + topology::quote_literal(path) + " COMPRESSION 'none' ";
  result += sql.substr(shape.target_end, shape.clause_begin - shape.target_end);
  result += " FORMAT ";
  result += named;
  return result;
}

bool joins_by_chunk(std::string_view format) {
  constexpr std::array<std::string_view, 17> formats{
      "TabSeparated",
      "TSV",
      "TabSeparatedRaw",
      "TSVRaw",
      "Raw",
      "CSV",
      "JSONEachRow",
      "JSONLines",
      "NDJSON",
      "JSONCompactEachRow",
      "JSONStringsEachRow",
      "JSONCompactStringsEachRow",
      "Native",
      "RowBinary",
      "TSKV",
      "LineAsString",
      "MsgPack"};
  return std::find(formats.begin(), formats.end(), format) != formats.end();
}

} // namespace sluice::clickhouse::server
