#include "silver/type_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <utility>
#include <vector>

namespace sluice::silver {

namespace {

struct named_family {
  std::string_view name;
  type_family family;
};

constexpr std::array exact_names = {
    named_family{"Int8", {type_kind::int8}},
    named_family{"Int16", {type_kind::int16}},
    named_family{"Int32", {type_kind::int32}},
    named_family{"Int64", {type_kind::int64}},
    named_family{"UInt8", {type_kind::uint8}},
    named_family{"UInt16", {type_kind::uint16}},
    named_family{"UInt32", {type_kind::uint32}},
    named_family{"UInt64", {type_kind::uint64}},
    named_family{"Float32", {type_kind::float32}},
    named_family{"Float64", {type_kind::float64}},
    named_family{"String", {type_kind::string}},
    named_family{"UUID", {type_kind::uuid}},
};

// ClickHouse's own names that it takes in any case; in lower case, as they are
// compared.
constexpr std::array any_case_names = {
    named_family{"bool", {type_kind::boolean}},
    named_family{"date", {type_kind::date}},
    named_family{"date32", {type_kind::date32}},
    named_family{"datetime", {type_kind::datetime}},
    named_family{"datetime32", {type_kind::datetime}},
    named_family{"datetime64", {type_kind::datetime64}},
    named_family{"decimal", {type_kind::decimal}},
    named_family{"decimal32", {type_kind::decimal, 9}},
    named_family{"decimal64", {type_kind::decimal, 18}},
    named_family{"decimal128", {type_kind::decimal, 38}},
};

// SQL's names, in lower case.
constexpr std::array sql_names = {
    named_family{"boolean", {type_kind::boolean}},
    named_family{"byte", {type_kind::int8}},
    named_family{"int1", {type_kind::int8}},
    named_family{"tinyint", {type_kind::int8}},
    named_family{"tinyint signed", {type_kind::int8}},
    named_family{"tinyint unsigned", {type_kind::uint8}},
    named_family{"smallint", {type_kind::int16}},
    named_family{"smallint signed", {type_kind::int16}},
    named_family{"smallint unsigned", {type_kind::uint16}},
    named_family{"int", {type_kind::int32}},
    named_family{"int signed", {type_kind::int32}},
    named_family{"int unsigned", {type_kind::uint32}},
    named_family{"integer", {type_kind::int32}},
    named_family{"integer signed", {type_kind::int32}},
    named_family{"integer unsigned", {type_kind::uint32}},
    named_family{"mediumint", {type_kind::int32}},
    named_family{"bigint", {type_kind::int64}},
    named_family{"bigint signed", {type_kind::int64}},
    named_family{"bigint unsigned", {type_kind::uint64}},
    named_family{"float", {type_kind::float32}},
    named_family{"real", {type_kind::float32}},
    named_family{"single", {type_kind::float32}},
    named_family{"double", {type_kind::float64}},
    named_family{"double precision", {type_kind::float64}},
    named_family{"dec", {type_kind::decimal}},
    named_family{"numeric", {type_kind::decimal}},
    named_family{"fixed", {type_kind::decimal}},
    named_family{"timestamp", {type_kind::datetime}},
    named_family{"char", {type_kind::string}},
    named_family{"character", {type_kind::string}},
    named_family{"char varying", {type_kind::string}},
    named_family{"character varying", {type_kind::string}},
    named_family{"nchar", {type_kind::string}},
    named_family{"varchar", {type_kind::string}},
    named_family{"nvarchar", {type_kind::string}},
    named_family{"varchar2", {type_kind::string}},
    named_family{"text", {type_kind::string}},
    named_family{"tinytext", {type_kind::string}},
    named_family{"mediumtext", {type_kind::string}},
    named_family{"longtext", {type_kind::string}},
    named_family{"clob", {type_kind::string}},
    named_family{"blob", {type_kind::string}},
    named_family{"bytea", {type_kind::string}},
    named_family{"varbinary", {type_kind::string}},
};

struct replacement {
  std::string_view name;
  std::string_view instead;
};

constexpr std::array replacements = {
    replacement{"int128", "Decimal(38, 0)"},
    replacement{"int256", "Decimal(38, 0), or String for more digits"},
    replacement{"uint128", "Decimal(38, 0)"},
    replacement{"uint256", "Decimal(38, 0), or String for more digits"},
    replacement{"decimal256", "Decimal(38, S), or String for more digits"},
    replacement{"bfloat16", "Float32"},
    replacement{"fixedstring", "String"},
    replacement{"binary", "String"},
    replacement{"enum", "LowCardinality(String)"},
    replacement{"enum8", "LowCardinality(String)"},
    replacement{"enum16", "LowCardinality(String)"},
    replacement{"json", "String with raw: true"},
    replacement{"object", "String with raw: true"},
    replacement{"map", "String with raw: true"},
    replacement{"tuple", "String with raw: true"},
    replacement{"nested", "String with raw: true"},
    replacement{"variant", "String with raw: true"},
    replacement{"dynamic", "String with raw: true"},
    replacement{"point", "String with raw: true"},
    replacement{"ring", "String with raw: true"},
    replacement{"polygon", "String with raw: true"},
    replacement{"time", "String, or Int64 for the number as it comes"},
    replacement{"time64", "String, or Int64 for the number as it comes"},
    replacement{"ipv4", "String"},
    replacement{"ipv6", "String"},
    replacement{"inet4", "String"},
    replacement{"inet6", "String"},
    replacement{"year", "UInt16"},
    replacement{"bit", "UInt64"},
    replacement{"signed", "Int64"},
    replacement{"unsigned", "UInt64"},
};

constexpr std::array canonical_names = {
    std::string_view{"Bool"},           std::string_view{"Int8"},
    std::string_view{"Int16"},          std::string_view{"Int32"},
    std::string_view{"Int64"},          std::string_view{"UInt8"},
    std::string_view{"UInt16"},         std::string_view{"UInt32"},
    std::string_view{"UInt64"},         std::string_view{"Float32"},
    std::string_view{"Float64"},        std::string_view{"String"},
    std::string_view{"Date"},           std::string_view{"Date32"},
    std::string_view{"DateTime"},       std::string_view{"DateTime64"},
    std::string_view{"Decimal"},        std::string_view{"UUID"},
    std::string_view{"Nullable"},       std::string_view{"Array"},
    std::string_view{"LowCardinality"},
};

std::string lower_case(std::string_view text) {
  std::string result{text};
  for (auto& letter : result)
    letter =
        static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return result;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

} // namespace

std::optional<type_family> find_type_family(std::string_view name) {
  const auto exact = std::ranges::find(exact_names, name, &named_family::name);
  if (exact != exact_names.end())
    return exact->family;
  const auto folded = lower_case(name);
  const auto any_case =
      std::ranges::find(any_case_names, folded, &named_family::name);
  if (any_case != any_case_names.end())
    return any_case->family;
  const auto sql = std::ranges::find(sql_names, folded, &named_family::name);
  if (sql == sql_names.end())
    return std::nullopt;
  auto family = sql->family;
  family.takes_length = true;
  return family;
}

std::string suggest_type(std::string_view name) {
  // No name is longer; the distance of anything longer means nothing.
  constexpr std::size_t name_size_max = 40;
  const auto folded = lower_case(name.substr(0, name_size_max));
  const auto known =
      std::ranges::find(replacements, folded, &replacement::name);
  if (known != replacements.end())
    return "use " + std::string{known->instead};
  const auto nearest = *std::ranges::min_element(
      canonical_names, {}, [&folded](std::string_view candidate) {
        return edit_distance(folded, lower_case(candidate));
      });
  return "the nearest supported type is " + std::string{nearest};
}

} // namespace sluice::silver
