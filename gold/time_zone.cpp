#include "gold/time_zone.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <numeric>
#include <system_error>
#include <utility>
#include <vector>

#include "topology/mistakes.hpp"
#include "topology/nearest.hpp"

namespace sluice::gold {

namespace {

using std::chrono::days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// Real ones have 4 KiB at most.
constexpr std::uintmax_t file_size_max = 1U << 20U;

/// Whether `name` stays below the database's directory.
bool is_zone_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+'
           || c == '/';
  };
  return !name.empty() && name.front() != '/'
         && std::all_of(name.begin(), name.end(), allowed);
}

/// Names of the database's zones, in no order.
std::vector<std::string> names_in(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  std::vector<std::string> result;
  std::error_code failure;
  fs::recursive_directory_iterator each{directory, failure};
  for (; !failure && each != fs::recursive_directory_iterator{};
       each.increment(failure)) {
    auto name = each->path().lexically_relative(directory).string();
    // posix/ and right/ have every zone again, other files a dot.
    if (name.starts_with("posix/") || name.starts_with("right/")
        || !is_zone_name(name) || !each->is_regular_file(failure))
      continue;
    result.push_back(std::move(name));
  }
  return result;
}

std::string unknown(std::string_view name,
                    const std::filesystem::path& directory) {
  const auto quoted = topology::shown(name);
  const auto names = names_in(directory);
  if (names.empty())
    return "time zone " + quoted
           + " cannot be looked up: there are no time "
             "zones in "
           + directory.string()
           + " on this machine; install the package tzdata, or use UTC";
  const std::vector<std::string_view> known{names.begin(), names.end()};
  const auto near = topology::nearest(name, known);
  return quoted + " is no time zone"
         + (near ? ": did you mean '" + std::string{*near} + "'?"
                 : " (names are such as Europe/Berlin, America/New_York, UTC)");
}

std::optional<std::string> content_of(const std::filesystem::path& file) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(file, failure)
      || std::filesystem::file_size(file, failure) > file_size_max || failure)
    return std::nullopt;
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return std::nullopt;
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  return in.bad() ? std::nullopt : std::optional{std::move(bytes)};
}

} // namespace

time_zone::time_zone() : time_zone("UTC", {}) {}

time_zone::time_zone(std::string name, zone_offsets offsets)
    : name_(std::move(name)),
      offsets_(std::make_shared<const zone_offsets>(std::move(offsets))) {}

tl::expected<time_zone, std::string>
time_zone::find(std::string_view name, const std::filesystem::path& directory) {
  if (name == "UTC")
    return time_zone{};
  if (!is_zone_name(name))
    return tl::unexpected(unknown(name, directory));
  const auto file = directory / name;
  std::error_code failure;
  if (!std::filesystem::is_regular_file(file, failure))
    return tl::unexpected(unknown(name, directory));
  const auto bytes = content_of(file);
  if (!bytes)
    return tl::unexpected("time zone " + topology::shown(name) + ": "
                          + file.string() + " cannot be read");
  auto offsets = parse_zone_file(*bytes);
  if (!offsets)
    return tl::unexpected("time zone " + topology::shown(name) + ": "
                          + file.string() + ' ' + offsets.error());
  return time_zone{std::string{name}, std::move(*offsets)};
}

std::size_t time_zone::changes_until(sys_seconds when) const {
  const auto& all = offsets_->changes;
  return static_cast<std::size_t>(
      std::ranges::upper_bound(all, when, {}, &offset_change::at)
      - all.begin());
}

seconds time_zone::offset_after(std::size_t changes) const {
  return changes == 0 ? offsets_->first : offsets_->changes[changes - 1].offset;
}

local_seconds time_zone::to_local(sys_seconds when) const {
  return local_seconds{when.time_since_epoch()
                       + offset_after(changes_until(when))};
}

sys_seconds time_zone::first_instant(local_seconds when) const {
  const auto& all = offsets_->changes;
  // No offset is large enough for an earlier one.
  const sys_seconds earliest{when.time_since_epoch() - offset_max};
  for (auto i = changes_until(earliest);; ++i) {
    const sys_seconds shown{when.time_since_epoch() - offset_after(i)};
    if (i == all.size() || shown < all[i].at)
      return i == 0 ? shown : std::max(shown, all[i - 1].at);
  }
}

local_seconds time_zone::latest_shown(sys_seconds when) const {
  const auto& all = offsets_->changes;
  auto result = to_local(when);
  // What was shown before it differs by less than the two offsets do.
  for (auto i = changes_until(when); i > 0; --i) {
    const auto at = all[i - 1].at;
    if (at <= when - 2 * offset_max)
      break;
    result = std::max(result, local_seconds{at.time_since_epoch() - seconds{1}
                                            + offset_after(i - 1)});
  }
  return result;
}

seconds time_zone::granule(seconds of, sys_seconds from) const {
  const auto& all = offsets_->changes;
  auto result = of.count();
  for (auto i = changes_until(from); i <= all.size(); ++i) {
    const auto offset = offset_after(i);
    result = std::gcd(result, offset.count());
    if (i == 0 || all[i - 1].at < from)
      continue;
    // A date whose midnight is leapt over begins at the leap.
    const auto at = all[i - 1].at.time_since_epoch();
    const auto midnight = std::chrono::ceil<days>(at + offset_after(i - 1));
    if (midnight < at + offset)
      result = std::gcd(result, at.count());
  }
  return seconds{result};
}

} // namespace sluice::gold
