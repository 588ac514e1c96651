// An anonymous file in memory that libchdb reads by its path. It is how binary
// data get into the engine: data inside a statement's text are cut off at the
// first blank line (two bytes 0x0A0A).
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sluice::clickhouse {

/// Reused from block to block, so that its pages are allocated once. One thread
/// at a time; the readers of `path` must be done before `restart`.
class memory_file {
public:
  memory_file() = default;
  ~memory_file();
  memory_file(memory_file&& other) noexcept;
  memory_file& operator=(memory_file&& other) noexcept;
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  /// Forgets the content and keeps the pages.
  void restart() { size_ = 0; }
  /// Appends; false when memory is out or the system allows no such file
  /// (`failure` says which).
  [[nodiscard]] bool append(std::span<const std::byte> bytes);
  /// Ends the content here; false as above.
  [[nodiscard]] bool finish();

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Readable by this process alone, after `finish`.
  [[nodiscard]] std::string path() const;
  [[nodiscard]] const std::string& failure() const { return failure_; }

private:
  [[nodiscard]] bool opened();
  bool failed(const char* what);

  int file_ = -1;
  std::size_t size_ = 0;
  std::string failure_;
};

} // namespace sluice::clickhouse
