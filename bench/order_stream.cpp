#include "bench/order_stream.hpp"

#include <array>
#include <string_view>

#include "bench/postgres_envelope.hpp"

namespace sluice::bench {

namespace {

constexpr std::array<std::string_view, 5> statuses = {
    "created", "paid", "packed", "shipped", "delivered"};
constexpr std::array<std::string_view, 8> streets = {
    "Friedrichstrasse",  "Avenue des Ternes", "Via Giuseppe Mazzini",
    "Calle de Alcala",   "Rua do Ouro",       "Nowy Swiat",
    "Vaclavske namesti", "Kungsgatan"};
constexpr std::array<std::string_view, 8> cities = {
    "Berlin", "Paris",    "Verona", "Madrid",
    "Lisboa", "Warszawa", "Praha",  "Stockholm"};
constexpr std::array<std::string_view, 8> sentences = {
    "Please ring twice, the bell of the front door is hard to hear. ",
    "Leave the parcel with the neighbour on the ground floor. ",
    "Deliver after 17:00, nobody is at home before. ",
    "The customer asked for a gift wrapping without a price tag. ",
    "Second attempt after the carrier could not find the address. ",
    "Invoice by e-mail only; no paper in the parcel, thank you. ",
    "Part of a larger order that was split between two warehouses. ",
    "Fragile: two glass items, packed in separate boxes. "};

/// 2026-01-01 00:00 UTC.
constexpr std::int64_t first_order_us = 1'767'225'600'000'000;

struct order {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::string_view status;
  std::int64_t sku = 0;
  std::int64_t quantity = 0;
  std::int64_t total_cents = 0;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
  /// What the long columns are made from.
  std::uint64_t words = 0;
};

order make_order(std::uint64_t seed, std::uint64_t row, unsigned revision) {
  const auto bits = mix(seed ^ 0x6f72646572U, row);
  order result;
  result.id = 100'000'000 + static_cast<std::int64_t>(row);
  result.user_id = static_cast<std::int64_t>(bits % 5'000'000);
  result.status = statuses[revision % statuses.size()];
  result.sku = 10'000 + static_cast<std::int64_t>((bits >> 23U) % 80'000);
  result.quantity = 1 + static_cast<std::int64_t>((bits >> 40U) % 9);
  result.total_cents =
      result.quantity
      * (199 + static_cast<std::int64_t>((bits >> 44U) % 40'000));
  result.created_us = first_order_us + static_cast<std::int64_t>(row) * 41;
  result.updated_us =
      result.created_us + std::int64_t{revision} * 3'600'000'123;
  result.words = mix(bits, revision);
  return result;
}

void append_address(std::string& text, const order& from) {
  text += streets[from.words % streets.size()];
  text += ' ';
  append_number(text, static_cast<std::int64_t>((from.words >> 8U) % 180 + 1));
  text += ", ";
  append_number(
      text, static_cast<std::int64_t>((from.words >> 16U) % 80'000 + 10'000));
  text += ' ';
  text += cities[from.words % cities.size()];
}

void append_note(std::string& text, const order& from) {
  for (unsigned part = 0; part < 6; ++part)
    text += sentences[(from.words >> (24U + 3U * part)) % sentences.size()];
}

void append_json(std::string& json, const order& from, order_width width) {
  json += "{\"order_id\":";
  append_number(json, from.id);
  json += ",\"user_id\":";
  append_number(json, from.user_id);
  json += ",\"status\":\"";
  json += from.status;
  json += "\",\"sku\":\"SKU-";
  append_number(json, from.sku);
  json += "\",\"quantity\":";
  append_number(json, from.quantity);
  json += ",\"total\":\"";
  append_number(json, from.total_cents / 100);
  const auto cents = from.total_cents % 100;
  json += cents < 10 ? ".0" : ".";
  append_number(json, cents);
  json += "\",\"created_at\":";
  append_number(json, from.created_us);
  json += ",\"updated_at\":";
  append_number(json, from.updated_us);
  if (width == order_width::wide) {
    json += ",\"shipping_address\":\"";
    append_address(json, from);
    json += "\",\"note\":\"";
    append_note(json, from);
    json += '"';
  }
  json += '}';
}

/// What the default replica identity leaves of a deleted row.
void append_deleted_json(std::string& json, const order& from,
                         order_width width) {
  json += "{\"order_id\":";
  append_number(json, from.id);
  json += ",\"user_id\":null,\"status\":null,\"sku\":null,\"quantity\":null,"
          "\"total\":null,\"created_at\":null,\"updated_at\":null";
  if (width == order_width::wide)
    json += ",\"shipping_address\":null,\"note\":null";
  json += '}';
}

/// The columns joined by '|': the total in cents, times in microseconds.
void append_row_text(std::string& text, const order& from, order_width width) {
  append_number(text, from.id);
  text += '|';
  append_number(text, from.user_id);
  text += '|';
  text += from.status;
  text += "|SKU-";
  append_number(text, from.sku);
  for (const auto number :
       {from.quantity, from.total_cents, from.created_us, from.updated_us}) {
    text += '|';
    append_number(text, number);
  }
  if (width == order_width::wide) {
    text += '|';
    append_address(text, from);
    text += '|';
    append_note(text, from);
  }
}

} // namespace

change order_stream::next() {
  const auto step = rows_.next();
  const auto now = make_order(seed_, step.row, step.revision);
  key_ = "{\"order_id\":";
  append_number(key_, now.id);
  key_ += '}';
  row_.clear();
  const postgres_origin origin{"orders", step.operation, rows_.count()};
  if (step.operation == 'd') {
    append_deleted_json(row_, now, width_);
    write_postgres_envelope(value_, row_, "null", origin);
  } else {
    append_json(row_, now, width_);
    write_postgres_envelope(value_, "null", row_, origin);
  }
  return {key_, value_};
}

table_totals order_stream::totals() const {
  table_totals result;
  std::string text;
  rows_.for_each_live([&](std::uint64_t row, unsigned revision) {
    text.clear();
    append_row_text(text, make_order(seed_, row, revision), width_);
    result.add(text);
  });
  return result;
}

} // namespace sluice::bench
