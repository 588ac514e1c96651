#include "cdc/member_names.hpp"

#include "cdc/json_string.hpp"

namespace sluice::cdc {

namespace {

// What a hostile object can make us remember.
constexpr std::size_t most_places = 2048;
constexpr std::size_t longest_name = 256;

} // namespace

void member_names::add(std::string name, int slot) {
  slots_.emplace(std::move(name), slot);
}

int member_names::find_and_learn(std::size_t ordinal, std::string_view name) {
  auto decoded = name;
  if (has_escapes(name)) {
    const auto text = decode_string(name, scratch_);
    if (!text)
      return unknown;
    decoded = *text;
  }
  const auto found = slots_.find(decoded);
  const int slot = found == slots_.end() ? unknown : found->second;
  if (ordinal >= most_places || name.size() > longest_name)
    return slot;
  if (ordinal >= order_.size())
    order_.resize(ordinal + 1);
  order_[ordinal].name.assign(name);
  order_[ordinal].slot = slot;
  return slot;
}

} // namespace sluice::cdc
