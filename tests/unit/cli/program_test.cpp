#include "cli/program.hpp"

#include <gmock/gmock.h>

#include "cli/messages.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

struct outcome {
  int code = 0;
  std::string out;
  std::string err;
};

outcome sluice(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "sluice");
  CaptureStdout();
  CaptureStderr();
  const auto code =
      run_program(static_cast<int>(arguments.size()), arguments.data());
  return {code, GetCapturedStdout(), GetCapturedStderr()};
}

TEST(Program, ExplainsItselfAndEveryVerb) {
  const auto help = sluice({"--help"});
  EXPECT_EQ(help.code, exit_ok);
  for (const auto* verb : {"run", "check", "apply", "query", "status", "gold",
                           "kafka", "clickhouse", "chaos"}) {
    EXPECT_THAT(help.out, HasSubstr(std::string{"\n  "} + verb + ' '));
    const auto of_verb = sluice({verb, "--help"});
    EXPECT_EQ(of_verb.code, exit_ok) << verb;
    EXPECT_THAT(of_verb.out, HasSubstr("Usage: ")) << verb;
  }
  for (const auto* verb : {"list", "run", "ledger"})
    EXPECT_EQ(sluice({"gold", verb, "--help"}).code, exit_ok) << verb;
  EXPECT_EQ(sluice({"kafka", "play", "--help"}).code, exit_ok);
}

TEST(Program, TellsItsVersion) {
  const auto version = sluice({"--version"});
  EXPECT_EQ(version.code, exit_ok);
  EXPECT_EQ(version.out, "sluice " SLUICE_VERSION "\n");
}

TEST(Program, RefusesArgumentsThatItDoesNotKnow) {
  EXPECT_EQ(sluice({}).code, exit_mistake);
  EXPECT_EQ(sluice({"chekc", "a.yaml"}).code, exit_mistake);
  EXPECT_EQ(sluice({"check"}).code, exit_mistake);
  EXPECT_EQ(sluice({"check", "a.yaml", "--jsno"}).code, exit_mistake);
  EXPECT_EQ(sluice({"run", "a.yaml", "--status-port", "70000"}).code,
            exit_mistake);
  EXPECT_EQ(sluice({"clickhouse"}).code, exit_mistake);
  EXPECT_EQ(sluice({"gold", "ledger", "a.yaml", "--limit", "0"}).code,
            exit_mistake);
}

TEST(Program, RefusesATopologyThatCannotBeRead) {
  const auto checked = sluice({"check", "/nowhere/shop.yaml", "--offline"});
  EXPECT_EQ(checked.code, exit_mistake);
  EXPECT_THAT(checked.err, HasSubstr("/nowhere/shop.yaml"));
}

TEST(Program, PrintsThePlanOfTheDemo) {
  const std::string file = SLUICE_SOURCE_DIR "/config/commerce.yaml";
  const auto checked = sluice({"check", file.c_str(), "--offline"});
  EXPECT_EQ(checked.code, exit_ok) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("topic postgres.public.users"));
  EXPECT_THAT(checked.out, HasSubstr("gold gold_user_activity"));
}

TEST(Program, RefusesAWaitThatIsNoDuration) {
  const auto waited = sluice({"status", "--wait-caught-up", "soon"});
  EXPECT_EQ(waited.code, exit_mistake);
  EXPECT_THAT(waited.err, HasSubstr("--wait-caught-up: 'soon'"));
}

TEST(Program, RefusesATopicThatKafkaWouldRefuse) {
  const auto served =
      sluice({"kafka", "--data", "/nowhere", "--topic", "a b:1"});
  EXPECT_EQ(served.code, exit_mistake);
  EXPECT_THAT(served.err, HasSubstr("--topic: 'a b:1'"));
}

TEST(Program, NeedsADirectoryForTheBroker) {
  const auto served = sluice({"kafka"});
  EXPECT_EQ(served.code, exit_mistake);
  EXPECT_THAT(served.err, HasSubstr("--data is required"));
}

TEST(Explain, SaysWhatCreatesAMissingTable) {
  clickhouse::error missing;
  missing.code = 60;
  missing.message = "Code: 60. DB::Exception: Table a.b does not exist";
  EXPECT_THAT(explain(missing), HasSubstr("`sluice apply FILE`"));
  clickhouse::error transport;
  transport.message = "http://ch:8123 refuses the connection";
  EXPECT_EQ(explain(transport), transport.message);
}

} // namespace
} // namespace sluice::cli
