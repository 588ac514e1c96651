// dirty_windows: as a text, and back.
#include <random>

#include <gmock/gmock.h>

#include "tests/unit/gold/orders_log.hpp"

namespace sluice::gold {
namespace {

using ::testing::IsEmpty;

/// What counts of two states; when a node has seen something is its own.
void expect_equal(const dirty_windows& one, const dirty_windows& other,
                  const std::vector<topology::gold>& golds) {
  EXPECT_EQ(one.next(), other.next());
  EXPECT_EQ(one.leader(), other.leader());
  EXPECT_EQ(one.noted(), other.noted());
  for (const auto& gold : golds) {
    const auto& windows = one.of(gold.name);
    const auto& others = other.of(gold.name);
    ASSERT_EQ(windows.size(), others.size()) << gold.name;
    for (auto i = windows.begin(), j = others.begin(); i != windows.end();
         ++i, ++j) {
      EXPECT_EQ(i->first, j->first);
      EXPECT_EQ(i->second.newest_mark, j->second.newest_mark);
      EXPECT_EQ(i->second.requested, j->second.requested);
      EXPECT_EQ(i->second.follows, j->second.follows);
    }
    EXPECT_EQ(one.watermark(gold.name, now), other.watermark(gold.name, now));
  }
}

control_message any_message(std::mt19937& random, std::int64_t next) {
  const auto below = [&random](int end) {
    return std::uniform_int_distribution<int>{0, end - 1}(random);
  };
  static const std::vector<std::string> names{"sales", "hopping", "after"};
  const auto& gold = names[static_cast<std::size_t>(below(3))];
  const auto lo = below(5) * 10;
  const auto first = below(12);
  const auto what = cut(lo, lo + 10 + below(3),
                        static_cast<std::uint16_t>(below(2)), below(2));
  switch (below(8)) {
  case 0:
  case 1:
    return note(what, hours(first, first + 1 + below(3), gold));
  case 2:
  case 3:
  case 4:
    return mark(what, hours(first, first + 1 + below(3), gold),
                {{gold, midnight + below(50'000)}});
  case 5:
    return term_begun{below(2) == 0 ? "a" : "b", std::to_string(below(99))};
  case 6: {
    auto result = run(first, std::max<std::int64_t>(0, next - 1 - below(9)),
                      next - below(4), gold);
    if (gold == "hopping")
      result.what = hour_window(first, 4);
    return result;
  }
  default:
    return run_requested{gold, hour_window(first).start,
                         hour_window(first + below(3)).end, "me"};
  }
}

TEST(DirtyWindowsSnapshot, IsWhatReadingTheWholeLogWouldGive) {
  auto after = hourly("after");
  after.after = {"sales"};
  const std::vector golds{hourly("sales"), hourly("hopping", 1h), after};
  for (unsigned seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    auto whole = made(golds);
    auto restored = made(golds);
    for (std::int64_t offset = 0; offset < 80; ++offset) {
      const auto message = any_message(random, offset);
      whole.obey(offset, message, now);
      restored.obey(offset, message, now);
      if (random() % 10 == 0) {
        auto fresh = made(golds);
        const auto done = fresh.restore(restored.snapshot(), now);
        ASSERT_TRUE(done) << done.error();
        restored = std::move(fresh);
      }
    }
    expect_equal(whole, restored, golds);
  }
}

TEST(DirtyWindowsSnapshot, OfOtherWindowsMakesThoseDirtyThatOverlap) {
  auto before = made({hourly("sales")});
  before.obey(7, mark(cut(0, 1), hours(5, 7)), now);
  auto wider = hourly("sales");
  wider.window.every = 2h;
  auto restored = made({wider});
  ASSERT_TRUE(restored.restore(before.snapshot(), now));
  ASSERT_EQ(restored.of("sales").size(), 2U);
  EXPECT_EQ(restored.of("sales").begin()->first, hour_window(4, 2));
  EXPECT_EQ(restored.next(), 8);
}

TEST(DirtyWindowsSnapshot, OfAnotherTopologyDropsWhatIsNoMore) {
  auto before = made({hourly("sales"), hourly("gone")});
  before.obey(0, mark(cut(0, 1), hours(5, 6, "gone")), now);
  auto restored = made({hourly("sales"), hourly("new")});
  restored.obey(0, mark(cut(0, 1), hours(1, 2, "new")), now);
  ASSERT_TRUE(restored.restore(before.snapshot(), now));
  EXPECT_THAT(restored.of("sales"), IsEmpty());
  EXPECT_THAT(restored.of("new"), IsEmpty());
}

TEST(DirtyWindowsSnapshot, ThatCannotBeReadChangesNothing) {
  auto windows = made({hourly("sales")});
  windows.obey(0, mark(cut(0, 1), hours(1, 2)), now);
  const auto good = windows.snapshot();
  for (const auto& text : std::vector<std::string>{
           "", "{", "[]", "null", "{}", R"({"version":2})",
           R"({"version":1,"next":"x"})",
           R"({"version":1,"next":5,"notes":"","golds":{}})",
           R"({"version":1,"next":5,"notes":"{}","golds":{"sales":7}})",
           R"({"version":1,"next":5,"golds":{}})",
           good.substr(0, good.size() - 1), good.substr(1)}) {
    const auto done = windows.restore(text, now);
    ASSERT_FALSE(done) << text;
    EXPECT_FALSE(done.error().empty());
    EXPECT_EQ(windows.snapshot(), good);
  }
}

} // namespace
} // namespace sluice::gold
