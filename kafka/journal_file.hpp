// An append-only file of checksummed frames.
//
// Layout: the 8 bytes "SLUICEJ1", then frames: length of the payload (u32),
// CRC-32C of length and payload (u32), payload; all little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::kafka {

/// A file descriptor, closed with its owner.
class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_{fd} {}
  ~descriptor();
  descriptor(descriptor&& other) noexcept;
  descriptor& operator=(descriptor&& other) noexcept;
  [[nodiscard]] int get() const { return fd_; }

private:
  int fd_;
};

/// Writes frames. Not thread-safe.
class journal_file {
public:
  using visitor = std::function<tl::expected<void, std::string>(
      std::span<const std::byte> payload)>;

  /// Opens or creates `path` and calls `visit` for each frame in it. A frame
  /// cut off at the end of the file (a crash while it was written) is removed
  /// and mentioned in notice(). A damaged frame with anything after it is an
  /// error that names the file and the position: nothing behind it is
  /// thrown away.
  [[nodiscard]] static tl::expected<journal_file, std::string>
  open(const std::filesystem::path& path, const visitor& visit);

  /// Hands the frame to the operating system: it survives the death of this
  /// process, not of the machine. An error leaves no half frame behind.
  [[nodiscard]] tl::expected<void, std::string>
  append(std::span<const std::byte> payload);
  /// Makes everything appended survive the machine's crash, too (fdatasync).
  [[nodiscard]] tl::expected<void, std::string> sync();

  /// What open() had to cut off, in one line; empty: nothing.
  [[nodiscard]] const std::string& notice() const { return notice_; }
  /// Bytes in the file.
  [[nodiscard]] std::uint64_t size() const { return size_; }

private:
  journal_file() = default;
  tl::expected<void, std::string> recover(const visitor& visit);
  tl::expected<void, std::string> cut_off(std::uint64_t size);
  [[nodiscard]] std::string failure(const std::string& action) const;

  std::filesystem::path path_;
  descriptor file_;
  std::uint64_t size_ = 0;
  bool dirty_ = false;
  std::string notice_;
  std::vector<std::byte> buffer_;
};

/// Reads the frames of a file that another object may be appending to. Stops
/// at the first frame that is not complete.
class frame_reader {
public:
  [[nodiscard]] static tl::expected<frame_reader, std::string>
  open(const std::filesystem::path& path);

  /// The next payload, valid until the next call; std::nullopt at the end of
  /// what is complete and undamaged.
  [[nodiscard]] std::optional<std::span<const std::byte>> next();
  /// Where the next frame begins.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  /// Whether only zeros follow position() (a file system's unwritten tail).
  [[nodiscard]] bool only_zeros_follow();
  /// Whether the bytes from position() on can be a single unfinished frame:
  /// it reaches to the end of the file or beyond, and no whole frame begins
  /// behind it (as one would behind a damaged length).
  [[nodiscard]] bool is_torn();

private:
  frame_reader() = default;
  /// Makes `count` bytes from position() on available in buffer_, if there.
  bool fill(std::size_t count);

  descriptor file_;
  std::uint64_t position_ = 0;
  std::uint64_t buffer_at_ = 0;
  std::vector<std::byte> buffer_;
};

} // namespace sluice::kafka
