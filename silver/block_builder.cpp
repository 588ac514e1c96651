#include "silver/block_builder.hpp"

#include <array>
#include <cstring>
#include <stdexcept>

#include "silver/ddl.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::silver {

// -- column_buffer -----------------------------------------------------------

column_buffer::column_buffer(const column_type& type)
    : type_(type), width_(type.width()), nullable_(type.nullable) {
  if (type.kind == type_kind::array)
    elements_ = std::make_unique<column_buffer>(*type.element);
}

void column_buffer::append_null() {
  if (!nullable_)
    throw std::logic_error("NULL appended to a column of type " + type_.name());
  append_placeholder(true);
}

void column_buffer::append_default() { append_placeholder(nullable_); }

void column_buffer::append_placeholder(bool null) {
  if (elements_ != nullptr) {
    end_array();
    return;
  }
  // An empty String is its length alone, which is one zero byte.
  data_.append_zeros(width_ == 0 ? 1 : width_);
  end_value(null);
}

void column_buffer::end_array() {
  offsets_.append(static_cast<std::uint64_t>(elements_->rows()));
  ++rows_;
}

std::size_t column_buffer::bytes() const {
  return data_.size() + null_map_.size() + offsets_.size()
         + (elements_ == nullptr ? 0 : elements_->bytes());
}

void column_buffer::commit() {
  committed_bytes_ = data_.size();
  if (elements_ != nullptr)
    elements_->commit();
}

void column_buffer::cut_back(std::size_t rows) {
  rows_ = rows;
  if (nullable_)
    null_map_.shrink(rows);
  if (elements_ == nullptr) {
    data_.shrink(width_ == 0 ? committed_bytes_ : rows * width_);
    return;
  }
  offsets_.shrink(rows * sizeof(std::uint64_t));
  std::uint64_t elements = 0;
  if (rows != 0)
    std::memcpy(&elements, offsets_.view().last(sizeof(std::uint64_t)).data(),
                sizeof elements);
  elements_->cut_back(elements);
}

namespace {

// A large block is often followed by small ones (behind, then caught up):
// halving lets the room follow down without measuring anything.
void expect_half_of(byte_buffer& buffer, const byte_buffer& former) {
  if (former.size() == 0)
    return;
  // Some more than before: rows vary, and a string's append asks for the
  // longest length prefix.
  const auto wanted = former.size() + former.size() / 16 + 16;
  buffer.reserve(std::max(wanted, former.capacity() / 2));
}

} // namespace

void column_buffer::expect_capacity_of(const column_buffer& former) {
  expect_half_of(data_, former.data_);
  expect_half_of(null_map_, former.null_map_);
  expect_half_of(offsets_, former.offsets_);
  if (elements_ != nullptr)
    elements_->expect_capacity_of(*former.elements_);
}

bool column_buffer::consistent() const {
  if (nullable_ && null_map_.size() != rows_)
    return false;
  if (elements_ != nullptr)
    return offsets_.size() == rows_ * sizeof(std::uint64_t)
           && elements_->consistent();
  return width_ == 0 ? data_.size() >= rows_ : data_.size() == rows_ * width_;
}

void column_buffer::add_pieces(
    std::vector<std::span<const std::byte>>& pieces) const {
  for (const auto* part : {&null_map_, &offsets_, &data_})
    if (part->size() != 0)
      pieces.push_back(part->view());
  if (elements_ != nullptr)
    elements_->add_pieces(pieces);
}

// -- block_builder -----------------------------------------------------------

namespace {

void add_varuint(std::vector<std::byte>& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U)
    out.push_back(static_cast<std::byte>(value | 0x80U));
  out.push_back(static_cast<std::byte>(value));
}

void add_string(std::vector<std::byte>& out, std::string_view value) {
  add_varuint(out, value.size());
  for (const auto byte : value)
    out.push_back(static_cast<std::byte>(byte));
}

} // namespace

block_builder::block_builder(std::vector<block_column> columns)
    : layout_(std::move(columns)) {
  columns_.reserve(layout_.size());
  for (const auto& column : layout_) {
    if (column.type.width() == 0)
      variable_.push_back(columns_.size());
    columns_.emplace_back(column.type);
  }
}

std::size_t block_builder::bytes() const {
  std::size_t sum = 0;
  for (const auto& column : columns_)
    sum += column.bytes();
  return sum;
}

void block_builder::commit_row() {
  ++rows_;
  for (const auto index : variable_)
    columns_[index].commit();
#ifndef NDEBUG
  for (const auto& column : columns_)
    assert(column.rows() == rows_);
#endif
}

void block_builder::rollback_row() {
  for (auto& column : columns_)
    column.cut_back(rows_);
}

std::vector<std::int64_t> block::int64_values(std::size_t column) const {
  const auto bytes = columns_[column].data_.view();
  assert(bytes.size() == rows_ * sizeof(std::int64_t));
  std::vector<std::int64_t> result(rows_);
  if (rows_ > 0)
    std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

block_ptr block_builder::finish() {
  for (auto& column : columns_) {
    if (column.rows() < rows_ || !column.consistent())
      throw std::logic_error("a column of type " + column.type().name()
                             + " does not hold one value a row");
    column.cut_back(rows_);
  }
  auto result = std::make_shared<block>();
  result->rows_ = rows_;
  // The columns' headers share one piece of memory, so that must not move
  // while spans into it are handed out: sizes first, spans second.
  std::vector<std::size_t> header_ends;
  header_ends.reserve(columns_.size());
  add_varuint(result->headers_, columns_.size());
  add_varuint(result->headers_, rows_);
  for (const auto& column : layout_) {
    const auto type = column.type.wire_name();
    add_string(result->headers_, column.name);
    add_string(result->headers_, type);
    header_ends.push_back(result->headers_.size());
    result->names_.push_back(column.name);
    result->structure_ += result->structure_.empty() ? "" : ", ";
    result->structure_ += topology::quote_identifier(column.name) + ' ' + type;
  }
  result->columns_ = std::move(columns_);
  columns_.clear();
  const auto headers = std::span<const std::byte>{result->headers_};
  std::size_t begin = 0;
  for (std::size_t index = 0; index < layout_.size(); ++index) {
    const auto& former = result->columns_[index];
    result->pieces_.push_back(
        headers.subspan(begin, header_ends[index] - begin));
    begin = header_ends[index];
    former.add_pieces(result->pieces_);
    columns_.emplace_back(layout_[index].type).expect_capacity_of(former);
  }
  for (const auto& piece : result->pieces_)
    result->bytes_ += piece.size();
  rows_ = 0;
  return result;
}

} // namespace sluice::silver
