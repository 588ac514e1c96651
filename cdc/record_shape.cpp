#include "cdc/record_shape.hpp"

#include <algorithm>
#include <utility>

#include "cdc/json_scan.hpp"

namespace sluice::cdc {

namespace {

/// Beyond these a shape costs more than it saves: an event with Kafka Connect's
/// schema in it has some hundred scalars and 10 KiB.
constexpr std::size_t most_scalars = 4096;
constexpr std::size_t most_bytes = 256U << 10U;

constexpr bool is_structural(char c) {
  return c == '{' || c == '}' || c == '[' || c == ']' || c == ':' || c == ',';
}

std::optional<operation> operation_of(const value& letter) {
  if (letter.form != value_form::string || letter.text.size() != 1)
    return std::nullopt;
  switch (letter.text.front()) {
  case 'c':
    return operation::create;
  case 'r':
    return operation::read;
  case 'u':
    return operation::update;
  default:
    return std::nullopt;
  }
}

const char* read_word(const char* at, const char* end, std::string_view word) {
  return begins_with(at, end, word) ? at + word.size() : nullptr;
}

} // namespace

std::optional<record_shape>
record_shape::learn(const json_document& sample, std::span<const place> places,
                    std::span<const std::size_t> absent,
                    const envelope& change) {
  const auto text = sample.text();
  if (text.size() > most_bytes)
    return std::nullopt;
  record_shape result;
  result.absent_.assign(absent.begin(), absent.end());
  std::size_t depth = 0;
  std::size_t done = 0;
  for (json_document::node at = 0; at != sample.size(); ++at) {
    const char first = sample.at(at);
    if (first == '{' || first == '[')
      ++depth;
    else if (first == '}' || first == ']')
      --depth;
    const bool is_name =
        first == '"' && at + 1 != sample.size() && sample.at(at + 1) == ':';
    if (is_structural(first) || is_name)
      continue;
    if (result.scalars_.size() == most_scalars)
      return std::nullopt;
    const auto begin = sample.position(at);
    scalar next{std::string{text.substr(done, begin - done)},
                std::string{sample.scalar(at)}};
    if (!places.empty() && places.front().at == at) {
      next.what = role::read;
      next.index = places.front().index;
      places = places.subspan(1);
    } else if (at == change.op_at) {
      next.what = role::operation;
    } else if (first == 'n' && depth <= change.depth) {
      next.what = role::pinned;
    }
    done = begin + next.text.size();
    result.scalars_.push_back(std::move(next));
  }
  // A row inside a container that is read, or no operation: no shape.
  if (!places.empty()
      || std::ranges::count(result.scalars_, role::operation, &scalar::what)
             != 1)
    return std::nullopt;
  result.tail_ = text.substr(done);
  result.compile();
  return result;
}

void record_shape::compile() {
  steps_.clear();
  literals_.clear();
  std::size_t begin = 0;
  for (const auto& each : scalars_) {
    literals_ += each.before;
    if (each.what == role::same || each.what == role::pinned) {
      literals_ += each.text;
      continue;
    }
    steps_.push_back({static_cast<std::uint32_t>(begin),
                      static_cast<std::uint32_t>(literals_.size() - begin),
                      each.what, static_cast<std::uint32_t>(each.index)});
    begin = literals_.size();
  }
  literals_ += tail_;
  rest_ = begin;
}

bool record_shape::widen(const record_shape& other) {
  const auto same_place = [](const scalar& a, const scalar& b) {
    return a.before == b.before && a.index == b.index
           && (a.what == role::read) == (b.what == role::read)
           && (a.what == role::operation) == (b.what == role::operation)
           && (a.what == role::pinned) == (b.what == role::pinned);
  };
  if (tail_ != other.tail_ || absent_ != other.absent_
      || !std::ranges::equal(scalars_, other.scalars_, same_place))
    return false;
  bool is_wider = false;
  for (std::size_t i = 0; i < scalars_.size(); ++i) {
    auto& mine = scalars_[i];
    if (mine.what == role::same && mine.text != other.scalars_[i].text) {
      mine.what = role::skipped;
      is_wider = true;
    }
  }
  if (is_wider)
    compile();
  return true;
}

/// Behind the scalar at `at`; nullptr: there is none.
const char* record_shape::read_scalar(const char* at, const char* end,
                                      value& into) {
  into = {};
  if (at == end)
    return nullptr;
  switch (*at) {
  case '"': {
    const auto found = scan_string(at + 1, end);
    if (!found.end)
      return nullptr;
    into.form = value_form::string;
    into.escaped = found.escaped;
    into.text = {at + 1, static_cast<std::size_t>(found.end - at - 1)};
    return found.end + 1;
  }
  case 'n':
    into.form = value_form::null;
    return read_word(at, end, "null");
  case 't':
    into.form = value_form::boolean;
    into.text = {at, 4};
    return read_word(at, end, "true");
  case 'f':
    into.form = value_form::boolean;
    into.text = {at, 5};
    return read_word(at, end, "false");
  default:
    const auto* behind = scan_number(at, end);
    if (behind) {
      into.form = value_form::number;
      into.text = {at, static_cast<std::size_t>(behind - at)};
    }
    return behind;
  }
}

std::optional<operation> record_shape::match(std::string_view text,
                                             std::span<value> found) const {
  const char* at = text.data();
  const char* const end = at + text.size();
  const std::string_view literals = literals_;
  std::optional<operation> result;
  value passed;
  for (const auto& next : steps_) {
    if (!begins_with(at, end, literals.substr(next.begin, next.size)))
      return std::nullopt;
    at += next.size;
    auto& into = next.what == role::read ? found[next.index] : passed;
    at = read_scalar(at, end, into);
    if (!at)
      return std::nullopt;
    if (next.what == role::operation) {
      result = operation_of(passed);
      if (!result)
        return std::nullopt;
    }
  }
  const auto rest = literals.substr(rest_);
  if (static_cast<std::size_t>(end - at) != rest.size()
      || !begins_with(at, end, rest))
    return std::nullopt;
  for (const auto index : absent_)
    found[index] = {};
  return result;
}

} // namespace sluice::cdc
