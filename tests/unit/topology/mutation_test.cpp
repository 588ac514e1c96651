// Whatever a file holds, reading it gives a topology or says what is wrong, in
// bounded time and without a crash (the sanitizer builds run this too).
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/unit/topology/reading.hpp"
#include "topology/utf8.hpp"

namespace sluice::topology {

namespace {

std::string commerce_text() {
  std::ifstream stream{SLUICE_SOURCE_DIR "/config/commerce.yaml",
                       std::ios::binary};
  EXPECT_TRUE(stream);
  return {std::istreambuf_iterator<char>{stream}, {}};
}

class mutator {
public:
  explicit mutator(std::uint32_t seed) : random_{seed} {}

  std::string mutate(std::string text) {
    const auto edits = 1 + below(6);
    for (std::size_t i = 0; i < edits; ++i)
      edit(text);
    return text;
  }

private:
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_);
  }

  /// Signs that mean something to YAML, to substitution or to a check.
  std::string token() {
    static constexpr std::array<std::string_view, 36> tokens{
        "\n",   ":",     ": ",    "- ",   "[",    "]",
        "{",    "}",     "&a ",   "*a",   "<<: ", "? ",
        "|",    ">",     "'",     "\"",   "#",    "${",
        "${X}", "$${",   "${X:-", "}",    "!x ",  "%",
        "@",    "null",  "~",     "0",    "-1",   "\t",
        "  ",   "---\n", "...\n", "\xC3", "\xFF", "99999999999999999999"};
    return std::string{tokens.at(below(tokens.size()))};
  }

  void edit(std::string& text) {
    if (text.empty()) {
      text = token();
      return;
    }
    const auto at = below(text.size());
    const auto length = std::min(1 + below(40), text.size() - at);
    switch (below(6)) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.insert(at, token());
      break;
    case 2:
      text[at] = static_cast<char>(below(256));
      break;
    case 3:
      text.insert(below(text.size()), text.substr(at, length));
      break;
    case 4:
      text.replace(at, length, token());
      break;
    default:
      text.resize(at);
    }
  }

  std::mt19937 random_;
};

/// Reads `text`; what it says must be fit for people and for JSON.
bool read_and_check(const std::string& text) {
  const auto result =
      read_text(text, "m.yaml", testing::environment_of({{"X", "x"}}));
  if (result) {
    EXPECT_FALSE(result->tables.empty());
    return true;
  }
  EXPECT_FALSE(result.error().empty());
  for (const auto& mistake : result.error()) {
    EXPECT_GE(mistake.where.line, 1) << mistake.message;
    EXPECT_GE(mistake.where.column, 1) << mistake.message;
    EXPECT_EQ(first_not_text(mistake.message), std::string::npos);
    EXPECT_EQ(mistake.message.find('\n'), std::string::npos);
  }
  return false;
}

} // namespace

TEST(Mutations, OfCommerceAreReadOrRefused) {
  constexpr std::uint32_t seed = 20260220;
  const auto original = commerce_text();
  mutator mutations{seed};
  int valid = 0;
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto text = mutations.mutate(original);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", mutation "
                 + std::to_string(i));
    ++(read_and_check(text) ? valid : refused);
    if (::testing::Test::HasFailure())
      break;
  }
  // Both outcomes must be met, or the mutations would prove little.
  EXPECT_GT(valid, 100);
  EXPECT_GT(refused, 1000);
}

TEST(Mutations, BinaryJunkIsRefused) {
  std::mt19937 random{7};
  for (int i = 0; i < 200; ++i) {
    std::string junk(1 + random() % 4000, '\0');
    for (auto& c : junk)
      c = static_cast<char>(random());
    EXPECT_FALSE(read_and_check(junk));
  }
}

TEST(Mutations, LongRunsOfOneSignAreRefusedInBoundedTime) {
  for (const char c : std::string_view{"[{-?:&*!|>'\"%@`#,]}a \n\t"}) {
    SCOPED_TRACE(std::string{c});
    EXPECT_FALSE(read_and_check(std::string(200'000, c)));
  }
}

} // namespace sluice::topology
