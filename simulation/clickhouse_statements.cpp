// clickhouse_server: statements that are no inserts into silver.
#include "simulation/clickhouse_server.hpp"

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;
using clickhouse::error;
using clickhouse::remedy;

error uncertain(const std::string& message) {
  return {remedy::retry, 0, true, message};
}

} // namespace

void clickhouse_server::send(const std::string& name,
                             const std::function<failure()>& execute,
                             const std::function<void(failure)>& reply) {
  const request what{name, execute, reply};
  if (on_.strikes(on_.faults.insert_lost, "statements lost"))
    return answer_request(what, uncertain("timed out"), request_timeout);
  on_.time.after(on_.hop(), [this, what] { arrive(what); });
}

void clickhouse_server::answer_request(const request& what,
                                       const failure& error, instant delay) {
  if (error)
    on_.out.line("clickhouse", [&] {
      return what.name + ": '" + error->message + "'"
             + (error->outcome_unknown ? " (unknown)" : "");
    });
  on_.time.after(delay, [reply = what.reply, error] { reply(error); });
}

void clickhouse_server::arrive(const request& what) {
  const auto now = on_.time.now();
  if (now < down_until_)
    return answer_request(
        what, error{remedy::retry, 0, false, "connection refused"}, on_.hop());
  if (now < stalled_until_) {
    const auto wait = stalled_until_ - now;
    if (wait < request_timeout)
      return on_.time.after(wait, [this, what] { arrive(what); });
    answer_request(what, uncertain("timed out"), request_timeout);
    if (on_.chance.chance(0.5) && wait < statement_lifetime)
      on_.time.after(wait, [what] { static_cast<void>(what.execute()); });
    return;
  }
  if (lose_outcome(what))
    return;
  on_.time.after(on_.chance.within(1ms, 100ms), [this, what, life = life_] {
    if (life != life_ && on_.chance.chance(0.5))
      return answer_request(what, uncertain("connection reset"), on_.hop());
    auto failed = what.execute();
    if (life != life_)
      failed = uncertain("connection reset");
    answer_request(what, failed, on_.hop());
  });
}

bool clickhouse_server::lose_outcome(const request& what) {
  if (on_.strikes(on_.faults.insert_reply_lost, "statement replies lost")) {
    static_cast<void>(what.execute());
    answer_request(what, uncertain("timed out"), request_timeout);
    return true;
  }
  if (on_.strikes(on_.faults.insert_done_later, "statements done later")) {
    on_.time.after(
        on_.chance.within(request_timeout, statement_lifetime), [this, what] {
          on_.out.line("clickhouse", [&] { return "late: " + what.name; });
          static_cast<void>(what.execute());
        });
    answer_request(what, uncertain("timed out"), request_timeout);
    return true;
  }
  return false;
}

} // namespace sluice::simulation
