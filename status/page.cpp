#include "status/page.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

namespace sluice::status {

namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto;
       max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.4rem; margin-bottom: .2rem }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .8rem .25rem 0;
         border-bottom: 1px solid #8884; vertical-align: top }
td.number, th.number { text-align: right;
                       font-variant-numeric: tabular-nums }
.state { font-weight: 600 }
.good { color: #1a7f37 }
.busy { color: #9a6700 }
.bad { color: #d1242f }
.quiet { opacity: .7 }
)";

struct cell {
  std::string text;
  std::string_view style;
};

cell number(std::int64_t value) {
  return {value < 0 ? "–" : std::to_string(value), "number"};
}

cell count(std::uint64_t value) { return {std::to_string(value), "number"}; }

cell moment(const std::optional<instant>& when) {
  return {when ? to_string(*when) : "–", ""};
}

/// How a state is coloured: by word, whatever it is the state of.
cell state(std::string_view text) {
  for (const auto good : {"running", "done"})
    if (text == good)
      return {std::string(text), "state good"};
  for (const auto bad : {"stopped", "failed", "degraded"})
    if (text == bad)
      return {std::string(text), "state bad"};
  return {std::string(text), "state busy"};
}

class html {
public:
  void raw(std::string_view text) { text_ += text; }
  void text(std::string_view plain) { text_ += escape_html(plain); }

  void begin_table(std::string_view title,
                   std::initializer_list<std::string_view> heads) {
    raw("<h2>");
    text(title);
    raw("</h2>\n<table><tr>");
    for (const auto head : heads) {
      // A head that begins with # stands above numbers.
      const auto numeric = head.starts_with('#');
      raw(numeric ? "<th class=\"number\">" : "<th>");
      text(numeric ? head.substr(1) : head);
      raw("</th>");
    }
    raw("</tr>\n");
  }
  void row(const std::vector<cell>& cells) {
    raw("<tr>");
    for (const auto& [content, css] : cells) {
      raw("<td");
      if (!css.empty())
        raw(" class=\"" + std::string(css) + "\"");
      raw(">");
      text(content);
      raw("</td>");
    }
    raw("</tr>\n");
  }
  void end_table() { raw("</table>\n"); }
  void none(std::string_view title, std::string_view why) {
    raw("<h2>");
    text(title);
    raw("</h2>\n<p class=\"quiet\">");
    text(why);
    raw("</p>\n");
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

private:
  std::string text_;
};

void write_head(html& out, const report& of) {
  out.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width\">"
          "<meta http-equiv=\"refresh\" content=\"5\"><title>Sluice ");
  out.text(of.node.pipeline);
  out.raw("</title><style>");
  out.raw(style);
  out.raw("</style></head><body>\n<h1>Sluice: ");
  out.text(of.node.pipeline);
  out.raw("</h1>\n<p class=\"quiet\">");
  out.text("version " + of.node.version + ", report of " + to_string(of.at));
  out.raw("; as <a href=\"/status\">JSON</a>, "
          "<a href=\"/metrics\">metrics</a></p>\n");
}

void write_health(html& out, const report& of) {
  const auto health = state(to_string(of.health.state));
  out.raw("<p>Health: <span class=\"");
  out.raw(health.style);
  out.raw("\">");
  out.text(health.text);
  out.raw("</span></p>\n");
  if (of.health.reasons.empty())
    return;
  out.raw("<ul>\n");
  for (const auto& reason : of.health.reasons) {
    out.raw("<li>");
    out.text(reason);
    out.raw("</li>\n");
  }
  out.raw("</ul>\n");
}

void write_node(html& out, const node_info& node) {
  out.begin_table(
      "Node", {"node", "process", "started", "Kafka", "ClickHouse", "data"});
  auto clickhouse = node.clickhouse_url;
  if (node.clickhouse_port != 0)
    clickhouse += " (port " + std::to_string(node.clickhouse_port) + ")";
  out.row({{node.id, ""},
           {std::to_string(node.pid), ""},
           {to_string(node.started), ""},
           {node.kafka_brokers, ""},
           {clickhouse, ""},
           {node.data_directory, ""}});
  out.end_table();
}

void write_tables(html& out, const report& of) {
  if (of.tables.empty())
    return out.none("Tables", "none yet");
  out.begin_table("Tables",
                  {"table", "state", "#rows written", "#dead letters",
                   "#ignored", "#blocks in flight", "last write", "reason"});
  for (const auto& table : of.tables)
    out.row({{table.name, ""},
             state(to_string(table.state)),
             count(table.rows_written),
             count(table.dead_letters),
             count(table.ignored),
             count(table.blocks_in_flight),
             moment(table.last_write),
             {table.reason, ""}});
  out.end_table();
}

void write_partitions(html& out, const report& of) {
  if (of.partitions.empty())
    return out.none("Partitions", "none assigned to this node");
  out.begin_table("Partitions",
                  {"topic", "#partition", "state", "#committed", "#position",
                   "#log end", "#lag", "#bytes in flight", "reason"});
  for (const auto& partition : of.partitions)
    out.row({{partition.topic, ""},
             number(partition.partition),
             state(to_string(partition.state)),
             number(partition.committed),
             number(partition.position),
             number(partition.log_end),
             number(partition.lag),
             count(partition.in_flight_bytes),
             {partition.reason, ""}});
  out.end_table();
}

void write_held(html& out, const report& of) {
  const auto holds = [](const auto& each) { return !each.held.empty(); };
  if (!std::ranges::any_of(of.partitions, holds))
    return;
  out.begin_table("Tables that are held back",
                  {"table", "topic", "#partition", "state", "#from offset",
                   "retention leaves", "reason"});
  for (const auto& partition : of.partitions)
    for (const auto& held : partition.held)
      out.row({{held.table, ""},
               {partition.topic, ""},
               number(partition.partition),
               state(to_string(held.state)),
               number(held.frontier),
               {retention_text(partition.retention_left), ""},
               {held.reason, ""}});
  out.end_table();
}

void write_gold(html& out, const gold_report& gold) {
  const auto title = "Gold " + gold.name;
  const auto next = gold.next_firing
                        ? "next firing " + to_string(*gold.next_firing)
                        : std::string("no schedule");
  if (gold.windows.empty())
    return out.none(title, "no window run yet; " + next);
  out.begin_table(title + " (" + next + ")",
                  {"window from", "to", "state", "#attempt", "#rows",
                   "last run", "next run", "error"});
  // The newest windows are what a reader looks for.
  for (auto window = gold.windows.rbegin(); window != gold.windows.rend();
       ++window)
    out.row({{to_string(window->start), ""},
             {to_string(window->end), ""},
             state(window->state),
             number(window->attempt),
             count(window->rows),
             moment(window->last_run),
             moment(window->next_run),
             {window->error, ""}});
  out.end_table();
}

void write_restarts(html& out, const report& of) {
  if (of.restarts.empty())
    return;
  out.begin_table("Restarts", {"actor", "#restarts", "last", "next", "reason"});
  for (const auto& restart : of.restarts)
    out.row({{restart.actor, ""},
             count(restart.restarts),
             moment(restart.last),
             moment(restart.next),
             {restart.last_reason, ""}});
  out.end_table();
}

} // namespace

std::string escape_html(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const auto c : text) {
    switch (c) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    case '\'':
      result += "&#39;";
      break;
    default:
      result += c;
    }
  }
  return result;
}

std::string status_page(const report& of) {
  html out;
  write_head(out, of);
  write_health(out, of);
  write_node(out, of.node);
  write_tables(out, of);
  write_partitions(out, of);
  write_held(out, of);
  for (const auto& gold : of.golds)
    write_gold(out, gold);
  write_restarts(out, of);
  out.raw("</body></html>\n");
  return out.take();
}

} // namespace sluice::status
