// People who reset tables while everything else happens.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "simulation/node.hpp"

namespace sluice::simulation {

class table_resets {
public:
  explicit table_resets(cluster& what) : what_{what} {}

  /// Resets some table as `sluice table reset` does: it is emptied now, and the
  /// nodes are told a little later; or the command dies between the two, and
  /// somebody runs it again.
  void reset_any();
  /// Tells at once what has not been told yet.
  void finish();

private:
  void reset(const std::string& table);
  void tell(const std::string& table, std::uint16_t epoch);

  cluster& what_;
  /// Emptied, and the nodes were not told: the epoch.
  std::map<std::string, std::uint16_t> untold_;
};

} // namespace sluice::simulation
