#include <iostream>
#include <memory>

#include "cli/dlq_letters.hpp"
#include "cli/dlq_text.hpp"
#include "cli/dlq_topic.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {

namespace {

struct dlq_show_arguments {
  dlq_arguments letters;
  bool value = false;
};

int show(dlq_show_arguments arguments) {
  auto& letters = arguments.letters;
  auto read = read_letters(letters);
  if (!read)
    return read.error();
  auto& [topology, topic, index] = *read;
  const auto found = index.outstanding(letters.choice);
  if (found.empty())
    return fail("no dead letter fits: see `sluice dlq list " + letters.file
                + " --json`");
  if (arguments.value && found.size() > 1)
    return refuse(std::to_string(found.size())
                  + " letters fit, and --value writes the bytes of one: choose "
                    "it with --topic, --partition, --offset and --table");
  for (const auto& [id, listed] : found) {
    const auto letter = topic.fetch(listed.copies.back());
    if (!letter)
      return fail(to_string(id) + ": " + letter.error());
    if (arguments.value)
      std::cout << letter->original.value.value_or("");
    else if (letters.json)
      std::cout << letter_json(*letter) << '\n';
    else
      std::cout << letter_text(*letter) << '\n';
  }
  return exit_ok;
}

} // namespace

void add_dlq_show(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<dlq_show_arguments>();
  auto* verb = to.add_subcommand(
      "show", "print dead letters whole, with the original bytes");
  verb->footer(
      "Where a record came from, why it made no row, its headers, key and "
      "value.\n\n"
      "  sluice dlq show config/commerce.yaml --topic postgres.public.users "
      "--partition 3 --offset 42");
  add_dlq_arguments(*verb, arguments->letters);
  verb->add_flag("--value", arguments->value,
                 "write the value's bytes of the one letter that fits, and "
                 "nothing else");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return show(*arguments); };
  });
}

} // namespace sluice::cli
