// A cut ledger under any schedule of crashes and refusals.
#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "kafka/cut_ledger.hpp"

namespace sluice::kafka {
namespace {

/// Three tables fed by one partition whose owner dies at random moments, with
/// what Kafka and silver would then hold. Silver knows no tokens here: a row
/// that is sent without a question while it is there already is doubled.
class schedule {
public:
  static constexpr std::int64_t log_end = 120;
  static constexpr std::size_t tables = 3;

  explicit schedule(unsigned seed) : random_{seed} {}

  void run() {
    for (auto lives = 0; stored_.offset < log_end && lives < 500; ++lives)
      live(lives > 60);
    EXPECT_EQ(stored_.offset, log_end);
    for (const auto& each : silver_) {
      EXPECT_EQ(each.size(), static_cast<std::size_t>(log_end));
    }
  }

private:
  struct work {
    recorded_cut what;
    std::size_t table;
  };

  bool chance(unsigned percent) { return random_() % 100 < percent; }

  std::vector<ledger_table> open(const position_metadata& metadata,
                                 bool healthy) {
    std::vector<ledger_table> result;
    for (std::uint32_t i = 0; i < tables; ++i) {
      const auto found =
          std::ranges::find(metadata.tables, i, &table_position::table);
      ledger_table each;
      each.at = found != metadata.tables.end()
                    ? *found
                    : table_position{i, stored_.offset, {}, 0, {}};
      each.attached = healthy || !chance(20);
      result.push_back(each);
    }
    return result;
  }

  void live(bool healthy) {
    const auto metadata =
        decode_position_metadata(stored_.metadata, stored_.offset);
    ASSERT_TRUE(metadata);
    cut_ledger ledger{stored_.offset, *metadata, open(*metadata, healthy)};
    inserting_.clear();
    again_.clear();
    while (!chance(2) && stored_.offset < log_end) {
      if (ledger.taking_part() == 0)
        return;
      read(ledger);
      commit(ledger);
      for (const auto& each : ledger.take_recorded())
        hand_out(ledger, each);
      insert(ledger);
      if (!healthy && chance(3))
        detach(ledger, random_() % tables);
      if (ledger.settled() && ledger.open_lo() >= log_end)
        return; // what is detached waits for another life
    }
  }

  void read(cut_ledger& ledger) {
    if (ledger.open_lo() >= log_end || ledger.unfinished() >= 3)
      return;
    auto hi = std::min<std::int64_t>(
        log_end,
        ledger.open_lo() + 1 + static_cast<std::int64_t>(random_() % 9));
    if (const auto limit = ledger.limit())
      hi = std::min(hi, *limit);
    taking_part_.erase(ledger.open_lo());
    for (std::size_t i = 0; i < tables; ++i)
      if (ledger.takes_part(i))
        taking_part_[ledger.open_lo()].insert(i);
    ledger.close(ledger.intended_end().value_or(hi));
  }

  void commit(cut_ledger& ledger) {
    const auto request = ledger.next_commit();
    if (!request)
      return;
    ASSERT_LE(request->offset, log_end);
    if (chance(20)) {
      if (chance(50))
        stored_ = *request; // recorded, but the reply was lost
      ledger.commit_failed();
    } else {
      stored_ = *request;
      ledger.commit_recorded();
    }
  }

  void hand_out(cut_ledger& ledger, const recorded_cut& what) {
    for (const auto i : taking_part_[what.range.lo])
      if (ledger.attached(i))
        inserting_.push_back({what, i});
  }

  void insert(cut_ledger& ledger) {
    while (!inserting_.empty() && chance(60)) {
      const auto index = random_() % inserting_.size();
      const auto done = inserting_[index];
      inserting_.erase(inserting_.begin() + static_cast<std::ptrdiff_t>(index));
      for (auto row = done.what.range.lo; row < done.what.range.hi; ++row) {
        const auto added = silver_[done.table].insert(row).second;
        ASSERT_TRUE(added || done.what.replayed || again_.contains(key(done)))
            << "row " << row << " of table " << done.table;
      }
      again_.insert(key(done));
      if (chance(85)) {
        ledger.acknowledge(done.table, done.what.range.lo);
        again_.erase(key(done));
      } else {
        inserting_.push_back(done); // written, but nobody knows
      }
    }
  }

  void detach(cut_ledger& ledger, std::size_t table) {
    ledger.detach(table);
    std::erase_if(inserting_,
                  [&](const work& each) { return each.table == table; });
  }

  static std::pair<std::size_t, cut> key(const work& of) {
    return {of.table, of.what.range};
  }

  std::mt19937 random_;
  commit_request stored_{0, ""};
  std::array<std::set<std::int64_t>, tables> silver_;
  std::map<std::int64_t, std::set<std::size_t>> taking_part_;
  std::vector<work> inserting_;
  std::set<std::pair<std::size_t, cut>> again_;
};

TEST(CutLedger, AfterAnyCrashesAndRefusalsEveryTableHasEveryRowOnce) {
  for (unsigned seed = 1; seed <= 3000 && !::testing::Test::HasFailure();
       ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    schedule{seed}.run();
  }
}

} // namespace
} // namespace sluice::kafka
