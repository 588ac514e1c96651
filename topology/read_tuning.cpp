#include "topology/quantity.hpp"
#include "topology/read_sections.hpp"

namespace sluice::topology {

using namespace std::chrono_literals;

void read_tuning(const entry& child, tuning& into, const reading& context) {
  constexpr std::size_t kib = std::size_t{1} << 10U;
  constexpr std::size_t gib = std::size_t{1} << 30U;
  const auto* map = read_map(child, "'tuning'", true, context.found);
  if (map == nullptr)
    return;
  const fields values{*map, child.where, sections::tuning, "'tuning'",
                      context.found};
  values.read_bytes("cut_bytes", into.cut_bytes,
                    {kib, gib, "a cut is one block in memory"});
  values.read_count("cut_rows", into.cut_rows,
                    {1, 10'000'000, "a cut is one block in memory"});
  values.read_duration("flush", into.cut_age,
                       {10ms, 10min,
                        "shorter floods ClickHouse with small parts, longer "
                        "holds back the tail of a topic"});
  values.read_count("cuts_in_flight", into.cuts_in_flight,
                    {1, 32,
                     "their ends are kept in the 4,096 bytes of metadata of a "
                     "committed offset"});
  values.read_bytes("credit_bytes", into.credit_bytes,
                    {kib, 64 * gib, "one partition may hold that much memory"});
  values.read_count("writers", into.writers,
                    {1, 64, "each is a connection to ClickHouse"});
  if (into.credit_bytes >= into.cut_bytes)
    return;
  const auto why = "credit_bytes (" + bytes_to_text(into.credit_bytes)
                   + ") must not be less than cut_bytes ("
                   + bytes_to_text(into.cut_bytes)
                   + "): a cut could never grow to its size";
  values.complain(values.has("credit_bytes") ? "credit_bytes" : "cut_bytes",
                  "does not fit: " + why);
}

} // namespace sluice::topology
