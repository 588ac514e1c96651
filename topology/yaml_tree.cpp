#include "topology/yaml_tree.hpp"

#include <algorithm>
#include <exception>
#include <sstream>

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "topology/tree_builder.hpp"
#include "topology/utf8.hpp"

namespace sluice::topology {

namespace {

/// Cuts of "\n", "\r\n" and "\r", as YAML counts lines.
std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\n' && text[at] != '\r')
      continue;
    lines.push_back(text.substr(start, at - start));
    if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n')
      ++at;
    start = at + 1;
  }
  lines.push_back(text.substr(start));
  return lines;
}

position position_of_byte(std::string_view text, std::size_t at) {
  const auto lines = split_lines(text.substr(0, at));
  return {static_cast<int>(lines.size()),
          static_cast<int>(count_characters(lines.back())) + 1};
}

/// yaml-cpp's words, with the usual reason where they do not say it.
std::string syntax_message(const YAML::Exception& failure,
                           std::string_view line) {
  std::string message = "not valid YAML: " + failure.msg;
  const auto indent = line.substr(0, line.find_first_not_of(" \t"));
  if (indent.find('\t') != std::string_view::npos)
    message += " (the line is indented with a tab: YAML wants spaces)";
  return message;
}

node_ptr parse_documents(std::string_view yaml, tree_builder& builder,
                         mistakes& found) {
  std::istringstream stream{std::string{yaml}};
  YAML::Parser parser{stream};
  if (!parser.HandleNextDocument(builder)) {
    found.add({1, 1}, "the file is empty: a topology begins with 'pipeline:'");
    return nullptr;
  }
  auto root = builder.take_root();
  if (builder.ends_inside_quotes()) {
    found.add(builder.last_scalar(),
              "not valid YAML: the quote that opens here is never closed");
    return nullptr;
  }
  if (parser.HandleNextDocument(builder)) {
    // yaml-cpp begins a new document wherever the first one cannot go on.
    found.add(
        builder.document_start(),
        builder.document_is_marked()
            ? "a second YAML document begins here: one file is one topology"
            : "not valid YAML: this does not belong to what stands before "
              "it; is the indentation right?");
    return nullptr;
  }
  return root;
}

} // namespace

const entry* node::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const entry& candidate) {
        return candidate.key == key;
      });
  return found == entries.end() ? nullptr : &*found;
}

node_ptr parse_yaml(std::string_view yaml, const environment& env,
                    mistakes& found) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (yaml.size() > yaml_bytes_max) {
    found.add({1, 1}, "the file is larger than 4 MiB: that is no topology");
    return nullptr;
  }
  if (yaml.starts_with(byte_order_mark))
    yaml.remove_prefix(byte_order_mark.size());
  if (const auto at = first_not_text(yaml); at != std::string_view::npos) {
    found.add(position_of_byte(yaml, at),
              "not a text file: this byte is not UTF-8, or is a control "
              "character");
    return nullptr;
  }
  const auto lines = split_lines(yaml);
  tree_builder builder{lines, env, found};
  try {
    return parse_documents(yaml, builder, found);
  } catch (const bound_exceeded& failure) {
    found.add(failure.where, failure.what());
  } catch (const YAML::Exception& failure) {
    const auto where = builder.at(failure.mark);
    const auto line = static_cast<std::size_t>(std::max(where.line, 1)) - 1;
    found.add(where, syntax_message(failure, line < lines.size()
                                                 ? lines[line]
                                                 : std::string_view{}));
  } catch (const std::exception& failure) {
    found.add({1, 1}, std::string{"not valid YAML: "} + failure.what());
  }
  return nullptr;
}

} // namespace sluice::topology
