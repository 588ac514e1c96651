#include "cli/dlq_letters.hpp"

#include <utility>

#include "cli/dlq_text.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {

tl::expected<dlq_letters, int> read_letters(dlq_arguments& arguments) {
  if (const auto wrong = complete(arguments))
    return tl::unexpected(refuse(*wrong));
  auto topology = load_topology(arguments.file);
  if (!topology)
    return tl::unexpected(int{exit_mistake});
  auto topic = dlq_topic::open(topology->what, arguments.data);
  if (!topic)
    return tl::unexpected(fail(topic.error()));
  auto index = topic->read();
  if (!index)
    return tl::unexpected(fail(index.error()));
  return dlq_letters{std::move(*topology), std::move(*topic),
                     std::move(*index)};
}

} // namespace sluice::cli
