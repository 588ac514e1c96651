// A table, its decoder and the block that it fills, for tests.
#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cdc/decoder.hpp"
#include "native_rows.hpp"
#include "silver/table_layout.hpp"

namespace sluice::cdc_test {

using topology::on_invalid;
using topology::record_format;
using topology::table_mode;
using topology::time_unit;

inline topology::column column(std::string name, std::string type,
                               std::string from = {}) {
  topology::column result;
  result.from = from.empty() ? name : std::move(from);
  result.name = std::move(name);
  result.type = std::move(type);
  return result;
}

inline topology::column with(topology::column result, on_invalid policy) {
  result.invalid = policy;
  return result;
}

inline topology::column with(topology::column result, time_unit unit) {
  result.unit = unit;
  return result;
}

inline topology::column raw(topology::column result) {
  result.raw = true;
  return result;
}

using bytes = std::optional<std::string_view>;

class table_under_test {
public:
  explicit table_under_test(std::vector<topology::column> columns,
                            std::vector<std::string> key = {},
                            record_format format = record_format::debezium_json)
      : table_under_test(
          make_table(std::move(columns), std::move(key), format)) {}

  explicit table_under_test(const topology::table& table)
      : table_under_test(lay_out_or_throw(table)) {}

  explicit table_under_test(silver::table_layout layout)
      : layout_(std::move(layout)), decoder_(cdc::make_decoder(layout_)),
        rows_(layout_.block_columns) {}

  cdc::outcome decode(bytes key, bytes value, std::int64_t offset = 0,
                      std::span<const kafka::header> headers = {},
                      std::int64_t timestamp_ms = -1) {
    kafka::record record;
    record.offset = offset;
    record.timestamp_ms = timestamp_ms;
    // Exactly as large as they are, so that a read beyond them is seen.
    const auto copy = [](bytes from) {
      return std::vector<char>(from ? from->begin() : nullptr,
                               from ? from->end() : nullptr);
    };
    const auto key_bytes = copy(key);
    const auto value_bytes = copy(value);
    if (key)
      record.key = std::string_view(key_bytes.data(), key_bytes.size());
    if (value)
      record.value = std::string_view(value_bytes.data(), value_bytes.size());
    record.headers = headers;
    const auto before = rows_.rows();
    auto result = decoder_->decode(record, partition, epoch, rows_);
    const bool is_row = result.what == cdc::verdict::upserted
                        || result.what == cdc::verdict::deleted;
    if (rows_.rows() != before + (is_row ? 1 : 0))
      throw std::runtime_error("verdict and block disagree");
    return result;
  }

  /// The rows so far, and an empty block again. The row's own columns
  /// (partition, offset, epoch, version, deleted) are cut off unless `all`.
  std::vector<std::vector<std::string>> rows(bool all = false) {
    auto result = native_rows::read(*rows_.finish(), layout_.block_columns);
    if (!all)
      for (auto& row : result)
        row.resize(layout_.read_columns.size());
    return result;
  }

  std::size_t row_count() const { return rows_.rows(); }
  std::size_t size() const { return rows_.bytes(); }
  cdc::policy_counts policies() const { return decoder_->policies(); }

  static constexpr std::int32_t partition = 3;
  static constexpr std::uint16_t epoch = 2;

private:
  static topology::table make_table(std::vector<topology::column> columns,
                                    std::vector<std::string> key,
                                    record_format format) {
    topology::table table;
    table.name = "t";
    table.topic = "topic";
    table.format = format;
    table.mode = key.empty() ? table_mode::append : table_mode::latest;
    table.order_by = key;
    table.key = std::move(key);
    table.columns = std::move(columns);
    return table;
  }

  static silver::table_layout lay_out_or_throw(const topology::table& table) {
    auto layout = silver::lay_out(table);
    if (!layout)
      throw std::runtime_error(layout.error().front().message);
    return *layout;
  }

  silver::table_layout layout_;
  std::unique_ptr<cdc::decoder> decoder_;
  silver::block_builder rows_;
};

} // namespace sluice::cdc_test
