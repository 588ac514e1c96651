// The command lines of the measuring programs: pairs of `--name value`.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sluice::bench {

class arguments {
public:
  /// `known` has every option with its default; an empty default is required.
  /// The error says which option is unknown, lacks its value, or is missing.
  [[nodiscard]] static tl::expected<arguments, std::string>
  parse(std::span<char* const> words,
        std::map<std::string, std::string, std::less<>> known);

  /// Throws std::out_of_range for an option that was not `known`.
  [[nodiscard]] const std::string& text(std::string_view name) const;
  /// A whole number, not negative; the error names the option.
  [[nodiscard]] tl::expected<std::uint64_t, std::string>
  number(std::string_view name) const;

private:
  std::map<std::string, std::string, std::less<>> values_;
};

} // namespace sluice::bench
