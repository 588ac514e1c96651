// Content codings of HTTP bodies, as streams: gzip, deflate, zstd, lz4 (frame
// format), and ClickHouse's own framing of compressed blocks (`compress=1`,
// `decompress=1`).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace sluice::clickhouse::server {

enum class content_coding { identity, gzip, deflate, zstd, lz4, native_blocks };

/// By its name in Content-Encoding; empty is identity. Nothing: not known.
[[nodiscard]] std::optional<content_coding> coding_named(std::string_view name);
[[nodiscard]] std::string_view coding_name(content_coding coding);

/// The first coding of an Accept-Encoding header that is known here (zero
/// weights do not count); identity when there is none.
[[nodiscard]] content_coding accepted_coding(std::string_view header);

/// Takes coded or plain bytes in pieces of bounded size. Returns false to stop.
using byte_sink = std::function<bool(std::string_view)>;

/// A stream in one direction. Not reusable after `finish` or a failure.
class coding_stream {
public:
  virtual ~coding_stream() = default;
  coding_stream() = default;
  coding_stream(const coding_stream&) = delete;
  coding_stream& operator=(const coding_stream&) = delete;
  /// False: the input is malformed, or the sink stopped.
  [[nodiscard]] virtual bool feed(std::string_view bytes,
                                  const byte_sink& sink) = 0;
  /// The end of the input. False: it is cut off, or the sink stopped.
  [[nodiscard]] virtual bool finish(const byte_sink& sink) = 0;
};

[[nodiscard]] std::unique_ptr<coding_stream>
make_decoder(content_coding coding);
[[nodiscard]] std::unique_ptr<coding_stream>
make_encoder(content_coding coding);

} // namespace sluice::clickhouse::server
