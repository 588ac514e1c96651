#include <vector>

#include <zstd.h>

#include "clickhouse/server/coding_streams.hpp"

namespace sluice::clickhouse::server {

namespace {

class zstd_decoder : public coding_stream {
public:
  zstd_decoder()
      : stream_(ZSTD_createDStream(), &ZSTD_freeDStream),
        out_(ZSTD_DStreamOutSize()) {
    // nop
  }

  bool feed(std::string_view bytes, const byte_sink& sink) override {
    if (stream_ == nullptr)
      return false;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool is_full = false;
    while (in.pos < in.size || is_full) {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      left_ = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_isError(left_) != 0
          || (out.pos > 0 && !sink({out_.data(), out.pos})))
        return false;
      is_full = out.pos == out.size && left_ != 0;
    }
    return true;
  }
  bool finish(const byte_sink&) override { return left_ == 0; }

private:
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
  std::vector<char> out_;
  /// zstd's hint of what is missing of the frame; 0: nothing.
  std::size_t left_ = 1;
};

class zstd_encoder : public coding_stream {
public:
  zstd_encoder()
      : stream_(ZSTD_createCStream(), &ZSTD_freeCStream),
        out_(ZSTD_CStreamOutSize()) {
    // nop
  }

  bool feed(std::string_view bytes, const byte_sink& sink) override {
    return run(bytes, ZSTD_e_continue, sink);
  }
  bool finish(const byte_sink& sink) override {
    return run({}, ZSTD_e_end, sink);
  }

private:
  bool run(std::string_view bytes, ZSTD_EndDirective end,
           const byte_sink& sink) {
    if (stream_ == nullptr)
      return false;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      left = ZSTD_compressStream2(stream_.get(), &out, &in, end);
      if (ZSTD_isError(left) != 0
          || (out.pos > 0 && !sink({out_.data(), out.pos})))
        return false;
    } while (in.pos < in.size || (end == ZSTD_e_end && left != 0));
    return true;
  }

  std::unique_ptr<ZSTD_CStream, decltype(&ZSTD_freeCStream)> stream_;
  std::vector<char> out_;
};

} // namespace

std::unique_ptr<coding_stream> make_zstd_decoder() {
  return std::make_unique<zstd_decoder>();
}

std::unique_ptr<coding_stream> make_zstd_encoder() {
  return std::make_unique<zstd_encoder>();
}

} // namespace sluice::clickhouse::server
