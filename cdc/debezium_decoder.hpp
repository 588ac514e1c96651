// Debezium's change events in JSON, from relational sources and from MongoDB.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cdc/column_plan.hpp"
#include "cdc/column_writer.hpp"
#include "cdc/decoder.hpp"
#include "cdc/envelope.hpp"
#include "cdc/row_reader.hpp"
#include "cdc/shape_reader.hpp"

namespace sluice::cdc {

/// Keys and values beyond this are refused before they are looked at.
inline constexpr std::size_t largest_record_text = 16U << 20U;

class debezium_decoder final : public decoder {
public:
  explicit debezium_decoder(const silver::table_layout& layout);

  [[nodiscard]] outcome decode(const kafka::record& record,
                               std::int32_t partition, std::uint16_t epoch,
                               silver::block_builder& rows) override;

  [[nodiscard]] policy_counts policies() const override {
    return writer_.counts();
  }

private:
  /// One record on its way.
  struct event {
    const kafka::record& record;
    std::int32_t partition;
    std::uint16_t epoch;
    operation op;
    bool is_key_read = false;
    /// Its row's values are in shapes_, not in row_.
    bool has_known_shape = false;
  };

  [[nodiscard]] outcome tombstone(const kafka::record& record) const;
  [[nodiscard]] std::optional<outcome>
  decode_by_shape(const kafka::record& record, std::int32_t partition,
                  std::uint16_t epoch, silver::block_builder& rows);
  [[nodiscard]] outcome decode_change(const envelope& change, event& about,
                                      silver::block_builder& rows);
  [[nodiscard]] bool is_let_in(const event& about, silver::block_builder& rows);
  [[nodiscard]] outcome finish(reject_reason why, const event& about,
                               silver::block_builder& rows);
  [[nodiscard]] reject_reason write_row(event& about,
                                        silver::block_builder& rows);
  [[nodiscard]] reject_reason write_deleted(const envelope& change,
                                            event& about,
                                            silver::block_builder& rows);
  [[nodiscard]] reject_reason write_column(const column_plan& plan,
                                           const value& from,
                                           silver::column_buffer& column);
  [[nodiscard]] value from_record(const column_plan& plan, const event& about);
  [[nodiscard]] value from_key(std::size_t index, event& about);
  void append_origin(const event& about, silver::block_builder& rows) const;
  [[nodiscard]] value digits_of(std::int64_t number, topology::time_unit unit);

  silver::table_layout layout_;
  bool is_latest_;
  std::vector<column_plan> columns_;
  json_document document_;
  envelope_reader envelopes_;
  shape_reader shapes_;
  row_reader row_;
  key_reader key_;
  column_writer writer_;
  std::string detail_;
  std::array<char, 24> digits_{};
};

} // namespace sluice::cdc
