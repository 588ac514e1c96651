// The bytes of the journal's entries: little-endian integers, strings with
// their length in front, -1 for null.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::kafka {

class entry_writer {
public:
  entry_writer& number(std::int64_t value);
  entry_writer& text(const std::optional<std::string>& value);
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

private:
  std::vector<std::byte> bytes_;
};

/// Reads what entry_writer wrote. After the end, or with a length that goes
/// beyond it, it yields zeros and nulls and ok() is false.
class entry_reader {
public:
  explicit entry_reader(std::span<const std::byte> bytes) : rest_{bytes} {}
  [[nodiscard]] std::int64_t number();
  [[nodiscard]] std::optional<std::string> text();
  [[nodiscard]] bool ok() const { return ok_; }
  /// ok() and nothing left over.
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

private:
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

} // namespace sluice::kafka
