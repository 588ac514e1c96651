#include "cdc/row_reader.hpp"

#include "cdc/excerpt.hpp"
#include "cdc/json_string.hpp"

namespace sluice::cdc {

namespace {

using topology::record_format;

} // namespace

reading judge_json(json_status status, std::string_view what) {
  switch (status) {
  case json_status::ok:
    return {};
  case json_status::bad_encoding:
    return {reject_reason::bad_encoding,
            std::string(what) + " is not valid UTF-8"};
  case json_status::too_deep:
    return {reject_reason::too_deep, std::string(what) + " is nested more than "
                                         + std::to_string(max_json_depth)
                                         + " levels deep"};
  case json_status::malformed:
    break;
  }
  return {reject_reason::not_json, std::string(what) + " is not valid JSON"};
}

row_reader::row_reader(const std::vector<column_plan>& columns,
                       record_format format)
    : format_(format) {
  for (const auto& column : columns)
    places_.push_back(
        column.source == column_source::row ? paths_.add(column.path) : 0);
}

reading row_reader::read(const json_document& envelope, json_document::node at,
                         std::string_view name) {
  const auto refuse = [name](reject_reason why, const std::string& what) {
    return reading{why, "`" + std::string(name) + "` " + what};
  };
  const auto* document = &envelope;
  if (format_ == record_format::debezium_mongodb) {
    if (envelope.at(at) != '"')
      return refuse(reject_reason::wrong_type,
                    "is no string of Extended JSON but "
                        + excerpt(envelope.text(at)));
    const auto text = decode_string(envelope.string(at), text_);
    if (!text)
      return refuse(reject_reason::bad_encoding, "has an invalid escape");
    const auto status = inner_.read(*text, json_dialect::bare_non_finite);
    if (status != json_status::ok)
      return judge_json(status, name);
    document = &inner_;
    at = json_document::root();
  }
  if (document->at(at) != '{')
    return refuse(reject_reason::wrong_type,
                  "is no object but " + excerpt(document->text(at)));
  if (!paths_.locate(*document, at))
    return refuse(reject_reason::not_json, "has a column's member twice");
  return {};
}

key_reader::key_reader(const std::vector<column_plan>& columns,
                       record_format format)
    : format_(format) {
  const bool is_mongodb = format == record_format::debezium_mongodb;
  for (const auto& column : columns) {
    auto place = nowhere;
    std::span<const std::string> path = column.path;
    const bool in_key = column.source == column_source::row && column.is_key
                        && (!is_mongodb || path.front() == "_id");
    if (in_key && is_mongodb)
      path = path.subspan(1);
    if (in_key)
      place = path.empty() ? whole : paths_.add(path);
    places_.push_back(place);
  }
}

json_document::node key_reader::payload() const {
  const auto root = json_document::root();
  if (document_.at(root) != '{')
    return root;
  auto found = root;
  const bool only_wrapping = document_.each_member(
      root, [&](std::size_t, std::string_view name, json_document::node at) {
        if (name == "payload" && document_.at(at) == '{')
          found = at;
        return name == "payload" || name == "schema";
      });
  return only_wrapping ? found : root;
}

void key_reader::read(std::optional<std::string_view> key) {
  is_read_ = false;
  paths_.clear();
  if (!key) {
    detail_ = "the message key is null";
    return;
  }
  const auto status = document_.read(*key, json_dialect::strict);
  if (status != json_status::ok) {
    detail_ = judge_json(status, "the message key").detail;
    return;
  }
  const auto object = payload();
  if (document_.at(object) != '{') {
    detail_ =
        "the message key is no object but " + excerpt(document_.text(object));
    return;
  }
  if (format_ == record_format::debezium_mongodb)
    read_id(object);
  else
    read_object(object);
}

void key_reader::read_object(json_document::node object) {
  is_read_ = paths_.locate(document_, object);
  detail_ = is_read_ ? "the message key has no such member"
                     : "a member occurs twice in the message key";
}

void key_reader::read_id(json_document::node object) {
  value id;
  std::size_t count = 0;
  document_.each_member(
      object, [&](std::size_t, std::string_view name, json_document::node at) {
        if (name == "id") {
          id = value_at(document_, at);
          ++count;
        }
        return true;
      });
  if (count != 1 || id.form != value_form::string) {
    detail_ = "the message key has no `id` with Extended JSON in it";
    return;
  }
  const auto text = decode_string(id.text, id_text_);
  if (!text
      || id_.read(*text, json_dialect::bare_non_finite) != json_status::ok) {
    detail_ = "the message key's `id` is no Extended JSON";
    return;
  }
  is_read_ = paths_.locate(id_, json_document::root());
  detail_ = is_read_ ? "the message key's `id` has no such member"
                     : "a member occurs twice in the message key's `id`";
}

value key_reader::column(std::size_t index) const {
  const auto place = places_[index];
  if (!is_read_ || place == nowhere)
    return {};
  return place == whole ? value_at(id_, json_document::root())
                        : paths_.found(place);
}

} // namespace sluice::cdc
