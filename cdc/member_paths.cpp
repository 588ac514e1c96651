#include "cdc/member_paths.hpp"

namespace sluice::cdc {

member_paths::member_paths() = default;

std::size_t member_paths::add(std::span<const std::string> path) {
  auto* names = &top_;
  auto parent = no_parent;
  for (const auto& name : path) {
    std::size_t at = 0;
    while (at < places_.size()
           && (places_[at].parent != parent || places_[at].name != name))
      ++at;
    if (at == places_.size()) {
      places_.push_back({nowhere, parent, name, nullptr});
      names->names.add(name, static_cast<int>(at));
    }
    parent = at;
    if (&name == &path.back())
      break;
    if (!places_[at].inside)
      places_[at].inside = std::make_unique<level>();
    names = places_[at].inside.get();
  }
  return parent;
}

void member_paths::clear() {
  for (auto& member : places_)
    member.at = nowhere;
  document_ = nullptr;
}

bool member_paths::locate(const json_document& document,
                          json_document::node object) {
  clear();
  document_ = &document;
  return document.at(object) != '{' || walk(top_, object);
}

bool member_paths::walk(level& names, json_document::node object) {
  return document_->each_member(
      object,
      [&](std::size_t ordinal, std::string_view name, json_document::node at) {
        const int slot = names.names.find(ordinal, name);
        if (slot == member_names::unknown)
          return true;
        auto& member = places_[static_cast<std::size_t>(slot)];
        if (member.at != nowhere)
          return false;
        member.at = at;
        return !member.inside || document_->at(at) != '{'
               || walk(*member.inside, at);
      });
}

value member_paths::missing(std::size_t place) const {
  value result;
  for (auto at = places_[place].parent; at != no_parent;
       at = places_[at].parent) {
    if (places_[at].at == nowhere)
      continue;
    const auto parent = value_at(*document_, places_[at].at);
    if (parent.form == value_form::object || parent.form == value_form::null)
      return result;
    result = parent;
    result.form = value_form::blocked;
    return result;
  }
  return result;
}

} // namespace sluice::cdc
