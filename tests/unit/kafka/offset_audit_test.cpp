#include "kafka/offset_audit.hpp"

#include <gtest/gtest.h>

namespace sluice::kafka {
namespace {

TEST(OffsetAudit, CutsThatTouchAreRightInAnyOrder) {
  offset_audit audit{10};
  EXPECT_TRUE(audit.acknowledged({20, 30}));
  EXPECT_TRUE(audit.committed(10));
  EXPECT_TRUE(audit.acknowledged({10, 20}));
  EXPECT_TRUE(audit.committed(20));
  EXPECT_TRUE(audit.committed(30));
}

TEST(OffsetAudit, AGapBelowTheFrontierIsSeen) {
  offset_audit audit{10};
  EXPECT_TRUE(audit.acknowledged({10, 20}));
  EXPECT_TRUE(audit.acknowledged({21, 30}));
  EXPECT_FALSE(audit.committed(30));
  EXPECT_TRUE(audit.acknowledged({30, 40}));
  EXPECT_TRUE(audit.committed(40)) << "it is told once";
}

TEST(OffsetAudit, WhatWasNeverAcknowledgedIsAGap) {
  offset_audit audit{10};
  EXPECT_FALSE(audit.committed(11));
}

TEST(OffsetAudit, AnOverlapIsSeenOnEitherSide) {
  offset_audit audit{10};
  EXPECT_FALSE(audit.acknowledged({9, 20}));
  EXPECT_TRUE(audit.acknowledged({30, 40}));
  EXPECT_FALSE(audit.acknowledged({25, 31}));
  EXPECT_FALSE(audit.acknowledged({39, 45}));
  EXPECT_FALSE(audit.acknowledged({30, 40}));
}

} // namespace
} // namespace sluice::kafka
