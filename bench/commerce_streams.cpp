#include "bench/commerce_streams.hpp"

#include <array>
#include <string_view>

#include "bench/postgres_envelope.hpp"

namespace sluice::bench {

namespace {

constexpr std::array<std::string_view, 8> first_names = {
    "Alice", "Bogdan", "Chiara", "Dimitri", "Elena", "Farid", "Grace", "Hugo"};
constexpr std::array<std::string_view, 8> last_names = {
    "Abel",     "Bernard", "Costa",  "Dvorak",
    "Eriksson", "Fischer", "Garcia", "Horvat"};
constexpr std::array<std::string_view, 4> event_types = {
    "page_view", "add_to_cart", "checkout", "purchase"};
constexpr std::array<std::string_view, 4> pages = {"/home", "/search",
                                                   "/product", "/basket"};

/// 2026-02-18 00:00 UTC.
constexpr std::int64_t first_day_ms = 1'771'372'800'000;
constexpr std::uint64_t day_ms = 86'400'000;

std::int64_t as_signed(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

struct user {
  std::int64_t id = 0;
  std::string_view first;
  std::string_view last;
  std::int64_t updated_us = 0;
};

user make_user(std::uint64_t seed, std::uint64_t row, unsigned revision) {
  const auto bits = mix(seed ^ 0x75736572U, row);
  user result;
  result.id = as_signed(row) + 1;
  result.first = first_names[bits % first_names.size()];
  result.last = last_names[((bits >> 8U) + revision) % last_names.size()];
  result.updated_us = (first_day_ms + as_signed((bits >> 16U) % day_ms)) * 1000
                      + std::int64_t{revision} * 1'000'001;
  return result;
}

void append_name(std::string& text, const user& of) {
  text += of.first;
  text += ' ';
  text += of.last;
}

void append_email(std::string& text, const user& of) {
  text += of.first;
  text += '.';
  text += of.last;
  text += '.';
  append_number(text, of.id);
  text += "@example.com";
}

struct event {
  std::int64_t user_id = 0;
  std::string_view type;
  std::int64_t time_ms = 0;
  std::string_view page;
  std::int64_t session = 0;
  std::int64_t duration_ms = 0;
};

event make_event(std::uint64_t seed, std::uint64_t number) {
  const auto bits = mix(seed ^ 0x6576656e74U, number);
  event result;
  result.user_id = as_signed(bits % 2'000'000) + 1;
  result.type = event_types[(bits >> 24U) % event_types.size()];
  result.time_ms = first_day_ms + as_signed(mix(bits, 1) % (4 * day_ms));
  result.page = pages[(bits >> 32U) % pages.size()];
  result.session = as_signed((bits >> 34U) % 900'000'000) + 100'000'000;
  result.duration_ms = as_signed(mix(bits, 2) % 60'000);
  return result;
}

/// 24 hexadecimal digits.
void append_object_id(std::string& text, std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  text += "65f00000";
  for (unsigned shift = 64; shift > 0;) {
    shift -= 4;
    text += digits[(number >> shift) & 15U];
  }
}

/// The document as it stands in silver; `quote` is how a quotation mark is
/// written.
void append_metadata(std::string& text, const event& of,
                     std::string_view quote) {
  const auto quoted = [&](std::string_view word) {
    text += quote;
    text += word;
    text += quote;
  };
  text += '{';
  quoted("page");
  text += ": ";
  quoted(of.page);
  text += ", ";
  quoted("session");
  text += ": ";
  append_number(text, of.session);
  text += ", ";
  quoted("duration_ms");
  text += ": ";
  append_number(text, of.duration_ms);
  text += ", ";
  quoted("device");
  text += ": {";
  quoted("os");
  text += ": ";
  quoted("android");
  text += "}}";
}

void append_document(std::string& text, const event& of, std::uint64_t number) {
  text += R"({\"_id\": {\"$oid\": \")";
  append_object_id(text, number);
  text += R"(\"},\"user_id\": )";
  append_number(text, of.user_id);
  text += R"(,\"event_type\": \")";
  text += of.type;
  text += R"(\",\"ts\": {\"$date\": )";
  append_number(text, of.time_ms);
  text += R"(},\"metadata\": )";
  append_metadata(text, of, "\\\"");
  text += '}';
}

} // namespace

change user_stream::next() {
  const auto step = rows_.next();
  const auto now = make_user(seed_, step.row, step.revision);
  key_ = "{\"user_id\":";
  append_number(key_, now.id);
  key_ += '}';
  row_ = "{\"user_id\":";
  append_number(row_, now.id);
  const postgres_origin origin{"users", step.operation, rows_.count()};
  if (step.operation == 'd') {
    row_ += ",\"full_name\":null,\"email\":null,\"updated_at\":null}";
    write_postgres_envelope(value_, row_, "null", origin);
    return {key_, value_};
  }
  row_ += ",\"full_name\":\"";
  append_name(row_, now);
  row_ += "\",\"email\":\"";
  append_email(row_, now);
  row_ += "\",\"updated_at\":";
  append_number(row_, now.updated_us);
  row_ += '}';
  write_postgres_envelope(value_, "null", row_, origin);
  return {key_, value_};
}

table_totals user_stream::totals() const {
  table_totals result;
  std::string text;
  rows_.for_each_live([&](std::uint64_t row, unsigned revision) {
    const auto now = make_user(seed_, row, revision);
    text.clear();
    append_number(text, now.id);
    text += '|';
    append_name(text, now);
    text += '|';
    append_email(text, now);
    text += '|';
    append_number(text, now.updated_us);
    result.add(text);
  });
  return result;
}

change event_stream::next() {
  const auto number = count_++;
  const auto now = make_event(seed_, number);
  key_ = R"({"id":"{\"$oid\": \")";
  append_object_id(key_, number);
  key_ += R"(\"}"})";
  value_ = R"({"before":null,"after":")";
  append_document(value_, now, number);
  value_ += R"(","updateDescription":null,"source":{"version":"3.7.0.Final",)"
            R"("connector":"mongodb","name":"mongo","ts_ms":)";
  append_number(value_, now.time_ms);
  value_ += R"(,"snapshot":"false","db":"commerce","sequence":null,"ts_us":)";
  append_number(value_, now.time_ms * 1000);
  value_ += R"(,"ts_ns":)";
  append_number(value_, now.time_ms * 1'000'000);
  value_ += R"(,"collection":"events","ord":)";
  append_number(value_, as_signed(number) + 1);
  value_ += R"(,"lsid":null,"txnNumber":null,"wallTime":null},"op":"c",)"
            R"("ts_ms":)";
  append_number(value_, now.time_ms + 212);
  value_ += R"(,"transaction":null})";
  return {key_, value_};
}

table_totals event_stream::totals() const {
  table_totals result;
  std::string text;
  for (std::uint64_t number = 0; number < count_; ++number) {
    const auto now = make_event(seed_, number);
    text.clear();
    append_object_id(text, number);
    text += '|';
    append_number(text, now.user_id);
    text += '|';
    text += now.type;
    text += '|';
    append_number(text, now.time_ms);
    text += '|';
    append_metadata(text, now, "\"");
    result.add(text);
  }
  return result;
}

} // namespace sluice::bench
