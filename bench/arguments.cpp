#include "bench/arguments.hpp"

#include <charconv>
#include <stdexcept>
#include <utility>

namespace sluice::bench {

tl::expected<arguments, std::string>
arguments::parse(std::span<char* const> words,
                 std::map<std::string, std::string, std::less<>> known) {
  arguments result;
  result.values_ = std::move(known);
  for (std::size_t at = 1; at < words.size(); at += 2) {
    const std::string_view word{words[at]};
    const auto name = word.starts_with("--") ? word.substr(2) : word;
    const auto found = result.values_.find(name);
    if (!word.starts_with("--") || found == result.values_.end())
      return tl::unexpected("unknown option '" + std::string{word} + "'");
    if (at + 1 == words.size())
      return tl::unexpected("--" + found->first + " has no value");
    found->second = words[at + 1];
  }
  for (const auto& [name, value] : result.values_)
    if (value.empty())
      return tl::unexpected("--" + name + " is missing");
  return result;
}

const std::string& arguments::text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end())
    throw std::out_of_range{std::string{name}};
  return found->second;
}

tl::expected<std::uint64_t, std::string>
arguments::number(std::string_view name) const {
  const auto& value = text(name);
  std::uint64_t result = 0;
  const auto* end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, result);
  if (read.ec != std::errc{} || read.ptr != end)
    return tl::unexpected("--" + std::string{name}
                          + " is no whole number: " + value);
  return result;
}

} // namespace sluice::bench
