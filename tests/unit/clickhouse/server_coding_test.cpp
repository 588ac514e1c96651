#include <string>

#include <gtest/gtest.h>

#include "clickhouse/server/city_hash.hpp"
#include "clickhouse/server/content_coding.hpp"

namespace sluice::clickhouse::server {

namespace {

std::string sample(std::size_t size) {
  std::string result;
  result.reserve(size);
  for (std::size_t i = 0; i < size; ++i)
    result += static_cast<char>(i * i % 251 + (i >> 12));
  return result;
}

/// Feeds `bytes` in pieces; nothing on a failure.
std::optional<std::string> through(coding_stream& stream,
                                   std::string_view bytes, std::size_t piece) {
  std::string out;
  const byte_sink sink = [&](std::string_view some) {
    EXPECT_FALSE(some.empty());
    out += some;
    return true;
  };
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    if (!stream.feed(bytes.substr(0, piece), sink))
      return std::nullopt;
  if (!stream.finish(sink))
    return std::nullopt;
  return out;
}

class ContentCoding : public testing::TestWithParam<content_coding> {};

} // namespace

TEST_P(ContentCoding, GivesBackWhatItTook) {
  for (std::size_t size : {1UL, 100UL, 65'536UL, 3'000'000UL})
    for (std::size_t piece : {7UL, 4096UL, 1UL << 22}) {
      if (piece == 7 && size > 100'000)
        continue;
      const auto plain = sample(size);
      auto coded = through(*make_encoder(GetParam()), plain, piece);
      ASSERT_TRUE(coded);
      auto decoded = through(*make_decoder(GetParam()), *coded, piece);
      ASSERT_TRUE(decoded) << size << " bytes in pieces of " << piece;
      EXPECT_TRUE(*decoded == plain) << size << " in pieces of " << piece;
    }
}

TEST_P(ContentCoding, RefusesWhatIsCutOff) {
  const auto coded =
      through(*make_encoder(GetParam()), sample(300'000), 1 << 20);
  ASSERT_TRUE(coded);
  for (auto size : {coded->size() - 1, coded->size() / 2, 3UL})
    EXPECT_FALSE(
        through(*make_decoder(GetParam()), coded->substr(0, size), 4096))
        << size;
}

TEST_P(ContentCoding, NeverCrashesOnChangedBytes) {
  const auto coded = through(*make_encoder(GetParam()), sample(5000), 1 << 20);
  ASSERT_TRUE(coded);
  for (std::size_t at = 0; at < coded->size(); at += 11) {
    auto changed = *coded;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    // Whatever it says; gzip and lz4 may not notice every change.
    (void)through(*make_decoder(GetParam()), changed, 4096);
  }
}

TEST_P(ContentCoding, StopsWhenItsSinkStops) {
  const byte_sink none = [](std::string_view) { return false; };
  const auto coded = through(*make_encoder(GetParam()), sample(9000), 1 << 20);
  ASSERT_TRUE(coded);
  EXPECT_FALSE(make_decoder(GetParam())->feed(*coded, none));
}

INSTANTIATE_TEST_SUITE_P(All, ContentCoding,
                         testing::Values(content_coding::gzip,
                                         content_coding::deflate,
                                         content_coding::zstd,
                                         content_coding::lz4,
                                         content_coding::native_blocks),
                         [](const auto& tested) {
                           return tested.param == content_coding::native_blocks
                                      ? std::string{"native_blocks"}
                                      : std::string{coding_name(tested.param)};
                         });

TEST(NativeBlocks, RefuseABlockWhoseChecksumIsWrong) {
  auto coded =
      through(*make_encoder(content_coding::native_blocks), sample(100), 100);
  ASSERT_TRUE(coded);
  for (std::size_t at : {0UL, 16UL, 30UL}) {
    auto changed = *coded;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(
        through(*make_decoder(content_coding::native_blocks), changed, 1000))
        << at;
  }
}

TEST(AcceptEncoding, TakesTheFirstKnownCoding) {
  EXPECT_EQ(accepted_coding("br, zstd;q=0.5, gzip"), content_coding::zstd);
  EXPECT_EQ(accepted_coding("lz4,gzip"), content_coding::lz4);
  EXPECT_EQ(accepted_coding("gzip;q=0, deflate"), content_coding::deflate);
  EXPECT_EQ(accepted_coding("br"), content_coding::identity);
  EXPECT_EQ(accepted_coding(""), content_coding::identity);
}

// The values are those of PyPI's clickhouse-cityhash 1.0.2, for bytes
// (7 i + n) mod 256, i < n.
TEST(CityHash, IsTheOneOfVersion102) {
  struct known {
    std::size_t size;
    hash_128 hash;
  };
  const std::array<known, 9> all{{
      {0, {0x3df09dfc64c09a2b, 0x3cb540c392e51e29}},
      {3, {0x3108fa6b1da16986, 0x32301bf0c250612d}},
      {7, {0x4d6955e1bc4624e3, 0x252e8c015f4c9bd0}},
      {15, {0x1443b6470aa1c7ff, 0x70f998835a684c59}},
      {17, {0xf0e9ed04b1c7f44e, 0x8a17c6d04d5431ae}},
      {100, {0xced681c78ad6c6cf, 0x8522ef787e570a9c}},
      {128, {0x51bff79056911c90, 0x28a897f9bc9c1b9f}},
      {300, {0x3c9b61da9a18081c, 0xf9d9975c31955c7b}},
      {1000, {0x99dd0d90658d4424, 0x70f54ed52c308cc0}},
  }};
  for (const auto& one : all) {
    std::string bytes;
    for (std::size_t i = 0; i < one.size; ++i)
      bytes += static_cast<char>((i * 7 + one.size) % 256);
    EXPECT_EQ(city_hash_128(bytes), one.hash) << one.size;
  }
}

} // namespace sluice::clickhouse::server
