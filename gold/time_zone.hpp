// A time zone of the system's tz database: local times and instants. UTC needs
// no database. An immutable value, cheap to copy, safe to use from any thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "gold/zone_offsets.hpp"

namespace sluice::gold {

class time_zone {
public:
  /// "UTC".
  time_zone();

  /// The zone called `name` ("Europe/Berlin"), read from its file below
  /// `directory`. Later changes of the file are not seen. The error is one
  /// line: no such zone and the nearest name, no zones on this machine and how
  /// to install them, or a file that cannot be read.
  [[nodiscard]] static tl::expected<time_zone, std::string>
  find(std::string_view name,
       const std::filesystem::path& directory = "/usr/share/zoneinfo");

  [[nodiscard]] const std::string& name() const { return name_; }

  /// What the zone's clocks show at `when`. All times here are to be between
  /// the years 0 and 9999.
  [[nodiscard]] std::chrono::local_seconds
  to_local(std::chrono::sys_seconds when) const;

  /// The first instant at which the zone's clocks show `when` or later: the
  /// first one if they show it twice, and if they leap over it, the one after
  /// the leap. Never less for a later `when`.
  [[nodiscard]] std::chrono::sys_seconds
  first_instant(std::chrono::local_seconds when) const;

  /// The latest that the clocks have shown at any instant until `when`, to
  /// which they may have been put back since. first_instant(x) <= when if and
  /// only if x is not after it.
  [[nodiscard]] std::chrono::local_seconds
  latest_shown(std::chrono::sys_seconds when) const;

  /// The largest divisor of `of` by which, from `from` on, every instant can be
  /// divided at which a local date begins (counted from 1970-01-01 UTC).
  [[nodiscard]] std::chrono::seconds
  granule(std::chrono::seconds of, std::chrono::sys_seconds from) const;

private:
  time_zone(std::string name, zone_offsets offsets);
  [[nodiscard]] std::size_t changes_until(std::chrono::sys_seconds when) const;
  [[nodiscard]] std::chrono::seconds offset_after(std::size_t changes) const;

  std::string name_;
  std::shared_ptr<const zone_offsets> offsets_;
};

} // namespace sluice::gold
