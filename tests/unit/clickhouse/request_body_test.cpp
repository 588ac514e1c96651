#include "clickhouse/request_body.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zstd.h>

namespace sluice::clickhouse {
namespace {

std::string drain(request_body& body, std::size_t step) {
  std::string result;
  std::vector<char> buffer(step);
  for (;;) {
    const auto size = body.read(buffer).value();
    if (size == 0)
      return result;
    result.append(buffer.data(), size);
  }
}

std::string unpack_lz4(const std::string& packed, std::size_t size) {
  LZ4F_dctx* context = nullptr;
  LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
  std::string result(size + 1, '\0');
  std::size_t done = 0;
  std::size_t consumed = 0;
  std::size_t hint = 1;
  while (consumed < packed.size() && LZ4F_isError(hint) == 0U) {
    auto out = result.size() - done;
    auto in = packed.size() - consumed;
    hint = LZ4F_decompress(context, result.data() + done, &out,
                           packed.data() + consumed, &in, nullptr);
    done += out;
    consumed += in;
  }
  LZ4F_freeDecompressionContext(context);
  EXPECT_EQ(hint, 0U) << "the frame has no end";
  return result.substr(0, done);
}

std::string unpack_zstd(const std::string& packed, std::size_t size) {
  std::string result(size + 1, '\0');
  auto* context = ZSTD_createDCtx();
  const auto done = ZSTD_decompressDCtx(context, result.data(), result.size(),
                                        packed.data(), packed.size());
  ZSTD_freeDCtx(context);
  EXPECT_EQ(ZSTD_isError(done), 0U) << ZSTD_getErrorName(done);
  return ZSTD_isError(done) != 0U ? std::string{} : result.substr(0, done);
}

struct sample {
  explicit sample(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      text += static_cast<char>((i * i) >> 7U);
    const auto bytes = std::as_bytes(std::span{text});
    pieces = {
        bytes.first(0), bytes.first(size / 5), {}, bytes.subspan(size / 5)};
  }
  std::string text;
  std::vector<std::span<const std::byte>> pieces;
};

TEST(RequestBody, EachCompressionGivesTheSameBytesBack) {
  for (const std::size_t size : {0U, 1U, 1000U, 3'000'000U}) {
    const sample data{size};
    for (const std::size_t step : {7U, 65536U, 1U << 20U}) {
      if (step == 7 && size > 1000)
        continue;
      EXPECT_EQ(drain(*make_request_body(data.pieces, "none"), step),
                data.text);
      EXPECT_EQ(
          unpack_lz4(drain(*make_request_body(data.pieces, "lz4"), step), size),
          data.text);
      EXPECT_EQ(unpack_zstd(
                    drain(*make_request_body(data.pieces, "zstd"), step), size),
                data.text);
    }
  }
}

TEST(RequestBody, AfterRewindTheSameBytesComeAgain) {
  const sample data{1'000'000};
  for (const auto* compression : {"none", "lz4", "zstd"}) {
    const auto body = make_request_body(data.pieces, compression);
    const auto whole = drain(*body, 65536);
    ASSERT_TRUE(body->rewind());
    std::vector<char> some(1000);
    ASSERT_GT(body->read(some).value(), 0U);
    ASSERT_TRUE(body->rewind());
    EXPECT_EQ(drain(*body, 65536), whole) << compression;
  }
}

TEST(RequestBody, ItsSizeIsKnownOnlyWithoutCompression) {
  const sample data{1000};
  const auto plain = make_request_body(data.pieces, "none");
  EXPECT_EQ(plain->size(), 1000U);
  EXPECT_EQ(plain->encoding(), "");
  const auto packed = make_request_body(data.pieces, "zstd");
  EXPECT_EQ(packed->size(), std::nullopt);
  EXPECT_EQ(packed->encoding(), "zstd");
  EXPECT_EQ(make_request_body(data.pieces, "lz4")->encoding(), "lz4");
}

} // namespace
} // namespace sluice::clickhouse
