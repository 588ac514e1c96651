#include "cdc/debezium_decoder.hpp"

#include <ranges>

#include <simdjson.h>

#include "cdc/plain_value.hpp"
#include "cdc/toast.hpp"

namespace sluice::cdc {

namespace {

using topology::record_format;
using topology::time_unit;

outcome ignored(ignore_reason why) {
  outcome result;
  result.what = verdict::ignored;
  result.ignored = why;
  return result;
}

outcome rejected(reject_reason why, std::string detail) {
  outcome result;
  result.what = verdict::rejected;
  result.rejected = why;
  result.detail = std::move(detail);
  return result;
}

bool is_missing(const value& found) {
  return found.form == value_form::absent || found.form == value_form::null;
}

bool is_too_large(const std::optional<std::string_view>& text) {
  return text && text->size() > largest_record_text;
}

std::string_view letter_of(operation op) {
  switch (op) {
  case operation::create:
    return "c";
  case operation::read:
    return "r";
  case operation::update:
    return "u";
  case operation::remove:
    return "d";
  }
  return {};
}

value text_or_null(const std::optional<std::string_view>& text) {
  if (text)
    return plain_string(*text);
  value null;
  null.form = value_form::null;
  return null;
}

} // namespace

debezium_decoder::debezium_decoder(const silver::table_layout& layout)
    : layout_(layout),
      is_latest_(layout.table.mode == topology::table_mode::latest),
      columns_(plan_columns(layout_)), shapes_(columns_, layout.table.format),
      row_(columns_, layout.table.format), key_(columns_, layout.table.format) {
}

outcome debezium_decoder::decode(const kafka::record& record,
                                 std::int32_t partition, std::uint16_t epoch,
                                 silver::block_builder& rows) {
  if (is_too_large(record.value) || is_too_large(record.key))
    return rejected(reject_reason::too_large,
                    "the record's key or value is larger than "
                        + std::to_string(largest_record_text) + " bytes");
  if (!record.value)
    return tombstone(record);
  if (record.value->empty())
    return rejected(reject_reason::not_json, "the value is empty");
  if (auto done = decode_by_shape(record, partition, epoch, rows))
    return std::move(*done);
  const auto status = document_.read(*record.value, json_dialect::strict);
  if (status != json_status::ok) {
    auto bad = judge_json(status, "the value");
    return rejected(bad.why, std::move(bad.detail));
  }
  auto found = envelopes_.read(document_);
  if (found.what == envelope::kind::broken)
    return rejected(found.rejected, std::move(found.detail));
  if (found.what == envelope::kind::other)
    return found.ignored == ignore_reason::tombstone ? tombstone(record)
                                                     : ignored(found.ignored);
  event about{record, partition, epoch, found.op};
  return decode_change(found, about, rows);
}

/// std::nullopt: the record is to be parsed, be it only to say what is wrong.
std::optional<outcome>
debezium_decoder::decode_by_shape(const kafka::record& record,
                                  std::int32_t partition, std::uint16_t epoch,
                                  silver::block_builder& rows) {
  const auto op = shapes_.read(*record.value);
  if (!op)
    return std::nullopt;
  if (!is_latest_ && *op == operation::update)
    return ignored(ignore_reason::not_an_insert);
  event about{record, partition, epoch, *op};
  about.has_known_shape = true;
  if (write_row(about, rows) == reject_reason::none)
    return finish(reject_reason::none, about, rows);
  rows.rollback_row();
  writer_.drop_counts();
  return std::nullopt;
}

outcome debezium_decoder::tombstone(const kafka::record& record) const {
  if (!is_latest_)
    return ignored(ignore_reason::not_an_insert);
  if (!record.key)
    return rejected(reject_reason::missing_key,
                    "a tombstone without a message key");
  return ignored(ignore_reason::tombstone);
}

outcome debezium_decoder::decode_change(const envelope& change, event& about,
                                        silver::block_builder& rows) {
  const auto absent = json_document::root();
  const bool is_insert =
      about.op == operation::create || about.op == operation::read;
  if (!is_latest_ && !is_insert)
    return ignored(ignore_reason::not_an_insert);
  if (about.op == operation::remove)
    return finish(write_deleted(change, about, rows), about, rows);
  if (change.after == absent) {
    const bool is_mongodb =
        layout_.table.format == record_format::debezium_mongodb;
    if (is_mongodb && about.op == operation::read && change.before == absent)
      return ignored(ignore_reason::snapshot_marker);
    return rejected(
        reject_reason::missing_row,
        is_mongodb && about.op == operation::update
            ? "an update without `after`: the whole document is needed "
              "(capture.mode=change_streams_update_full)"
            : "`after` is missing or null");
  }
  auto bad = row_.read(document_, change.after, "after");
  if (bad.why != reject_reason::none)
    return rejected(bad.why, std::move(bad.detail));
  const auto why = write_row(about, rows);
  if (why == reject_reason::none)
    shapes_.learn(document_, change, row_);
  return finish(why, about, rows);
}

/// A row that is deleted has no event time, and has to reach silver.
bool debezium_decoder::is_let_in(const event& about,
                                 silver::block_builder& rows) {
  if (about.op == operation::remove)
    return true;
  for (const auto& guard : layout_.time_guards) {
    const auto& times = rows.column(guard.column());
    if (guard.lets_in(times, about.record.timestamp_ms))
      continue;
    detail_ = guard.refusal(times, about.record.timestamp_ms);
    return false;
  }
  return true;
}

outcome debezium_decoder::finish(reject_reason why, const event& about,
                                 silver::block_builder& rows) {
  if (why == reject_reason::none && !is_let_in(about, rows))
    why = reject_reason::outside_windows;
  if (why != reject_reason::none) {
    rows.rollback_row();
    writer_.drop_counts();
    return rejected(why, std::move(detail_));
  }
  append_origin(about, rows);
  rows.commit_row();
  writer_.keep_counts();
  outcome result;
  result.what =
      about.op == operation::remove ? verdict::deleted : verdict::upserted;
  result.op = about.op;
  return result;
}

reject_reason debezium_decoder::write_column(const column_plan& plan,
                                             const value& from,
                                             silver::column_buffer& column) {
  if (append_plain(plan, from, column))
    return reject_reason::none;
  if (from.wrapped == wrapper::plain_text
      && !simdjson::validate_utf8(from.text.data(), from.text.size())) {
    detail_ = "column `" + plan.name + "`: the text is not valid UTF-8";
    return reject_reason::bad_encoding;
  }
  const auto why = writer_.write(plan, from, column);
  if (why != reject_reason::none)
    detail_ = writer_.detail();
  return why;
}

reject_reason debezium_decoder::write_row(event& about,
                                          silver::block_builder& rows) {
  const bool may_be_unchanged =
      about.op == operation::update
      && layout_.table.format == record_format::debezium_json;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& plan = columns_[i];
    const bool in_row = plan.source == column_source::row;
    auto from = !in_row                 ? from_record(plan, about)
                : about.has_known_shape ? shapes_.column(i)
                                        : row_.column(i);
    if (in_row && plan.is_key && is_missing(from))
      from = from_key(i, about);
    if (in_row && may_be_unchanged && is_unchanged_toast(from)) {
      detail_ = "column `" + plan.name
                + "`: an unchanged TOAST value (REPLICA IDENTITY FULL makes "
                  "PostgreSQL send it)";
      return reject_reason::unchanged_toast;
    }
    const auto why = write_column(plan, from, rows.column(i));
    if (why != reject_reason::none)
      return why;
  }
  return reject_reason::none;
}

reject_reason debezium_decoder::write_deleted(const envelope& change,
                                              event& about,
                                              silver::block_builder& rows) {
  bool has_before = false;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& plan = columns_[i];
    auto& column = rows.column(i);
    const bool in_row = plan.source == column_source::row;
    if (in_row && !plan.is_key) {
      column.append_default();
      continue;
    }
    auto from = in_row ? from_key(i, about) : from_record(plan, about);
    if (in_row && is_missing(from) && change.before != json_document::root()) {
      // Without REPLICA IDENTITY FULL only the key's columns of it are true.
      has_before = has_before
                   || row_.read(document_, change.before, "before").why
                          == reject_reason::none;
      if (has_before)
        from = row_.column(i);
    }
    const auto why = write_column(plan, from, column);
    if (why == reject_reason::missing_key)
      detail_ += "; " + key_.detail();
    if (why != reject_reason::none)
      return why;
  }
  return reject_reason::none;
}

value debezium_decoder::from_key(std::size_t index, event& about) {
  if (!about.is_key_read)
    key_.read(about.record.key);
  about.is_key_read = true;
  return key_.column(index);
}

value debezium_decoder::digits_of(std::int64_t number, time_unit unit) {
  const auto end =
      std::to_chars(digits_.data(), digits_.data() + digits_.size(), number)
          .ptr;
  return plain_number({digits_.data(), end}, unit);
}

value debezium_decoder::from_record(const column_plan& plan,
                                    const event& about) {
  switch (plan.source) {
  case column_source::offset:
    return digits_of(about.record.offset, time_unit::automatic);
  case column_source::partition:
    return digits_of(about.partition, time_unit::automatic);
  case column_source::timestamp:
    if (about.record.timestamp_ms < 0)
      return text_or_null(std::nullopt);
    return digits_of(about.record.timestamp_ms, time_unit::ms);
  case column_source::key:
    return text_or_null(about.record.key);
  case column_source::operation:
    return plain_string(letter_of(about.op));
  case column_source::header:
    // Of several headers with one name the last counts, as in Kafka's API.
    for (const auto& header : about.record.headers | std::views::reverse)
      if (header.name == plan.path.front())
        return text_or_null(header.value);
    return {};
  case column_source::row:
    break;
  }
  return {};
}

void debezium_decoder::append_origin(const event& about,
                                     silver::block_builder& rows) const {
  rows.column(layout_.partition_column).append(about.partition);
  rows.column(layout_.offset_column).append(about.record.offset);
  rows.column(layout_.epoch_column).append(about.epoch);
  if (layout_.version_column)
    rows.column(*layout_.version_column)
        .append(silver::row_version(about.epoch, about.record.offset));
  if (layout_.deleted_column)
    rows.column(*layout_.deleted_column)
        .append(
            static_cast<std::uint8_t>(about.op == operation::remove ? 1 : 0));
}

} // namespace sluice::cdc
