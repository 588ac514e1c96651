#include "kafka/journal_codec.hpp"

namespace sluice::kafka {

entry_writer& entry_writer::number(std::int64_t value) {
  for (unsigned i = 0; i < 8; ++i)
    bytes_.push_back(
        static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
  return *this;
}

entry_writer& entry_writer::text(const std::optional<std::string>& value) {
  number(value ? static_cast<std::int64_t>(value->size()) : -1);
  if (value) {
    auto data = std::as_bytes(std::span{*value});
    bytes_.insert(bytes_.end(), data.begin(), data.end());
  }
  return *this;
}

std::int64_t entry_reader::number() {
  if (rest_.size() < 8) {
    ok_ = false;
    return 0;
  }
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i)
    value |= std::to_integer<std::uint64_t>(rest_[i]) << (8 * i);
  rest_ = rest_.subspan(8);
  return static_cast<std::int64_t>(value);
}

std::optional<std::string> entry_reader::text() {
  auto size = number();
  if (!ok_ || size == -1)
    return std::nullopt;
  if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) {
    ok_ = false;
    return std::nullopt;
  }
  auto data = rest_.first(static_cast<std::size_t>(size));
  rest_ = rest_.subspan(data.size());
  // std::byte may be read as char.
  return std::string{reinterpret_cast<const char*>(data.data()), data.size()};
}

} // namespace sluice::kafka
