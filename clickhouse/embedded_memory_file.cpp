#include "clickhouse/embedded_memory_file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace sluice::clickhouse {

memory_file::~memory_file() {
  if (file_ >= 0)
    close(file_);
}

memory_file::memory_file(memory_file&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      size_(std::exchange(other.size_, 0)),
      failure_(std::move(other.failure_)) {
  // nop
}

memory_file& memory_file::operator=(memory_file&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(size_, other.size_);
  std::swap(failure_, other.failure_);
  return *this;
}

bool memory_file::append(std::span<const std::byte> bytes) {
  if (!opened())
    return false;
  while (!bytes.empty()) {
    auto n =
        pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return failed("cannot keep a block in memory");
    size_ += static_cast<std::size_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool memory_file::finish() {
  if (!opened())
    return false;
  if (ftruncate(file_, static_cast<off_t>(size_)) != 0)
    return failed("cannot set the size of a block in memory");
  return true;
}

std::string memory_file::path() const {
  return "/proc/self/fd/" + std::to_string(file_);
}

bool memory_file::opened() {
  if (file_ < 0)
    file_ = memfd_create("sluice-block", MFD_CLOEXEC);
  return file_ >= 0 || failed("cannot create a file in memory");
}

bool memory_file::failed(const char* what) {
  failure_ = std::string{what} + ": "
             + std::error_code{errno, std::generic_category()}.message();
  return false;
}

} // namespace sluice::clickhouse
