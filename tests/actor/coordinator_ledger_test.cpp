// The coordinator and the ledger: what it says of runs may be that of a newer
// term.
#include <gmock/gmock.h>

#include "tests/support/coordinator_test.hpp"

namespace sluice::actors {
namespace {

using gold::term_begun;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CoordinatorLedger : public coordinator_test {
protected:
  const gold::window day_ = day_of("2026-02-18");
};

TEST_F(CoordinatorLedger, RunsNothingByALedgerThatMayHaveANewerTermsRuns) {
  ledger_->unsound = {{"activity", day_}};
  start("2026-02-20 12:00:00", {on_change()});
  lead();
  while (ledger_->ledger_reads == 0)
    pass(10ms);
  tell(term_begun{"node-2", "other"});
  pass(10s);
  EXPECT_THAT(runs(), IsEmpty())
      << "its ids would come behind those of its successor";
}

TEST_F(CoordinatorLedger, RunsByTheLedgerOnceTheLogHasNoNewerTerm) {
  ledger_->unsound = {{"activity", day_}};
  start("2026-02-20 12:00:00", {on_change()});
  lead();
  pass(1s);
  ASSERT_THAT(runs(), SizeIs(1));
  EXPECT_EQ(runs()[0].request.trigger, "repair");
  EXPECT_EQ(ledger_->ledger_reads, 1);
}

} // namespace
} // namespace sluice::actors
