#include "clickhouse/server/content_coding.hpp"

#include <array>

#include "clickhouse/server/coding_streams.hpp"

namespace sluice::clickhouse::server {

namespace {

struct named_coding {
  std::string_view name;
  content_coding coding;
};

constexpr std::array<named_coding, 5> codings{{
    {"gzip", content_coding::gzip},
    {"deflate", content_coding::deflate},
    {"zstd", content_coding::zstd},
    {"lz4", content_coding::lz4},
    {"identity", content_coding::identity},
}};

std::string_view trimmed(std::string_view text) {
  auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

class identity_stream : public coding_stream {
public:
  bool feed(std::string_view bytes, const byte_sink& sink) override {
    return bytes.empty() || sink(bytes);
  }
  bool finish(const byte_sink&) override { return true; }
};

} // namespace

std::optional<content_coding> coding_named(std::string_view name) {
  if (name.empty())
    return content_coding::identity;
  if (name == "x-gzip")
    return content_coding::gzip;
  for (const auto& known : codings)
    if (known.name == name)
      return known.coding;
  return std::nullopt;
}

std::string_view coding_name(content_coding coding) {
  for (const auto& known : codings)
    if (known.coding == coding)
      return known.name;
  return "identity";
}

content_coding accepted_coding(std::string_view header) {
  while (!header.empty()) {
    auto end = header.find(',');
    auto item = trimmed(header.substr(0, end));
    header.remove_prefix(end == std::string_view::npos ? header.size()
                                                       : end + 1);
    auto semicolon = item.find(';');
    auto weight = semicolon == std::string_view::npos
                      ? std::string_view{}
                      : trimmed(item.substr(semicolon + 1));
    if (weight == "q=0" || weight == "q=0.0")
      continue;
    auto coding = coding_named(trimmed(item.substr(0, semicolon)));
    if (coding && *coding != content_coding::identity)
      return *coding;
  }
  return content_coding::identity;
}

std::unique_ptr<coding_stream> make_decoder(content_coding coding) {
  switch (coding) {
  case content_coding::gzip:
  case content_coding::deflate:
    return make_zlib_decoder();
  case content_coding::zstd:
    return make_zstd_decoder();
  case content_coding::lz4:
    return make_lz4_decoder();
  case content_coding::native_blocks:
    return make_native_blocks_decoder();
  case content_coding::identity:
    break;
  }
  return std::make_unique<identity_stream>();
}

std::unique_ptr<coding_stream> make_encoder(content_coding coding) {
  switch (coding) {
  case content_coding::gzip:
    return make_zlib_encoder(true);
  case content_coding::deflate:
    return make_zlib_encoder(false);
  case content_coding::zstd:
    return make_zstd_encoder();
  case content_coding::lz4:
    return make_lz4_encoder();
  case content_coding::native_blocks:
    return make_native_blocks_encoder();
  case content_coding::identity:
    break;
  }
  return std::make_unique<identity_stream>();
}

} // namespace sluice::clickhouse::server
