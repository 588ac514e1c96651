#include "cli/scratch_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace sluice::cli {

tl::expected<scratch_directory, std::string> scratch_directory::make() {
  std::error_code failure;
  const auto parent = std::filesystem::temp_directory_path(failure);
  if (failure)
    return tl::unexpected("no directory for temporary files ($TMPDIR): "
                          + failure.message());
  auto name = (parent / "sluice-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    return tl::unexpected("no directory can be made in " + parent.string()
                          + ": " + std::generic_category().message(errno));
  return scratch_directory{name};
}

scratch_directory::~scratch_directory() {
  std::error_code ignored; // it is in a directory that the system clears
  if (!path_.empty())
    std::filesystem::remove_all(path_, ignored);
}

} // namespace sluice::cli
