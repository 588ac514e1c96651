#include "topology/secret_file.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace sluice::topology {

namespace {

void strip_line_end(std::string& text) {
  if (text.ends_with('\n'))
    text.pop_back();
  if (text.ends_with('\r'))
    text.pop_back();
}

} // namespace

tl::expected<std::string, std::string>
read_bytes_of(const std::filesystem::path& file, std::size_t bytes_max) {
  const auto refused = [&](const std::string& reason) {
    return tl::make_unexpected("cannot read " + shown(file.string()) + ": "
                               + reason);
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    return refused("it is a directory");
  errno = 0;
  std::ifstream stream{file, std::ios::binary};
  if (!stream)
    return refused(std::generic_category().message(errno));
  std::string bytes;
  std::array<char, 1U << 16U> piece{};
  while (bytes.size() <= bytes_max
         && (stream.read(piece.data(), piece.size()) || stream.gcount() > 0))
    bytes.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
  if (stream.bad())
    return refused("reading failed");
  if (bytes.size() > bytes_max)
    return refused("it is larger than " + std::to_string(bytes_max) + " bytes");
  return bytes;
}

std::optional<placed_text> read_secret(const entry& child,
                                       const std::string& what,
                                       const std::filesystem::path& directory,
                                       mistakes& found) {
  const auto& value = *child.value;
  if (value.faulty)
    return std::nullopt;
  if (value.kind == node_kind::text)
    return placed_text{value.text, value.where};
  const auto* file = value.find("file");
  if (file == nullptr || value.entries.size() != 1) {
    found.add(place_of(child), what + " must be a text or {file: PATH}, but "
                                   + describe(value) + " stands there");
    return std::nullopt;
  }
  const auto path = read_text_node(*file->value, place_of(*file),
                                   "'file' of " + what, "a path", found);
  if (!path)
    return std::nullopt;
  auto bytes = read_bytes_of(directory / path->text, value_file_bytes_max);
  if (!bytes) {
    found.add(path->where, what + ": " + bytes.error());
    return std::nullopt;
  }
  strip_line_end(*bytes);
  return placed_text{std::move(*bytes), value.where};
}

} // namespace sluice::topology
