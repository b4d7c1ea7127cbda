// SPDX-License-Identifier: Apache-2.0

#include "sim/config/table_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <sstream>

#include "model/common/network.h"

namespace ep::sim {
namespace {

// A value as the user wrote it, tables and lists by their kind.
std::string Shown(const toml::node& node) {
  if (node.is_table()) return "a table";
  if (node.is_array()) return "a list";
  std::ostringstream text;
  text << toml::node_view<const toml::node>(node);
  return text.str();
}

}  // namespace

toml::table ParseToml(const std::string& text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    std::string what(error.description());
    std::replace(what.begin(), what.end(), '\n', ' ');
    throw UserError(fmt::format("{}:{}: not TOML: {}", file, error.source().begin.line, what));
  }
}

const toml::node* TableReader::Find(const std::string& key) {
  known_.insert(key);
  return table_.get(key);
}

void TableReader::Fail(const std::string& key, const std::string& text) const {
  const toml::node* node = table_.get(key);
  const auto line = (node ? *node : static_cast<const toml::node&>(table_)).source().begin.line;
  const std::string name = section_.empty() ? key : section_ + "." + key;
  throw UserError(line > 0 ? fmt::format("{}:{}: {} {}", file_, line, name, text)
                           : fmt::format("{}: {} {}", file_, name, text));
}

std::int64_t TableReader::ToInt(const std::string& key, const toml::node& node,
                                IntRange range) const {
  const std::optional<std::int64_t> value =
      node.is_integer() ? node.value<std::int64_t>() : std::nullopt;
  if (!value || *value < range.lowest || *value > range.highest) {
    Fail(key,
         fmt::format("is {}: must be an integer {}..{}", Shown(node), range.lowest, range.highest));
  }
  return *value;
}

int TableReader::Int(const std::string& key, int fallback, IntRange range) {
  const toml::node* node = Find(key);
  return node ? static_cast<int>(ToInt(key, *node, range)) : fallback;
}

int TableReader::IntOrAuto(const std::string& key, int fallback, IntRange range) {
  const toml::node* node = Find(key);
  if (!node) return fallback;
  if (!node->is_string()) return static_cast<int>(ToInt(key, *node, range));
  if (node->value_or(std::string()) == "auto") return kAuto;
  Fail(key, fmt::format("is {}: must be an integer {}..{} or \"auto\"", Shown(*node), range.lowest,
                        range.highest));
}

std::uint32_t TableReader::Uint32(const std::string& key, std::uint32_t fallback) {
  const toml::node* node = Find(key);
  if (!node) return fallback;
  return static_cast<std::uint32_t>(
      ToInt(key, *node, {0, std::numeric_limits<std::uint32_t>::max()}));
}

bool TableReader::Bool(const std::string& key, bool fallback) {
  const toml::node* node = Find(key);
  if (!node) return fallback;
  if (!node->is_boolean()) Fail(key, fmt::format("is {}: must be true or false", Shown(*node)));
  return node->value_or(fallback);
}

double TableReader::Number(const std::string& key, double fallback, double lowest, double highest) {
  const toml::node* node = Find(key);
  if (!node) return fallback;
  const std::optional<double> value = node->is_number() ? node->value<double>() : std::nullopt;
  // Written so that nan is refused.
  if (!value || !(*value >= lowest && *value <= highest)) {
    Fail(key, fmt::format("is {}: must be a number {:g}..{:g}", Shown(*node), lowest, highest));
  }
  return *value;
}

std::string TableReader::String(const std::string& key, const std::string& fallback) {
  const toml::node* node = Find(key);
  if (!node) return fallback;
  const std::optional<std::string> value =
      node->is_string() ? node->value<std::string>() : std::nullopt;
  if (!value || value->empty()) Fail(key, fmt::format("is {}: must be a text", Shown(*node)));
  return *value;
}

std::optional<std::vector<int>> TableReader::IntList(const std::string& key, IntRange range) {
  const toml::node* node = Find(key);
  if (!node) return std::nullopt;
  const toml::array* list = node->as_array();
  if (!list || list->empty()) {
    Fail(key, fmt::format("is {}: must be a list of integers, such as [{}]",
                          list ? "empty" : Shown(*node), range.highest));
  }
  std::vector<int> values;
  for (const toml::node& item : *list) {
    values.push_back(static_cast<int>(ToInt(key, item, range)));
  }
  return values;
}

const toml::table& TableReader::Table(const std::string& key) {
  static const toml::table empty;
  const toml::node* node = Find(key);
  if (!node) return empty;
  if (!node->is_table()) {
    Fail(key, fmt::format("is {}: must be a table, [{}]", Shown(*node), key));
  }
  return *node->as_table();
}

std::vector<const toml::table*> TableReader::Tables(const std::string& key) {
  const toml::node* node = Find(key);
  if (!node) return {};
  if (!node->is_array_of_tables()) {
    Fail(key, fmt::format("is {}: must be tables, [[{}]]", Shown(*node), key));
  }
  std::vector<const toml::table*> tables;
  for (const toml::node& item : *node->as_array()) tables.push_back(item.as_table());
  return tables;
}

void TableReader::RefuseOthers() const {
  for (const auto& [key, node] : table_) {
    const std::string name(key.str());
    if (known_.contains(name)) continue;
    const std::string where = section_.empty() ? name : section_ + "." + name;
    const auto line = key.source().begin.line;  // 0: the key is not from the file
    throw UserError(fmt::format("{}{}: {} is not a key: known here are {}", file_,
                                line > 0 ? fmt::format(":{}", line) : "", where,
                                fmt::join(known_, ", ")));
  }
}

}  // namespace ep::sim
