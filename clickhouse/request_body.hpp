// The body of an HTTP request, made while it is sent: a block of hundreds of
// megabytes is compressed piece by piece and never lies in memory twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace sluice::clickhouse {

/// Used by one thread at a time.
class request_body {
public:
  virtual ~request_body() = default;
  request_body() = default;
  request_body(const request_body&) = delete;
  request_body& operator=(const request_body&) = delete;

  /// Fills the front of `out` and returns how many bytes; 0: the end;
  /// std::nullopt: the body cannot be made (out of memory in a compressor).
  [[nodiscard]] virtual std::optional<std::size_t>
  read(std::span<char> out) = 0;
  /// Begins anew with the first byte; false when that cannot be done.
  [[nodiscard]] virtual bool rewind() = 0;
  /// Bytes that the pieces have before any compression.
  [[nodiscard]] virtual std::uint64_t content_size() const = 0;
  /// Bytes that read() gives in all, when known before the end.
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const = 0;
  /// For Content-Encoding; empty: none.
  [[nodiscard]] virtual std::string_view encoding() const = 0;
};

/// `pieces` one after the other, compressed by "lz4" (frames) or "zstd"; any
/// other name: as they are. Both formats carry a checksum of the content. The
/// pieces must outlive the body. nullptr: no memory for a compressor.
[[nodiscard]] std::unique_ptr<request_body>
make_request_body(std::span<const std::span<const std::byte>> pieces,
                  std::string_view compression);

} // namespace sluice::clickhouse
