#include <iostream>
#include <map>
#include <memory>
#include <utility>

#include "cli/dlq_letters.hpp"
#include "cli/dlq_text.hpp"
#include "cli/dlq_topic.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"
#include "plan/aligned_text.hpp"

namespace sluice::cli {

namespace {

void print_json(const std::map<letter_id, listed_letter>& letters) {
  for (const auto& [id, letter] : letters)
    std::cout << letter_json(id, letter) << '\n';
}

void print_counts(const std::map<letter_id, listed_letter>& letters) {
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  for (const auto& [id, letter] : letters)
    ++counts[{id.table, letter.reason}];
  plan::aligned_text rows{""};
  rows.add({"table", "reason", "letters"});
  for (const auto& [of, count] : counts)
    rows.add({of.first, of.second, std::to_string(count)});
  std::cout << rows.text();
}

int list(dlq_arguments arguments) {
  auto read = read_letters(arguments);
  if (!read)
    return read.error();
  const auto& [topology, topic, index] = *read;
  const auto letters = index.outstanding(arguments.choice);
  if (arguments.json)
    print_json(letters);
  else if (letters.empty())
    std::cout << "no dead letter on " << topology.what.kafka.dead_letter_topic
              << " that fits\n";
  else
    print_counts(letters);
  if (index.strangers() > 0)
    note(std::to_string(index.strangers())
         + " records on the topic are none of Sluice's, the first at "
         + index.first_stranger());
  if (!arguments.json && index.replayed() > 0)
    note(std::to_string(index.replayed()) + " more were replayed");
  return exit_ok;
}

} // namespace

void add_dlq_list(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<dlq_arguments>();
  auto* verb = to.add_subcommand(
      "list", "count the dead letters of each table and reason");
  verb->footer(
      "A letter that was replayed is no longer listed. With --json, one object "
      "a line for\neach letter.\n\n"
      "  sluice dlq list config/commerce.yaml --table users");
  add_dlq_arguments(*verb, *arguments);
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return list(*arguments); };
  });
}

} // namespace sluice::cli
