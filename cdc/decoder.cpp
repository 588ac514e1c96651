#include "cdc/decoder.hpp"

#include "cdc/debezium_decoder.hpp"

namespace sluice::cdc {

std::string_view to_string(ignore_reason reason) {
  switch (reason) {
  case ignore_reason::none:
    return "none";
  case ignore_reason::tombstone:
    return "tombstone";
  case ignore_reason::heartbeat:
    return "heartbeat";
  case ignore_reason::transaction_marker:
    return "transaction_marker";
  case ignore_reason::schema_change:
    return "schema_change";
  case ignore_reason::logical_message:
    return "logical_message";
  case ignore_reason::truncate:
    return "truncate";
  case ignore_reason::snapshot_marker:
    return "snapshot_marker";
  case ignore_reason::not_an_insert:
    return "not_an_insert";
  }
  return "unknown";
}

std::string_view to_string(reject_reason reason) {
  switch (reason) {
  case reject_reason::none:
    return "none";
  case reject_reason::not_json:
    return "not_json";
  case reject_reason::no_envelope:
    return "no_envelope";
  case reject_reason::unknown_operation:
    return "unknown_operation";
  case reject_reason::missing_row:
    return "missing_row";
  case reject_reason::missing_key:
    return "missing_key";
  case reject_reason::wrong_type:
    return "wrong_type";
  case reject_reason::out_of_range:
    return "out_of_range";
  case reject_reason::inexact:
    return "inexact";
  case reject_reason::null_value:
    return "null_value";
  case reject_reason::bad_encoding:
    return "bad_encoding";
  case reject_reason::unchanged_toast:
    return "unchanged_toast";
  case reject_reason::too_deep:
    return "too_deep";
  case reject_reason::too_large:
    return "too_large";
  case reject_reason::outside_windows:
    return "outside_windows";
  }
  return "unknown";
}

std::unique_ptr<decoder> make_decoder(const silver::table_layout& layout) {
  return std::make_unique<debezium_decoder>(layout);
}

} // namespace sluice::cdc
