#include "topology/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::topology {

using ::testing::HasSubstr;
using ::testing::Optional;

TEST(Names, PipelinesHaveLettersDigitsAndAFewSigns) {
  for (const auto* name : {"commerce", "a", "9-a_b.c"})
    EXPECT_EQ(pipeline_name_mistake(name), std::nullopt) << name;
  for (const auto& name :
       {std::string{}, std::string{"-a"}, std::string{"."}, std::string{"a b"},
        std::string{"a/b"}, std::string{"\xC3\xA4"}, std::string(101, 'a')})
    EXPECT_NE(pipeline_name_mistake(name), std::nullopt) << name;
}

TEST(Names, TopicsAreAsKafkaAllows) {
  EXPECT_EQ(topic_name_mistake("a-B_c.9"), std::nullopt);
  EXPECT_EQ(topic_name_mistake(std::string(249, 'a')), std::nullopt);
  EXPECT_EQ(topic_name_mistake("..."), std::nullopt);
  for (const auto& name :
       {std::string{}, std::string{"."}, std::string{".."}, std::string{"a b"},
        std::string{"a:b"}, std::string(250, 'a')})
    EXPECT_NE(topic_name_mistake(name), std::nullopt) << name;
}

TEST(Names, TablesAreIdentifiersAndNotSluicesOwn) {
  EXPECT_EQ(table_name_mistake("gold_user_activity"), std::nullopt);
  EXPECT_EQ(table_name_mistake("_t1"), std::nullopt);
  for (const auto& name :
       {std::string{}, std::string{"1a"}, std::string{"a.b"},
        std::string{"a-b"}, std::string{"a`b"}, std::string(128, 'a')})
    EXPECT_NE(table_name_mistake(name), std::nullopt) << name;
  EXPECT_THAT(table_name_mistake("_sluice_gold_runs"),
              Optional(HasSubstr("Sluice's own")));
}

TEST(Names, ColumnsThatSluiceAddsAreReserved) {
  for (const auto* name :
       {"_partition", "_offset", "_epoch", "_version", "_deleted"})
    EXPECT_THAT(silver_column_name_mistake(name),
                Optional(HasSubstr("Sluice adds these columns itself")));
  EXPECT_THAT(silver_column_name_mistake("_row_exists"),
              Optional(HasSubstr("ClickHouse keeps these names")));
  EXPECT_THAT(silver_column_name_mistake("user-id"),
              Optional(HasSubstr("is told by 'from'")));
  EXPECT_EQ(silver_column_name_mistake("_updated_at"), std::nullopt);
  for (const auto* name : {"_window", "_run"})
    EXPECT_THAT(gold_column_name_mistake(name),
                Optional(HasSubstr("Sluice adds these columns itself")));
  EXPECT_EQ(gold_column_name_mistake("_updated_at"), std::nullopt);
}

TEST(Names, DatabasesAreNotClickHousesOwn) {
  EXPECT_EQ(database_name_mistake("my-db_1"), std::nullopt);
  for (const auto* name :
       {"", "a.b", "a b", "system", "information_schema", "INFORMATION_SCHEMA"})
    EXPECT_NE(database_name_mistake(name), std::nullopt) << name;
}

TEST(Names, BrokersAreEmbeddedOrAddresses) {
  for (const auto* text : {"embedded", "k:9092", "k1.a-b_c:9092, k2:1",
                           "127.0.0.1:65535", "[::1]:9092"})
    EXPECT_EQ(brokers_mistake(text), std::nullopt) << text;
  for (const auto* text :
       {"kafka", "k:", "k:0", "k:65536", "k:9092x", ":9092", "k:9092,",
        ",k:9092", "k 1:9092", "[::1:9092", "[::1]9092", "[::1]", "k:1:2",
        "[]:1", "k:99999999999"})
    EXPECT_THAT(brokers_mistake(text),
                Optional(HasSubstr("must be 'embedded' or host:port")))
        << text;
  EXPECT_THAT(brokers_mistake("embeded"),
              Optional(HasSubstr("did you mean 'embedded'?")));
  EXPECT_THAT(brokers_mistake("SASL_SSL://k:9092"),
              Optional(HasSubstr("security.protocol under 'properties'")));
}

TEST(Names, UrlsAreEmbeddedOrHttp) {
  for (const auto* text :
       {"embedded", "http://localhost", "http://ch:8123", "https://ch:8443/",
        "http://[::1]:8123", "https://abc.clickhouse.cloud:8443"})
    EXPECT_EQ(url_mistake(text), std::nullopt) << text;
  for (const auto* text :
       {"ch:8123", "tcp://ch:9000", "http://", "http:///", "http://:8123",
        "http://ch:0", "http://ch:port", "http://ch:8123/db",
        "http://ch:8123?user=x", "http://c h", "http://ch#x", ""})
    EXPECT_NE(url_mistake(text), std::nullopt) << text;
  EXPECT_THAT(url_mistake("embeded"),
              Optional(HasSubstr("did you mean 'embedded'?")));
}

TEST(Names, APasswordInAUrlIsRefusedAndNotRepeated) {
  const auto mistake = url_mistake("https://me:hunter2@ch:8443");
  EXPECT_THAT(mistake, Optional(HasSubstr("under 'user' and 'password'")));
  EXPECT_EQ(mistake->find("hunter2"), std::string::npos);
}

TEST(Names, PathsLeadIntoTheRowOrTheRecord) {
  for (const auto* text :
       {"a", "_id.$oid", "a.b.c", "with space", "@offset", "@partition",
        "@timestamp", "@key", "@op", "@headers.trace-id", "@headers.a.b"})
    EXPECT_EQ(path_mistake(text), std::nullopt) << text;
  for (const auto* text : {"a..b", ".a", "a.", ".", "@", "@nothing"})
    EXPECT_NE(path_mistake(text), std::nullopt) << text;
  EXPECT_THAT(path_mistake("@ofset"),
              Optional(HasSubstr("did you mean '@offset'?")));
  EXPECT_THAT(path_mistake("@headers."),
              Optional(HasSubstr("must name the header")));
  EXPECT_THAT(path_mistake("@headers"),
              Optional(HasSubstr("must name the header")));
}

} // namespace sluice::topology
