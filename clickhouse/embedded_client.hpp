// The ClickHouse inside this process, behind the interface that the one over
// HTTP has too (client.hpp).
#pragma once

#include <memory>
#include <string>

#include "clickhouse/client.hpp"
#include "clickhouse/embedded_engine.hpp"

namespace sluice::clickhouse {

/// What embedded_endpoint() makes. Thread-safe; its clients keep the engine
/// open, so all of them must be gone before main returns.
class embedded_home : public endpoint {
public:
  embedded_home(std::shared_ptr<embedded_engine> engine, std::string database);

  [[nodiscard]] std::unique_ptr<client> connect() override;
  [[nodiscard]] std::string name() const override { return "embedded"; }

  [[nodiscard]] const std::shared_ptr<embedded_engine>& engine() const {
    return engine_;
  }
  /// The default of unqualified names.
  [[nodiscard]] const std::string& database() const { return database_; }

private:
  std::shared_ptr<embedded_engine> engine_;
  std::string database_;
};

/// The error of a statement from ClickHouse's text. Without a code, or with one
/// that is_outcome_uncertain() names, the outcome of an insert is unknown.
[[nodiscard]] error embedded_error(const std::string& message, bool is_insert);

} // namespace sluice::clickhouse
