#include "simulation/native_rows.hpp"

#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

namespace sluice::simulation {

namespace {

class native_reader {
public:
  explicit native_reader(const silver::block& from) {
    for (const auto& piece : from.pieces())
      bytes_.insert(bytes_.end(), piece.begin(), piece.end());
  }

  template <class Number>
  Number number() {
    Number result;
    std::memcpy(&result, take(sizeof result).data(), sizeof result);
    return result;
  }
  std::size_t varuint() {
    std::size_t result = 0;
    for (auto shift = 0U;; shift += 7) {
      const auto byte = number<std::uint8_t>();
      result |= static_cast<std::size_t>(byte & 0x7fU) << shift;
      if (byte < 0x80)
        return result;
    }
  }
  std::string text() {
    const auto bytes = take(varuint());
    std::string result(bytes.size(), '\0');
    std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
  }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

private:
  std::span<const std::byte> take(std::size_t count) {
    if (count > bytes_.size() - at_)
      throw std::runtime_error{"a Native block is cut off"};
    at_ += count;
    return std::span{bytes_}.subspan(at_ - count, count);
  }

  std::vector<std::byte> bytes_;
  std::size_t at_ = 0;
};

void read_column(native_reader& from, std::vector<row>& into) {
  const auto name = from.text();
  const auto type = from.text();
  for (auto& each : into) {
    if (name == "id" && type == "Int64")
      each.id = from.number<std::int64_t>();
    else if (name == "amount" && type == "Int64")
      each.amount = from.number<std::int64_t>();
    else if (name == "link" && type == "Int64")
      each.link = from.number<std::int64_t>();
    else if (name == "at" && type == "DateTime")
      each.at = from.number<std::uint32_t>();
    else if (name == "_partition" && type == "Int32")
      each.partition = from.number<std::int32_t>();
    else if (name == "_offset" && type == "Int64")
      each.offset = from.number<std::int64_t>();
    else if (name == "_epoch" && type == "UInt16")
      each.epoch = from.number<std::uint16_t>();
    else if (name == "_version" && type == "UInt64")
      each.version = from.number<std::uint64_t>();
    else if (name == "_deleted" && type == "UInt8")
      each.deleted = from.number<std::uint8_t>() != 0;
    else
      throw std::runtime_error{"column " + name + " " + type
                               + " is not expected"};
  }
}

} // namespace

std::vector<row> read_rows(const silver::block& from) {
  native_reader bytes{from};
  const auto columns = bytes.varuint();
  std::vector<row> result(bytes.varuint());
  for (std::size_t i = 0; i < columns; ++i)
    read_column(bytes, result);
  if (!bytes.at_end())
    throw std::runtime_error{"a Native block has bytes behind its end"};
  return result;
}

} // namespace sluice::simulation
