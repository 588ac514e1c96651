#include "clickhouse/request_body.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <lz4frame.h>
#include <zstd.h>

namespace sluice::clickhouse {

namespace {

using pieces_view = std::span<const std::span<const std::byte>>;

/// A place in the pieces.
class piece_reader {
public:
  explicit piece_reader(pieces_view pieces) : pieces_(pieces) {}

  /// The next bytes that lie together, at most `limit`; empty: the end.
  std::span<const std::byte> next(std::size_t limit) {
    while (index_ < pieces_.size() && offset_ == pieces_[index_].size()) {
      ++index_;
      offset_ = 0;
    }
    if (index_ == pieces_.size())
      return {};
    const auto rest = pieces_[index_].subspan(offset_);
    const auto result = rest.first(std::min(rest.size(), limit));
    offset_ += result.size();
    return result;
  }

  void rewind() {
    index_ = 0;
    offset_ = 0;
  }

  [[nodiscard]] std::uint64_t size() const {
    std::uint64_t sum = 0;
    for (const auto& piece : pieces_)
      sum += piece.size();
    return sum;
  }

private:
  pieces_view pieces_;
  std::size_t index_ = 0;
  std::size_t offset_ = 0;
};

class plain_body : public request_body {
public:
  explicit plain_body(pieces_view pieces) : reader_(pieces) {}

  std::optional<std::size_t> read(std::span<char> out) override {
    std::size_t filled = 0;
    while (filled < out.size()) {
      const auto bytes = reader_.next(out.size() - filled);
      if (bytes.empty())
        break;
      std::memcpy(out.data() + filled, bytes.data(), bytes.size());
      filled += bytes.size();
    }
    return filled;
  }
  bool rewind() override {
    reader_.rewind();
    return true;
  }
  [[nodiscard]] std::uint64_t content_size() const override {
    return reader_.size();
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override {
    return reader_.size();
  }
  [[nodiscard]] std::string_view encoding() const override { return {}; }

private:
  piece_reader reader_;
};

struct lz4_deleter {
  void operator()(LZ4F_cctx* context) const {
    LZ4F_freeCompressionContext(context);
  }
};

class lz4_body : public request_body {
public:
  explicit lz4_body(pieces_view pieces) : reader_(pieces) {
    LZ4F_cctx* context = nullptr;
    if (LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION))
        == 0U)
      context_.reset(context);
    preferences_.frameInfo.blockSizeID = LZ4F_max256KB;
    preferences_.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    ready_.resize(LZ4F_compressBound(chunk_size, &preferences_)
                  + LZ4F_HEADER_SIZE_MAX);
  }
  [[nodiscard]] bool usable() const { return context_ != nullptr; }

  std::optional<std::size_t> read(std::span<char> out) override {
    while (sent_ == filled_ && state_ != state::ended)
      if (!compress_more())
        return std::nullopt;
    const auto size = std::min(out.size(), filled_ - sent_);
    std::memcpy(out.data(), ready_.data() + sent_, size);
    sent_ += size;
    return size;
  }
  bool rewind() override {
    reader_.rewind();
    state_ = state::new_frame;
    sent_ = 0;
    filled_ = 0;
    return true;
  }
  [[nodiscard]] std::uint64_t content_size() const override {
    return reader_.size();
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override {
    return std::nullopt;
  }
  [[nodiscard]] std::string_view encoding() const override { return "lz4"; }

private:
  enum class state { new_frame, data, ended };
  static constexpr std::size_t chunk_size = 256U << 10U;

  bool compress_more() {
    sent_ = 0;
    filled_ = 0;
    std::size_t result = 0;
    if (state_ == state::new_frame) {
      result = LZ4F_compressBegin(context_.get(), ready_.data(), ready_.size(),
                                  &preferences_);
      state_ = state::data;
    } else if (const auto bytes = reader_.next(chunk_size); !bytes.empty()) {
      result = LZ4F_compressUpdate(context_.get(), ready_.data(), ready_.size(),
                                   bytes.data(), bytes.size(), nullptr);
    } else {
      result = LZ4F_compressEnd(context_.get(), ready_.data(), ready_.size(),
                                nullptr);
      state_ = state::ended;
    }
    if (LZ4F_isError(result) != 0U)
      return false;
    filled_ = result;
    return true;
  }

  piece_reader reader_;
  std::unique_ptr<LZ4F_cctx, lz4_deleter> context_;
  LZ4F_preferences_t preferences_{};
  std::vector<char> ready_;
  std::size_t sent_ = 0;
  std::size_t filled_ = 0;
  state state_ = state::new_frame;
};

struct zstd_deleter {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

class zstd_body : public request_body {
public:
  explicit zstd_body(pieces_view pieces)
      : reader_(pieces), context_(ZSTD_createCCtx()) {
    if (context_ == nullptr)
      return;
    // The fastest of its levels: ClickHouse compresses again for its disk.
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }
  [[nodiscard]] bool usable() const { return context_ != nullptr; }

  std::optional<std::size_t> read(std::span<char> out) override {
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    while (output.pos < output.size && !ended_) {
      if (input_.pos == input_.size) {
        const auto bytes = reader_.next(chunk_size);
        input_ = {bytes.data(), bytes.size(), 0};
      }
      const auto end = input_.size == 0;
      const auto left = ZSTD_compressStream2(
          context_.get(), &output, &input_, end ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0U)
        return std::nullopt;
      ended_ = end && left == 0;
    }
    return output.pos;
  }
  bool rewind() override {
    reader_.rewind();
    input_ = {};
    ended_ = false;
    return ZSTD_isError(
               ZSTD_CCtx_reset(context_.get(), ZSTD_reset_session_only))
           == 0U;
  }
  [[nodiscard]] std::uint64_t content_size() const override {
    return reader_.size();
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override {
    return std::nullopt;
  }
  [[nodiscard]] std::string_view encoding() const override { return "zstd"; }

private:
  static constexpr std::size_t chunk_size = 1U << 20U;

  piece_reader reader_;
  std::unique_ptr<ZSTD_CCtx, zstd_deleter> context_;
  ZSTD_inBuffer input_{};
  bool ended_ = false;
};

template <class Body>
std::unique_ptr<request_body> usable_or_null(pieces_view pieces) {
  auto body = std::make_unique<Body>(pieces);
  return body->usable() ? std::move(body) : nullptr;
}

} // namespace

std::unique_ptr<request_body> make_request_body(pieces_view pieces,
                                                std::string_view compression) {
  if (compression == "lz4")
    return usable_or_null<lz4_body>(pieces);
  if (compression == "zstd")
    return usable_or_null<zstd_body>(pieces);
  return std::make_unique<plain_body>(pieces);
}

} // namespace sluice::clickhouse
