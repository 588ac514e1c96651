#include "cdc/envelope.hpp"

#include <optional>
#include <string_view>

#include "cdc/excerpt.hpp"
#include "cdc/json_string.hpp"
#include "cdc/value.hpp"

namespace sluice::cdc {

namespace {

constexpr std::array<std::string_view, 13> part_names = {
    "before",       "after",  "source", "op",     "transaction",
    "ts_ms",        "ts_us",  "ts_ns",  "status", "ddl",
    "tableChanges", "schema", "payload"};

envelope ignore(ignore_reason why) {
  envelope result;
  result.what = envelope::kind::other;
  result.ignored = why;
  return result;
}

envelope reject(reject_reason why, std::string detail) {
  envelope result;
  result.rejected = why;
  result.detail = std::move(detail);
  return result;
}

// The letter of an operation in lower case, as Debezium itself takes it.
char operation_letter(const json_document& document, json_document::node at) {
  if (at == json_document::root() || document.at(at) != '"')
    return '\0';
  auto text = document.string(at);
  std::string scratch;
  if (has_escapes(text))
    text = decode_string(text, scratch).value_or("");
  if (text.size() != 1)
    return '\0';
  const char letter = text.front();
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a')
                                        : letter;
}

bool is_object_or_null(const json_document& document, json_document::node at) {
  return at == json_document::root() || document.at(at) == '{'
         || document.at(at) == 'n';
}

std::string found_text(const json_document& document, json_document::node at) {
  return at == json_document::root() ? "none" : excerpt(document.text(at));
}

} // namespace

envelope_reader::envelope_reader() {
  static_assert(part_names.size() == part_count);
  add_names(outer_);
  add_names(inner_);
}

void envelope_reader::add_names(member_names& names) {
  for (std::size_t i = 0; i < part_names.size(); ++i)
    names.add(std::string(part_names[i]), static_cast<int>(i));
}

envelope_reader::members envelope_reader::find(const json_document& document,
                                               json_document::node object,
                                               member_names& names) {
  members result;
  document.each_member(object, [&](std::size_t ordinal, std::string_view name,
                                   json_document::node at) {
    const int slot = names.find(ordinal, name);
    if (slot == member_names::unknown) {
      ++result.unknown;
      return true;
    }
    const auto part = static_cast<std::size_t>(slot);
    if (result.at[part] != json_document::root())
      result.repeated = part;
    result.at[part] = at;
    ++result.known;
    return true;
  });
  return result;
}

envelope envelope_reader::read(const json_document& document) {
  const auto root = json_document::root();
  if (document.at(root) == 'n')
    return ignore(ignore_reason::tombstone);
  if (document.at(root) != '{')
    return reject(reject_reason::no_envelope,
                  "expected an object, found " + found_text(document, root));
  auto parts = find(document, root, outer_);
  const auto payload_at = parts.at[payload];
  const std::size_t wrapping = parts.at[schema] != root ? 2 : 1;
  const bool is_wrapped =
      payload_at != root && parts.unknown == 0 && parts.known == wrapping;
  if (!is_wrapped)
    return judge(document, parts);
  if (!is_object_or_null(document, parts.at[schema]))
    return reject(reject_reason::no_envelope,
                  "`schema` is no object: "
                      + found_text(document, parts.at[schema]));
  if (document.at(payload_at) == 'n')
    return ignore(ignore_reason::tombstone);
  if (document.at(payload_at) != '{')
    return reject(reject_reason::no_envelope,
                  "`payload` is no object: "
                      + found_text(document, payload_at));
  auto result = judge(document, find(document, payload_at, inner_));
  result.depth = 2;
  return result;
}

envelope envelope_reader::judge(const json_document& document,
                                const members& parts) {
  const auto absent = json_document::root();
  const auto has = [&](part which) { return parts.at[which] != absent; };
  if (parts.repeated != part_count)
    return reject(reject_reason::not_json,
                  "`" + std::string(part_names[parts.repeated])
                      + "` occurs twice in the envelope");
  if (!has(op) && !has(after) && !has(before)) {
    if (has(ddl) || has(table_changes))
      return ignore(ignore_reason::schema_change);
    if (has(status))
      return ignore(ignore_reason::transaction_marker);
    const std::size_t clocks = (has(ts_ms) ? 1U : 0U) + (has(ts_us) ? 1U : 0U)
                               + (has(ts_ns) ? 1U : 0U);
    if (has(ts_ms) && parts.unknown == 0 && parts.known == clocks)
      return ignore(ignore_reason::heartbeat);
    return reject(reject_reason::no_envelope,
                  "neither `op` nor `after` nor `before`: is the record "
                  "flattened (ExtractNewRecordState)?");
  }
  if (!is_object_or_null(document, parts.at[source]))
    return reject(reject_reason::no_envelope,
                  "`source` is no object: "
                      + found_text(document, parts.at[source]));
  envelope result;
  result.what = envelope::kind::change;
  const auto row = [&](part which) {
    const auto at = parts.at[which];
    return at == absent || document.at(at) == 'n' ? absent : at;
  };
  result.before = row(before);
  result.after = row(after);
  result.op_at = parts.at[op];
  switch (operation_letter(document, parts.at[op])) {
  case 'c':
    result.op = operation::create;
    return result;
  case 'r':
    result.op = operation::read;
    return result;
  case 'u':
    result.op = operation::update;
    return result;
  case 'd':
    result.op = operation::remove;
    return result;
  case 't':
    return ignore(ignore_reason::truncate);
  case 'm':
    return ignore(ignore_reason::logical_message);
  default:
    return reject(reject_reason::unknown_operation,
                  "`op` is " + found_text(document, parts.at[op])
                      + "; known are c, r, u, d, t, m");
  }
}

} // namespace sluice::cdc
