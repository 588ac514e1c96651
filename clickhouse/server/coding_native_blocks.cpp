#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include <lz4.h>
#include <zstd.h>

#include "clickhouse/server/city_hash.hpp"
#include "clickhouse/server/coding_streams.hpp"

// The format of a block (ClickHouse, src/Compression): 16 bytes checksum of
// what follows; 1 byte method; 4 bytes size of header and data; 4 bytes size
// of the plain data; the data. Numbers are little-endian.

namespace sluice::clickhouse::server {

namespace {

constexpr std::size_t checksum_size = 16;
constexpr std::size_t header_size = 9;
/// ClickHouse's own limit for one block (MAX_COMPRESSED_SIZE).
constexpr std::uint32_t block_limit = 0x40000000;
constexpr std::size_t plain_block_size = std::size_t{1024} * 1024;

constexpr char method_none = 0x02;
constexpr char method_lz4 = static_cast<char>(0x82);
constexpr char method_zstd = static_cast<char>(0x90);

template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class Number>
void put(std::string& bytes, Number value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

class native_blocks_decoder : public coding_stream {
public:
  bool feed(std::string_view bytes, const byte_sink& sink) override {
    pending_ += bytes;
    std::string_view rest{pending_};
    while (rest.size() >= checksum_size + header_size) {
      const auto size = number_at<std::uint32_t>(rest, checksum_size + 1);
      if (size < header_size || size > block_limit)
        return false;
      if (rest.size() < checksum_size + size)
        break;
      if (!block(rest.substr(0, checksum_size + size), sink))
        return false;
      rest.remove_prefix(checksum_size + size);
    }
    pending_.erase(0, pending_.size() - rest.size());
    return true;
  }
  bool finish(const byte_sink&) override { return pending_.empty(); }

private:
  bool block(std::string_view bytes, const byte_sink& sink) {
    const hash_128 stated{.low = number_at<std::uint64_t>(bytes, 0),
                          .high = number_at<std::uint64_t>(bytes, 8)};
    const auto body = bytes.substr(checksum_size);
    if (!(city_hash_128(body) == stated))
      return false;
    const auto plain_size = number_at<std::uint32_t>(body, 5);
    if (plain_size > block_limit)
      return false;
    const auto data = body.substr(header_size);
    if (body.front() == method_none)
      return data.size() == plain_size && (data.empty() || sink(data));
    plain_.resize(plain_size);
    if (body.front() == method_lz4) {
      const int n = LZ4_decompress_safe(data.data(), plain_.data(),
                                        static_cast<int>(data.size()),
                                        static_cast<int>(plain_size));
      if (n < 0 || static_cast<std::uint32_t>(n) != plain_size)
        return false;
    } else if (body.front() == method_zstd) {
      if (ZSTD_decompress(plain_.data(), plain_size, data.data(), data.size())
          != plain_size)
        return false;
    } else {
      return false;
    }
    return plain_.empty() || sink(plain_);
  }

  std::string pending_;
  std::string plain_;
};

class native_blocks_encoder : public coding_stream {
public:
  bool feed(std::string_view bytes, const byte_sink& sink) override {
    for (; !bytes.empty();
         bytes.remove_prefix(std::min(bytes.size(), plain_block_size)))
      if (!block(bytes.substr(0, plain_block_size), sink))
        return false;
    return true;
  }
  bool finish(const byte_sink&) override { return true; }

private:
  bool block(std::string_view plain, const byte_sink& sink) {
    std::string data(static_cast<std::size_t>(
                         LZ4_compressBound(static_cast<int>(plain.size()))),
                     '\0');
    const int size = LZ4_compress_default(plain.data(), data.data(),
                                          static_cast<int>(plain.size()),
                                          static_cast<int>(data.size()));
    if (size <= 0)
      return false;
    std::string body(1, method_lz4);
    put(body, static_cast<std::uint32_t>(header_size
                                         + static_cast<std::size_t>(size)));
    put(body, static_cast<std::uint32_t>(plain.size()));
    body.append(data.data(), static_cast<std::size_t>(size));
    const auto checksum = city_hash_128(body);
    std::string head;
    put(head, checksum.low);
    put(head, checksum.high);
    return sink(head) && sink(body);
  }
};

} // namespace

std::unique_ptr<coding_stream> make_native_blocks_decoder() {
  return std::make_unique<native_blocks_decoder>();
}

std::unique_ptr<coding_stream> make_native_blocks_encoder() {
  return std::make_unique<native_blocks_encoder>();
}

} // namespace sluice::clickhouse::server
