#include "simulation/record_fetcher.hpp"

#include <algorithm>

namespace sluice::simulation {

using namespace actors;

record_fetcher_actor::behavior_type
record_fetcher(record_fetcher_actor::pointer, stage* on, const broker* from) {
  return {
      [=](const fetch_record& what) -> record_fetched {
        const auto& log = from->log(what.where);
        const auto index = log.index_at(what.offset);
        if (what.offset < log.start || index >= log.records.size()
            || log.records[index].offset != what.offset)
          return {std::nullopt};
        ++on->counts["records read again"];
        return {log.records[index]};
      },
      [=](const find_offset& what) -> offset_found {
        const auto& log = from->log(what.where);
        const auto found = std::ranges::find_if(
            log.records, [&](const kafka::owned_record& each) {
              return each.timestamp_ms >= what.not_before_ms;
            });
        return {found == log.records.end() ? log.end : found->offset};
      },
      [](const find_retention&) { return retention_told{}; },
  };
}

} // namespace sluice::simulation
