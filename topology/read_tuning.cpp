#include "topology/quantity.hpp"
#include "topology/read_sections.hpp"

namespace sluice::topology {

using namespace std::chrono_literals;

void read_tuning(const entry& child, tuning& into, const reading& context) {
  constexpr std::size_t kib = std::size_t{1} << 10U;
  constexpr std::size_t mib = std::size_t{1} << 20U;
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
  values.read_bytes("memory", into.memory_bytes,
                    {32 * mib, 64 * gib,
                     "it is what a node holds outside the embedded "
                     "ClickHouse"});
  values.read_number(
      "inserts_per_second", into.inserts_per_second,
      {0.01, 1000, "each INSERT makes a part that ClickHouse must merge"});
  values.read_number(
      "node_inserts_per_second", into.node_inserts_per_second,
      {0.01, 10'000, "each INSERT costs ClickHouse some milliseconds"});
  values.read_count("gold_runs", into.gold_runs,
                    {1, 64, "each is a query that reads whole windows"});
  if (into.credit_bytes >= into.cut_bytes)
    return;
  const auto why = "credit_bytes (" + bytes_to_text(into.credit_bytes)
                   + ") must not be less than cut_bytes ("
                   + bytes_to_text(into.cut_bytes)
                   + "): a cut could never grow to its size";
  values.complain(values.has("credit_bytes") ? "credit_bytes" : "cut_bytes",
                  "does not fit: " + why);
}

void read_recovery(const entry& child, recovery& into, const reading& context) {
  const auto* map = read_map(child, "'recovery'", true, context.found);
  if (map == nullptr)
    return;
  const fields values{*map, child.where, sections::recovery, "'recovery'",
                      context.found};
  values.read_word("silver_ahead", into.silver_ahead, word_lists::silver_ahead);
  values.read_word("records_lost", into.records_lost, word_lists::records_lost);
  values.read_word("topic_replaced", into.topic_replaced,
                   word_lists::topic_replaced);
  values.read_word("partitions_added", into.partitions_added,
                   word_lists::partitions_added);
}

} // namespace sluice::topology
