// {file: PATH} in place of a value: the content of a file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "topology/fields.hpp"

namespace sluice::topology {

/// Largest file that is taken in, in bytes.
inline constexpr std::size_t value_file_bytes_max = std::size_t{1} << 20U;

/// The bytes of `file`; the error says in one line why it cannot be read, or
/// that it is larger than `bytes_max`.
[[nodiscard]] tl::expected<std::string, std::string>
read_bytes_of(const std::filesystem::path& file, std::size_t bytes_max);

/// A text (which may be empty) or {file: PATH}, as fields::secret() says. What
/// is wrong is reported without the value.
[[nodiscard]] std::optional<placed_text>
read_secret(const entry& child, const std::string& what,
            const std::filesystem::path& directory, mistakes& found);

} // namespace sluice::topology
