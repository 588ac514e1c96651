#include <algorithm>
#include <vector>

#include <lz4frame.h>

#include "clickhouse/server/coding_streams.hpp"

namespace sluice::clickhouse::server {

namespace {

constexpr std::size_t piece_size = std::size_t{64} * 1024;

class lz4_decoder : public coding_stream {
public:
  lz4_decoder() : out_(4 * piece_size) {
    is_ready_ =
        LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION))
        == 0;
  }
  ~lz4_decoder() override { LZ4F_freeDecompressionContext(context_); }

  bool feed(std::string_view bytes, const byte_sink& sink) override {
    bool is_full = false;
    while (is_ready_ && (!bytes.empty() || is_full)) {
      std::size_t in = bytes.size();
      std::size_t out = out_.size();
      left_ = LZ4F_decompress(context_, out_.data(), &out, bytes.data(), &in,
                              nullptr);
      if (LZ4F_isError(left_) != 0 || (out > 0 && !sink({out_.data(), out})))
        return false;
      bytes.remove_prefix(in);
      is_full = out == out_.size() && left_ != 0;
    }
    return is_ready_;
  }
  bool finish(const byte_sink&) override { return left_ == 0; }

private:
  LZ4F_dctx* context_ = nullptr;
  std::vector<char> out_;
  bool is_ready_ = false;
  /// lz4's hint of what is missing of the frame; 0: nothing.
  std::size_t left_ = 1;
};

class lz4_encoder : public coding_stream {
public:
  lz4_encoder()
      : out_(LZ4F_compressBound(piece_size, nullptr) + LZ4F_HEADER_SIZE_MAX) {
    is_ready_ =
        LZ4F_isError(LZ4F_createCompressionContext(&context_, LZ4F_VERSION))
        == 0;
  }
  ~lz4_encoder() override { LZ4F_freeCompressionContext(context_); }

  bool feed(std::string_view bytes, const byte_sink& sink) override {
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, piece_size);
      if (!begun(sink)
          || !give(LZ4F_compressUpdate(context_, out_.data(), out_.size(),
                                       piece.data(), piece.size(), nullptr),
                   sink))
        return false;
      bytes.remove_prefix(piece.size());
    }
    return is_ready_;
  }
  bool finish(const byte_sink& sink) override {
    return begun(sink)
           && give(
               LZ4F_compressEnd(context_, out_.data(), out_.size(), nullptr),
               sink);
  }

private:
  bool begun(const byte_sink& sink) {
    if (!is_ready_ || is_begun_)
      return is_ready_;
    is_begun_ = true;
    return give(LZ4F_compressBegin(context_, out_.data(), out_.size(), nullptr),
                sink);
  }
  bool give(std::size_t size, const byte_sink& sink) {
    return LZ4F_isError(size) == 0 && (size == 0 || sink({out_.data(), size}));
  }

  LZ4F_cctx* context_ = nullptr;
  std::vector<char> out_;
  bool is_ready_ = false;
  bool is_begun_ = false;
};

} // namespace

std::unique_ptr<coding_stream> make_lz4_decoder() {
  return std::make_unique<lz4_decoder>();
}

std::unique_ptr<coding_stream> make_lz4_encoder() {
  return std::make_unique<lz4_encoder>();
}

} // namespace sluice::clickhouse::server
