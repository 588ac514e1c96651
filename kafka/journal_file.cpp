#include "kafka/journal_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kafka/crc32c.hpp"

namespace sluice::kafka {

namespace {

constexpr std::string_view magic = "SLUICEJ1";
constexpr std::size_t frame_head = 8;
constexpr std::size_t read_ahead = 1U << 20U;
/// No frame is larger; a larger length is damage, not a frame.
constexpr std::uint32_t payload_max = 1U << 30U;

void put(std::byte* to, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i)
    to[i] = static_cast<std::byte>(value >> (8 * i));
}

std::uint32_t get(const std::byte* from) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i)
    value |= std::to_integer<std::uint32_t>(from[i]) << (8 * i);
  return value;
}

/// The length is covered too: a damaged one must not look like a torn tail.
std::uint32_t checksum(std::span<const std::byte> payload) {
  std::array<std::byte, 4> length{};
  put(length.data(), static_cast<std::uint32_t>(payload.size()));
  return crc32c(payload) ^ crc32c(length);
}

std::string reason() { return std::generic_category().message(errno); }

tl::expected<void, std::string> write_all(int fd,
                                          std::span<const std::byte> data) {
  while (!data.empty()) {
    auto count = ::write(fd, data.data(), data.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return tl::unexpected{reason()};
    data = data.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

std::uint64_t size_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size)
                                   : 0;
}

} // namespace

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

descriptor::descriptor(descriptor&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)} {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

std::string journal_file::failure(const std::string& action) const {
  return path_.string() + ": cannot " + action + ": " + reason()
         + "; check the data directory's space and permissions";
}

tl::expected<journal_file, std::string>
journal_file::open(const std::filesystem::path& path, const visitor& visit) {
  journal_file result;
  result.path_ = path;
  result.file_ = descriptor{
      ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
  if (result.file_.get() < 0)
    return tl::unexpected{result.failure("open")};
  if (auto ok = result.recover(visit); !ok)
    return tl::unexpected{ok.error()};
  return result;
}

tl::expected<void, std::string> journal_file::recover(const visitor& visit) {
  size_ = size_of(file_.get());
  // A crash right after the creation leaves less than the first 8 bytes.
  if (size_ < magic.size()) {
    if (auto ok = cut_off(0); !ok)
      return ok;
    auto bytes = std::as_bytes(std::span{magic});
    if (!write_all(file_.get(), bytes))
      return tl::unexpected{failure("write")};
    size_ = magic.size();
    return sync();
  }
  auto reader = frame_reader::open(path_);
  if (!reader)
    return tl::unexpected{reader.error()};
  while (auto payload = reader->next())
    if (auto ok = visit(*payload); !ok)
      return tl::unexpected{path_.string() + ": frame before byte "
                            + std::to_string(reader->position()) + ": "
                            + ok.error()};
  auto good = reader->position();
  if (good == size_)
    return {};
  if (!reader->is_torn() && !reader->only_zeros_follow())
    return tl::unexpected{
        path_.string() + " is damaged at byte " + std::to_string(good) + " of "
        + std::to_string(size_)
        + "; restore it from a copy, or move the data directory away to start "
          "anew"};
  notice_ = path_.string() + ": cut off " + std::to_string(size_ - good)
            + " bytes that a crash left unfinished";
  return cut_off(good);
}

tl::expected<void, std::string> journal_file::cut_off(std::uint64_t size) {
  if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0)
    return tl::unexpected{failure("truncate")};
  size_ = size;
  dirty_ = true;
  return {};
}

tl::expected<void, std::string>
journal_file::append(std::span<const std::byte> payload) {
  buffer_.resize(frame_head + payload.size());
  put(buffer_.data(), static_cast<std::uint32_t>(payload.size()));
  put(buffer_.data() + 4, checksum(payload));
  std::ranges::copy(payload, buffer_.begin() + frame_head);
  if (auto ok = write_all(file_.get(), buffer_); !ok) {
    auto text = path_.string() + ": cannot write: " + ok.error()
                + "; check the data directory's space";
    static_cast<void>(cut_off(size_));
    return tl::unexpected{text};
  }
  size_ += buffer_.size();
  dirty_ = true;
  return {};
}

tl::expected<void, std::string> journal_file::sync() {
  if (!dirty_)
    return {};
  if (::fdatasync(file_.get()) != 0)
    return tl::unexpected{failure("sync")};
  dirty_ = false;
  return {};
}

tl::expected<frame_reader, std::string>
frame_reader::open(const std::filesystem::path& path) {
  frame_reader result;
  result.file_ = descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (result.file_.get() < 0)
    return tl::unexpected{path.string() + ": cannot open: " + reason()};
  if (!result.fill(magic.size())
      || std::memcmp(result.buffer_.data(), magic.data(), magic.size()) != 0)
    return tl::unexpected{path.string()
                          + " is not a journal of this version; move the data "
                            "directory away to start anew"};
  result.position_ = magic.size();
  return result;
}

bool frame_reader::fill(std::size_t count) {
  auto skip = static_cast<std::size_t>(position_ - buffer_at_);
  if (buffer_.size() >= skip + count)
    return true;
  buffer_.erase(buffer_.begin(),
                buffer_.begin() + static_cast<std::ptrdiff_t>(skip));
  buffer_at_ = position_;
  while (buffer_.size() < count) {
    auto old = buffer_.size();
    buffer_.resize(old + std::max(read_ahead, count - old));
    auto got = ::pread(file_.get(), buffer_.data() + old, buffer_.size() - old,
                       static_cast<off_t>(buffer_at_ + old));
    buffer_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
  }
  return true;
}

std::optional<std::span<const std::byte>> frame_reader::next() {
  if (!fill(frame_head))
    return std::nullopt;
  auto at = [&] { return buffer_.data() + (position_ - buffer_at_); };
  auto length = get(at());
  auto expected = get(at() + 4);
  // An empty frame is never written; zeros are a file system's tail.
  if (length == 0 || length > payload_max || !fill(frame_head + length))
    return std::nullopt;
  std::span<const std::byte> payload{at() + frame_head, length};
  if (checksum(payload) != expected)
    return std::nullopt;
  position_ += frame_head + length;
  return payload;
}

bool frame_reader::is_torn() {
  const auto rest = static_cast<std::size_t>(size_of(file_.get()) - position_);
  if (rest < frame_head)
    return true;
  if (!fill(rest))
    return false;
  std::span<const std::byte> bytes{buffer_.data() + (position_ - buffer_at_),
                                   rest};
  if (frame_head + std::size_t{get(bytes.data())} < rest)
    return false;
  for (std::size_t at = 1; at + frame_head < rest; ++at) {
    auto length = get(bytes.data() + at);
    if (length != 0 && length <= rest - at - frame_head
        && checksum(bytes.subspan(at + frame_head, length))
               == get(bytes.data() + at + 4))
      return false;
  }
  return true;
}

bool frame_reader::only_zeros_follow() {
  auto saved = position_;
  bool zeros = true;
  while (zeros && fill(1)) {
    auto from =
        buffer_.begin() + static_cast<std::ptrdiff_t>(position_ - buffer_at_);
    zeros = std::all_of(from, buffer_.end(),
                        [](std::byte byte) { return byte == std::byte{0}; });
    position_ = buffer_at_ + buffer_.size();
  }
  position_ = saved;
  buffer_.clear();
  buffer_at_ = position_;
  return zeros;
}

} // namespace sluice::kafka
