// The values of one map of the file, each read as what it must be. Whatever is
// not right is reported where it stands, and the default stays.
#pragma once

#include <chrono>
#include <concepts>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/keys.hpp"
#include "topology/yaml_tree.hpp"

namespace sluice::topology {

/// Inclusive bounds of a value.
template <class T>
struct range {
  T min;
  T max;
  /// Why, for the message; may be empty.
  std::string_view reason;
};

/// A text and where it stands.
struct placed_text {
  std::string text;
  position where;
};

/// The text of `value`; std::nullopt when it is none, which is reported as
/// "`what` must be `expected`, but ... stands there" (unless it is faulty).
[[nodiscard]] std::optional<placed_text>
read_text_node(const node& value, position where, const std::string& what,
               std::string_view expected, mistakes& found);

/// "a list", "nothing" or the quoted text: what stands there, for a message.
[[nodiscard]] std::string describe(const node& value);

/// Where a mistake about `child` is to be shown: the value, or the key when no
/// value was written.
[[nodiscard]] position place_of(const entry& child);

class fields {
public:
  /// `map` must be a map and outlive the fields. Reports keys that `known` does
  /// not have, and required ones that are missing (at `where`). `of` names the
  /// map in messages: "table 'users'".
  fields(const node& map, position where, const section& known, std::string of,
         mistakes& found);

  [[nodiscard]] const std::string& of() const { return of_; }
  [[nodiscard]] mistakes& found() const { return found_; }
  /// nullptr when `key` is not there. `key` must be one that the section has.
  [[nodiscard]] const entry* find(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const {
    return find(key) != nullptr;
  }
  /// "'topic' in table 'users'".
  [[nodiscard]] std::string name(std::string_view key) const;
  /// Reports "`name(key)` `complaint`" where the key's value stands.
  void complain(std::string_view key, std::string_view complaint) const;

  /// A text that is not empty; std::nullopt when absent or wrong.
  [[nodiscard]] std::optional<placed_text>
  text(std::string_view key, std::string_view expected = "a text") const;
  /// Like text(), but may be empty, and may be {file: PATH}: then the content
  /// of that file (beside `directory` unless absolute, at most 1 MiB), without
  /// its last line end.
  [[nodiscard]] std::optional<placed_text>
  secret(std::string_view key, const std::filesystem::path& directory) const;
  /// One text or a list of at most 64 texts, none empty, none twice.
  [[nodiscard]] std::vector<placed_text> texts(std::string_view key,
                                               std::string_view expected) const;
  /// The index of one of the words of `list`.
  [[nodiscard]] std::optional<std::size_t> word(std::string_view key,
                                                const word_list& list) const;

  void read_bool(std::string_view key, bool& into) const;
  void read_bytes(std::string_view key, std::size_t& into,
                  const range<std::size_t>& allowed) const;
  /// A decimal number such as 0.5; none that is infinite or has an exponent.
  void read_number(std::string_view key, double& into,
                   const range<double>& allowed) const;
  void read_duration(std::string_view key, std::chrono::milliseconds& into,
                     const range<std::chrono::milliseconds>& allowed) const;
  /// A duration without milliseconds.
  void read_seconds(std::string_view key, std::chrono::seconds& into,
                    const range<std::chrono::seconds>& allowed) const;
  template <std::integral Integer>
  void read_count(std::string_view key, Integer& into,
                  const range<std::int64_t>& allowed) const {
    if (const auto value = count(key, allowed))
      into = static_cast<Integer>(*value);
  }
  template <class Enumeration>
  void read_word(std::string_view key, Enumeration& into,
                 const word_list& list) const {
    if (const auto index = word(key, list))
      into = static_cast<Enumeration>(*index);
  }

private:
  void check_keys(position where, const section& known) const;
  [[nodiscard]] std::optional<std::int64_t>
  count(std::string_view key, const range<std::int64_t>& allowed) const;

  const node& map_;
  [[maybe_unused]] const section& known_; // for an assertion
  std::string of_;
  mistakes& found_;
};

/// `child` as a map: reports what is none. A key without a value is an empty
/// map when `may_be_empty`. nullptr when there is nothing to read.
[[nodiscard]] const node* read_map(const entry& child, const std::string& what,
                                   bool may_be_empty, mistakes& found);

} // namespace sluice::topology
