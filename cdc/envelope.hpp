// The frame around a changed row: Debezium's envelope, with or without Kafka
// Connect's {"schema", "payload"} around it, and what else Debezium puts on
// topics.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cdc/decoder.hpp"
#include "cdc/json_document.hpp"
#include "cdc/member_names.hpp"

namespace sluice::cdc {

struct envelope {
  enum class kind : std::uint8_t {
    /// A row changed.
    change,
    /// Recognised and harmless; `ignored` says what.
    other,
    /// Not to be understood; `rejected` and `detail` say why.
    broken,
  };
  kind what = kind::broken;
  operation op = operation::create;
  /// 0: no such member, or null.
  json_document::node before = 0;
  json_document::node after = 0;
  /// Of a change: where its operation stands, and the containers around its
  /// members (1, or 2 inside "payload").
  json_document::node op_at = 0;
  std::size_t depth = 1;
  ignore_reason ignored = ignore_reason::none;
  reject_reason rejected = reject_reason::none;
  std::string detail;
};

/// Finds an envelope's parts in a document, in any order of its members.
/// Remembers the order; used by one thread at a time.
class envelope_reader {
public:
  envelope_reader();

  [[nodiscard]] envelope read(const json_document& document);

private:
  enum part : std::uint8_t {
    before,
    after,
    source,
    op,
    transaction,
    ts_ms,
    ts_us,
    ts_ns,
    status,
    ddl,
    table_changes,
    schema,
    payload,
    part_count,
  };
  struct members {
    std::array<json_document::node, part_count> at{};
    std::size_t known = 0;
    std::size_t unknown = 0;
    /// A member that occurs twice; part_count: none does.
    std::size_t repeated = part_count;
  };
  static void add_names(member_names& names);
  [[nodiscard]] static members find(const json_document& document,
                                    json_document::node object,
                                    member_names& names);
  [[nodiscard]] static envelope judge(const json_document& document,
                                      const members& parts);

  member_names outer_;
  member_names inner_;
};

} // namespace sluice::cdc
