// How each command of `dlq` begins.
#pragma once

#include <tl/expected.hpp>

#include "cli/dlq_index.hpp"
#include "cli/dlq_topic.hpp"
#include "cli/topology_file.hpp"

namespace sluice::cli {

struct dlq_letters {
  topology_file topology;
  dlq_topic topic;
  letter_index index;
};

/// Completes the choice in `arguments`, loads their topology and reads the
/// whole dead-letter topic. What is wrong is told; the error is the exit code.
[[nodiscard]] tl::expected<dlq_letters, int>
read_letters(dlq_arguments& arguments);

} // namespace sluice::cli
