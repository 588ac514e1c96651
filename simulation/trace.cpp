#include "simulation/trace.hpp"

#include <iomanip>
#include <ostream>

namespace sluice::simulation {

void trace::write(const std::string& who, const std::string& text) {
  const auto now = clock_ ? clock_() : instant{0};
  constexpr auto per_second = 1'000'000;
  *to_ << std::setw(5) << now.count() / per_second << '.' << std::setw(6)
       << std::setfill('0') << now.count() % per_second << std::setfill(' ')
       << "  " << who << ": " << text << '\n';
}

} // namespace sluice::simulation
