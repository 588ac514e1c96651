#include <algorithm>
#include <array>

#include <zlib.h>

#include "clickhouse/server/coding_streams.hpp"

namespace sluice::clickhouse::server {

namespace {

constexpr std::size_t piece_size = std::size_t{64} * 1024;
// zlib's code for "find out whether it is gzip or zlib", and for gzip output.
constexpr int detect_header = 32;
constexpr int gzip_header = 16;

/// zlib takes its input through a pointer to non-const, but does not write.
void give(z_stream& stream, std::string_view bytes) {
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // NOLINT
  stream.avail_in = static_cast<uInt>(bytes.size());
}

class zlib_decoder : public coding_stream {
public:
  zlib_decoder()
      : is_ready_(inflateInit2(&stream_, MAX_WBITS + detect_header) == Z_OK) {
    // nop
  }
  ~zlib_decoder() override { inflateEnd(&stream_); }

  bool feed(std::string_view bytes, const byte_sink& sink) override {
    give(stream_, bytes);
    while (is_ready_ && stream_.avail_in > 0) {
      if (is_ended_) {
        // gzip files may be joined.
        is_ended_ = false;
        if (inflateReset(&stream_) != Z_OK)
          return false;
      }
      if (!step(sink))
        return false;
    }
    return is_ready_;
  }
  bool finish(const byte_sink&) override { return is_ended_; }

private:
  bool step(const byte_sink& sink) {
    std::array<char, piece_size> out; // NOLINT: filled by inflate
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = out.size();
      const int result = inflate(&stream_, Z_NO_FLUSH);
      is_ended_ = result == Z_STREAM_END;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return false;
      const auto size = out.size() - stream_.avail_out;
      if (size > 0 && !sink({out.data(), size}))
        return false;
    } while (stream_.avail_out == 0 && !is_ended_);
    return true;
  }

  z_stream stream_{};
  bool is_ready_;
  bool is_ended_ = false;
};

class zlib_encoder : public coding_stream {
public:
  explicit zlib_encoder(bool is_gzip)
      : is_ready_(deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED,
                               MAX_WBITS + (is_gzip ? gzip_header : 0), 8,
                               Z_DEFAULT_STRATEGY)
                  == Z_OK) {
    // nop
  }
  ~zlib_encoder() override { deflateEnd(&stream_); }

  bool feed(std::string_view bytes, const byte_sink& sink) override {
    for (; !bytes.empty();
         bytes.remove_prefix(std::min(bytes.size(), piece_size))) {
      give(stream_, bytes.substr(0, piece_size));
      if (!run(Z_NO_FLUSH, sink))
        return false;
    }
    return is_ready_;
  }
  bool finish(const byte_sink& sink) override {
    give(stream_, {});
    return run(Z_FINISH, sink);
  }

private:
  bool run(int flush, const byte_sink& sink) {
    std::array<char, piece_size> out; // NOLINT: filled by deflate
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = out.size();
      if (!is_ready_ || deflate(&stream_, flush) == Z_STREAM_ERROR)
        return false;
      const auto size = out.size() - stream_.avail_out;
      if (size > 0 && !sink({out.data(), size}))
        return false;
    } while (stream_.avail_out == 0);
    return true;
  }

  z_stream stream_{};
  bool is_ready_;
};

} // namespace

std::unique_ptr<coding_stream> make_zlib_decoder() {
  return std::make_unique<zlib_decoder>();
}

std::unique_ptr<coding_stream> make_zlib_encoder(bool is_gzip) {
  return std::make_unique<zlib_encoder>(is_gzip);
}

} // namespace sluice::clickhouse::server
