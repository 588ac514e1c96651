#include "silver/table_layout.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice::silver {

namespace {

using topology::on_invalid;
using topology::table_mode;
using topology::time_unit;

constexpr std::array own_names = {
    std::string_view{"_partition"}, std::string_view{"_offset"},
    std::string_view{"_epoch"}, std::string_view{"_version"},
    std::string_view{"_deleted"}};

bool is_time(const column_type& type) {
  switch (type.kind) {
  case type_kind::date:
  case type_kind::date32:
  case type_kind::datetime:
  case type_kind::datetime64:
    return true;
  case type_kind::array:
    return is_time(*type.element);
  default:
    return false;
  }
}

/// Whether there is a nearest value that the type can hold.
bool is_ordered(const column_type& type) {
  switch (type.kind) {
  case type_kind::boolean:
  case type_kind::string:
  case type_kind::uuid:
    return false;
  case type_kind::array:
    return is_ordered(*type.element);
  default:
    return true;
  }
}

bool holds_null(const column_type& type) {
  return type.kind == type_kind::array ? type.element->nullable : type.nullable;
}

block_column own_column(std::string_view name, type_kind kind) {
  block_column result;
  result.name = name;
  result.type.kind = kind;
  return result;
}

/// Collects the mistakes of one table while it is laid out.
class layout_builder {
public:
  explicit layout_builder(const topology::table& table) {
    layout_.table = table;
  }

  tl::expected<table_layout, std::vector<layout_mistake>> build() {
    add_columns();
    add_own_columns();
    find_key();
    check_order();
    check_engine();
    if (mistakes_.empty())
      return std::move(layout_);
    std::ranges::stable_sort(mistakes_, {}, [](const layout_mistake& mistake) {
      return std::pair{mistake.where.line, mistake.where.column};
    });
    return tl::unexpected(std::move(mistakes_));
  }

private:
  void refuse(topology::position where, std::string message) {
    mistakes_.push_back({where, std::move(message)});
  }

  [[nodiscard]] const topology::table& table() const { return layout_.table; }

  void add_columns() {
    for (std::size_t index = 0; index < table().columns.size(); ++index) {
      const auto& column = table().columns[index];
      auto type = parse_column_type(column.type);
      if (!type)
        refuse(column.where, "column '" + column.name + "': " + type.error());
      else
        check_column(column, *type);
      if (std::ranges::find(own_names, column.name) != own_names.end())
        refuse(column.where, "column '" + column.name
                                 + "' has a name that Sluice itself uses; give "
                                   "it another one and set `from`");
      // A String stands in for an unknown type, so that later checks go on.
      layout_.types.push_back(type.value_or(column_type{}));
      if (!column.is_read())
        continue;
      layout_.read_columns.push_back(index);
      layout_.block_columns.push_back({column.name, layout_.types.back()});
    }
  }

  void check_column(const topology::column& column, const column_type& type) {
    const auto what = "column '" + column.name + "': ";
    if (column.raw && type.kind != type_kind::string)
      refuse(column.where, what + "`raw` keeps JSON text and needs a String, "
                               + "not " + type.name());
    if (column.unit != time_unit::automatic && !is_time(type))
      refuse(column.where, what + "`unit` is for Date, Date32, DateTime and "
                               + "DateTime64, not " + type.name());
    if (column.invalid == on_invalid::null && !holds_null(type))
      refuse(column.where, what + "`on_invalid: null` needs a Nullable type, "
                               + "not " + type.name());
    if (column.invalid == on_invalid::clamp && !is_ordered(type))
      refuse(column.where, what + "`on_invalid: clamp` needs a number or a "
                               + "time, not " + type.name());
  }

  std::size_t add_own(std::string_view name, type_kind kind) {
    layout_.block_columns.push_back(own_column(name, kind));
    return layout_.block_columns.size() - 1;
  }

  void add_own_columns() {
    layout_.partition_column = add_own("_partition", type_kind::int32);
    layout_.offset_column = add_own("_offset", type_kind::int64);
    layout_.epoch_column = add_own("_epoch", type_kind::uint16);
    if (table().mode != table_mode::latest)
      return;
    layout_.version_column = add_own("_version", type_kind::uint64);
    layout_.deleted_column = add_own("_deleted", type_kind::uint8);
  }

  [[nodiscard]] const topology::column*
  find_column(const std::string& name) const {
    const auto found =
        std::ranges::find(table().columns, name, &topology::column::name);
    return found == table().columns.end() ? nullptr : &*found;
  }

  [[nodiscard]] const column_type&
  type_of(const topology::column& column) const {
    return layout_
        .types[static_cast<std::size_t>(&column - table().columns.data())];
  }

  void find_key() {
    for (const auto& name : table().key) {
      const auto* column = find_column(name);
      if (column == nullptr) {
        refuse(table().where, "table '" + table().name + "': key column '"
                                  + name + "' is not among its columns");
        continue;
      }
      check_sortable(*column, "key");
      if (!column->is_read()) {
        refuse(column->where, "column '" + name
                                  + "' is in the key and must be read from the "
                                    "record, not computed or constant");
        continue;
      }
      const auto in_block =
          std::ranges::find(layout_.block_columns, name, &block_column::name);
      layout_.key_columns.push_back(
          static_cast<std::size_t>(in_block - layout_.block_columns.begin()));
    }
    if (table().mode == table_mode::latest && table().key.empty())
      refuse(table().where,
             "table '" + table().name + "': mode latest needs a `key`");
  }

  void check_sortable(const topology::column& column, std::string_view role) {
    const auto& type = type_of(column);
    const auto what = "column '" + column.name + "' is in the "
                      + std::string{role} + " and cannot be ";
    if (type.nullable)
      refuse(column.where,
             what + type.name() + "; use a type without " + "Nullable");
    else if (type.kind == type_kind::array)
      refuse(column.where, what + "an array");
    else if (role == "key"
             && (type.kind == type_kind::float32
                 || type.kind == type_kind::float64))
      refuse(column.where, what + type.name() + ": equal keys may differ in "
                               + "their last bit; use Decimal or String");
  }

  void check_order() {
    const auto& key = table().key;
    const auto in_key = [&key](const std::string& name) {
      return std::ranges::find(key, name) != key.end();
    };
    for (const auto& item : table().order_by) {
      const auto* column = find_column(item);
      if (column == nullptr || in_key(item))
        continue;
      check_sortable(*column, "sorting key");
      if (table().mode == table_mode::latest)
        refuse(table().where,
               "table '" + table().name + "': order_by has '" + item
                   + "', which is not in the key: a changed value would leave "
                     "the former row beside the new one");
    }
    if (table().mode != table_mode::latest || table().order_by.empty())
      return;
    for (const auto& name : key)
      if (std::ranges::find(table().order_by, name) == table().order_by.end())
        refuse(table().where, "table '" + table().name + "': order_by lacks "
                                  + "the key column '" + name
                                  + "': rows of different keys would replace "
                                    "one another");
  }

  void check_engine() {
    const auto& engine = table().engine;
    if (engine.empty())
      return;
    const auto family = engine.substr(0, engine.find('('));
    const auto what = "table '" + table().name + "': engine " + engine + " ";
    if (family.find("MergeTree") == std::string::npos)
      refuse(table().where, what
                                + "is not of the MergeTree family, which keeps "
                                  "the deduplication tokens of inserts");
    else if (table().mode == table_mode::latest
             && family.find("ReplacingMergeTree") == std::string::npos)
      refuse(table().where, what
                                + "keeps former rows beside new ones; mode "
                                  "latest needs a ReplacingMergeTree(_version, "
                                  "_deleted)");
  }

  table_layout layout_;
  std::vector<layout_mistake> mistakes_;
};

} // namespace

tl::expected<table_layout, std::vector<layout_mistake>>
lay_out(const topology::table& table) {
  return layout_builder{table}.build();
}

} // namespace sluice::silver
