#include "bench/fingerprint.hpp"

#include <cstring>

#include <zlib.h>

namespace sluice::bench {

std::uint32_t crc32_of(std::string_view text) {
  const auto* bytes = reinterpret_cast<const Bytef*>(text.data());
  return static_cast<std::uint32_t>(
      ::crc32(0, bytes, static_cast<uInt>(text.size())));
}

std::uint64_t word_sum(std::string_view payload) {
  std::uint64_t sum = 0;
  std::uint64_t word = 0;
  for (; payload.size() >= sizeof word; payload.remove_prefix(sizeof word)) {
    std::memcpy(&word, payload.data(), sizeof word);
    sum += word;
  }
  word = 0;
  std::memcpy(&word, payload.data(), payload.size());
  return sum + word;
}

} // namespace sluice::bench
