#include "clickhouse/server/city_hash.hpp"

#include <bit>
#include <cstring>
#include <utility>

namespace sluice::clickhouse::server {

namespace {

// The algorithm's own constants: primes between 2^63 and 2^64.
constexpr std::uint64_t k0 = 0xc3a5c85c97cb3127;
constexpr std::uint64_t k1 = 0xb492b66fbe98f273;
constexpr std::uint64_t k2 = 0x9ae16a3b2f90404f;
constexpr std::uint64_t k3 = 0xc949d7c7509e6557;
constexpr std::uint64_t mixer = 0x9ddfea08eb382d69;

template <class Number>
std::uint64_t load(std::string_view bytes, std::size_t at) {
  static_assert(std::endian::native == std::endian::little);
  Number value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::uint64_t word(std::string_view bytes, std::size_t at) {
  return load<std::uint64_t>(bytes, at);
}

std::uint64_t shift_mix(std::uint64_t value) { return value ^ (value >> 47); }

std::uint64_t mix_pair(std::uint64_t u, std::uint64_t v) {
  const auto a = shift_mix((u ^ v) * mixer);
  return shift_mix((v ^ a) * mixer) * mixer;
}

/// At most 16 bytes.
std::uint64_t mix_short(std::string_view bytes) {
  const std::uint64_t size = bytes.size();
  if (size > 8) {
    const auto last = word(bytes, size - 8);
    return mix_pair(word(bytes, 0),
                    std::rotr(last + size, static_cast<int>(size)))
           ^ last;
  }
  if (size >= 4)
    return mix_pair(size + (load<std::uint32_t>(bytes, 0) << 3),
                    load<std::uint32_t>(bytes, size - 4));
  if (size > 0) {
    const auto y = load<std::uint8_t>(bytes, 0)
                   + (load<std::uint8_t>(bytes, size >> 1) << 8);
    const auto z = size + (load<std::uint8_t>(bytes, size - 1) << 2);
    return shift_mix(y * k2 ^ z * k3) * k2;
  }
  return k2;
}

/// Mixes 32 bytes at `at` into two seeds.
hash_128 mix_block(std::string_view bytes, std::size_t at, std::uint64_t a,
                   std::uint64_t b) {
  const auto last = word(bytes, at + 24);
  a += word(bytes, at);
  b = std::rotr(b + a + last, 21);
  const auto kept = a;
  a += word(bytes, at + 8);
  a += word(bytes, at + 16);
  b += std::rotr(a, 44);
  return {.low = a + last, .high = b + kept};
}

/// Fewer than 128 bytes.
hash_128 hash_short(std::string_view bytes, hash_128 seed) {
  auto a = seed.low;
  auto b = seed.high;
  std::uint64_t c = 0;
  std::uint64_t d = 0;
  const auto size = bytes.size();
  if (size <= 16) {
    a = shift_mix(a * k1) * k1;
    c = b * k1 + mix_short(bytes);
    d = shift_mix(a + (size >= 8 ? word(bytes, 0) : c));
  } else {
    c = mix_pair(word(bytes, size - 8) + k1, a);
    d = mix_pair(b + size, c + word(bytes, size - 16));
    a += d;
    for (std::size_t at = 0; at + 16 < size; at += 16) {
      a = (a ^ shift_mix(word(bytes, at) * k1) * k1) * k1;
      b ^= a;
      c = (c ^ shift_mix(word(bytes, at + 8) * k1) * k1) * k1;
      d ^= c;
    }
  }
  a = mix_pair(a, c);
  b = mix_pair(d, b);
  return {.low = a ^ b, .high = mix_pair(b, a)};
}

hash_128 hash_seeded(std::string_view bytes, hash_128 seed) {
  auto left = bytes.size();
  if (left < 128)
    return hash_short(bytes, seed);
  auto x = seed.low;
  auto y = seed.high;
  auto z = left * k1;
  hash_128 v;
  hash_128 w;
  v.low = std::rotr(y ^ k1, 49) * k1 + word(bytes, 0);
  v.high = std::rotr(v.low, 42) * k1 + word(bytes, 8);
  w.low = std::rotr(y + z, 35) * k1 + x;
  w.high = std::rotr(x + word(bytes, 88), 53) * k1;
  std::size_t at = 0;
  for (; left >= 128; left -= 128) {
    for (int half = 0; half < 2; ++half, at += 64) {
      x = std::rotr(x + y + v.low + word(bytes, at + 16), 37) * k1;
      y = std::rotr(y + v.high + word(bytes, at + 48), 42) * k1;
      x ^= w.high;
      y ^= v.low;
      z = std::rotr(z ^ w.low, 33);
      v = mix_block(bytes, at, v.high * k1, x + w.low);
      w = mix_block(bytes, at + 32, z + w.high, y);
      std::swap(z, x);
    }
  }
  y += std::rotr(w.low, 37) * k0 + z;
  x += std::rotr(v.low + z, 49) * k0;
  // The tail, backwards in steps of 32 bytes; the last step may reach into
  // what is hashed already.
  for (std::size_t done = 0; done < left;) {
    done += 32;
    const auto from = at + left - done;
    y = std::rotr(y - x, 42) * k0 + v.high;
    w.low += word(bytes, from + 16);
    x = std::rotr(x, 49) * k0 + w.low;
    w.low += v.low;
    v = mix_block(bytes, from, v.low, v.high);
  }
  x = mix_pair(x, v.low);
  y = mix_pair(y, w.low);
  return {.low = mix_pair(x + v.high, w.high) + y,
          .high = mix_pair(x + w.high, y + v.high)};
}

} // namespace

hash_128 city_hash_128(std::string_view bytes) {
  const auto size = bytes.size();
  if (size >= 16)
    return hash_seeded(bytes.substr(16),
                       {.low = word(bytes, 0) ^ k3, .high = word(bytes, 8)});
  if (size >= 8)
    return hash_seeded({}, {.low = word(bytes, 0) ^ (size * k0),
                            .high = word(bytes, size - 8) ^ k1});
  return hash_seeded(bytes, {.low = k0, .high = k1});
}

} // namespace sluice::clickhouse::server
