// The makers behind content_coding.hpp, one library each.
#pragma once

#include <memory>

#include "clickhouse/server/content_coding.hpp"

namespace sluice::clickhouse::server {

/// Both gzip and zlib ("deflate" in HTTP), told apart by their first bytes.
[[nodiscard]] std::unique_ptr<coding_stream> make_zlib_decoder();
[[nodiscard]] std::unique_ptr<coding_stream> make_zlib_encoder(bool is_gzip);
[[nodiscard]] std::unique_ptr<coding_stream> make_zstd_decoder();
[[nodiscard]] std::unique_ptr<coding_stream> make_zstd_encoder();
/// LZ4 frames.
[[nodiscard]] std::unique_ptr<coding_stream> make_lz4_decoder();
[[nodiscard]] std::unique_ptr<coding_stream> make_lz4_encoder();
/// Blocks of ClickHouse's native protocol: CityHash128 (version 1.0.2) of the
/// rest, method, both sizes, data. Reads LZ4, ZSTD and uncompressed blocks,
/// verifies their checksums, writes LZ4.
[[nodiscard]] std::unique_ptr<coding_stream> make_native_blocks_decoder();
[[nodiscard]] std::unique_ptr<coding_stream> make_native_blocks_encoder();

} // namespace sluice::clickhouse::server
