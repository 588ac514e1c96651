// A directory for what is thrown away.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace sluice::cli {

/// Deleted with all that is in it. Movable.
class scratch_directory {
public:
  /// A new directory that only this user can enter, under $TMPDIR or /tmp. The
  /// error is one line.
  [[nodiscard]] static tl::expected<scratch_directory, std::string> make();

  ~scratch_directory();
  scratch_directory(scratch_directory&& other) noexcept
      : path_{std::exchange(other.path_, {})} {}
  scratch_directory& operator=(scratch_directory&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  explicit scratch_directory(std::filesystem::path path)
      : path_{std::move(path)} {}
  std::filesystem::path path_;
};

} // namespace sluice::cli
