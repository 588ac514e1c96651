// What the records of a topic have in common, byte for byte, and where they
// differ. A record of a known shape is compared with it instead of being
// parsed: between the places that differ one comparison, in them one scan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cdc/envelope.hpp"
#include "cdc/json_document.hpp"
#include "cdc/value.hpp"

namespace sluice::cdc {

/// The shape of one kind of record: the sample it was learned from, and for
/// each of the sample's scalars whether it may differ. Text that match()
/// accepts is JSON that json_document accepts, with the sample's members in the
/// sample's order. Used by one thread at a time.
class record_shape {
public:
  /// What a scalar is read for.
  struct place {
    json_document::node at = 0;
    /// Index in match()'s `found`.
    std::size_t index = 0;
  };

  /// Learns from an event that was read: `places` are the scalars to be read,
  /// by ascending node, `absent` the indices of what its row does not have.
  /// std::nullopt: too much to be worth it.
  [[nodiscard]] static std::optional<record_shape>
  learn(const json_document& sample, std::span<const place> places,
        std::span<const std::size_t> absent, const envelope& change);

  /// Reads a record: values by place::index (which must be in `found`; they
  /// point into `text` and know no document), and the operation. std::nullopt:
  /// it has another shape, is no JSON, or its operation is not c, r or u;
  /// `found` is partly written then.
  [[nodiscard]] std::optional<operation> match(std::string_view text,
                                               std::span<value> found) const;

  /// Lets differ what differs in `other`, which has been learned from a record
  /// that did not match. False: its members are others, keep both.
  [[nodiscard]] bool widen(const record_shape& other);

private:
  enum class role : std::uint8_t {
    /// The same in every record so far.
    same,
    /// The same in every record of this shape: what an envelope means depends
    /// on it.
    pinned,
    /// Differs, and nobody reads it.
    skipped,
    read,
    operation,
  };
  struct scalar {
    /// Sample text from the end of the scalar before.
    std::string before;
    std::string text;
    role what = role::same;
    std::size_t index = 0;
  };
  struct step {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
    role what = role::skipped;
    std::uint32_t index = 0;
  };

  void compile();
  [[nodiscard]] static const char* read_scalar(const char* at, const char* end,
                                               value& into);

  std::vector<scalar> scalars_;
  /// Sample text behind the last scalar.
  std::string tail_;
  std::vector<std::size_t> absent_;
  /// Compiled: what to compare before each scalar that may differ.
  std::vector<step> steps_;
  std::string literals_;
  /// Where what follows the last of them begins in literals_.
  std::size_t rest_ = 0;
};

} // namespace sluice::cdc
