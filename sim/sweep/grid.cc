// SPDX-License-Identifier: Apache-2.0

#include "sim/sweep/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <sstream>

#include "sim/config/table_reader.h"
#include "sim/io/file.h"

namespace ep::sim {
namespace {

constexpr char kKeys[] = R"(A grid (TOML):
  name = "gate"               the file's name without .toml unless set; names the folder of results
  networks = ["mnist-256"]    files (relative to the grid's) or names of sim/nets
  seeds = [1, 2, 3]           each network's own unless set
  backends = ["fast"]         the default
  devices = ["cells.toml"]    files for --device; ideal cells unless set
  validation = 10000          hold the last training images out and test these, not the test set
  [options]                   any keys of a network file, each with the list of its values: all
  network.error_gate = [0, 50, 100]                 combinations are run
  training.learning_rate = [[16, 8, 4], [8, 4, 2]]
  projection.1.gain_shift = [9, 10]                 the second projection
  [[case]]                    values that belong together; each case is run with all combinations
  name = "512 wide"
  network.populations = [196, 512, 10]
Runs are numbered from 1: networks, cases, options (in alphabetical order, the last varies fastest),
devices, backends, seeds.)";

// A value as TOML, in one line.
std::string Text(const toml::node& node) {
  std::ostringstream text;
  if (const toml::array* list = node.as_array()) {
    text << '[';
    for (std::size_t i = 0; i < list->size(); ++i) text << (i ? ", " : "") << Text((*list)[i]);
    text << ']';
  } else {
    text << toml::node_view<const toml::node>(node);
  }
  std::string value = text.str();
  // Texts are printed without quotes where they stand alone.
  if (!node.is_string() || value.starts_with('"') || value.starts_with('\'')) return value;
  return '"' + value + '"';
}

struct Axis {
  std::string key;
  std::vector<std::string> values;
};

class GridReader {
 public:
  GridReader(const std::string& text, const std::filesystem::path& file)
      : file_(file), shown_(file.string()), root_(Parse(text)) {}

  Grid Read();

 private:
  toml::table Parse(const std::string& text) const;
  [[noreturn]] void Fail(const toml::node& node, const std::string& text) const {
    throw UserError(fmt::format("{}:{}: {}", shown_, node.source().begin.line, text));
  }
  std::vector<std::string> Texts(TableReader& reader, const char* key) const;
  std::string Path(const std::string& name) const;
  void ReadAxes(const toml::table& table, const std::string& prefix, std::vector<Axis>& axes) const;
  void ReadSettings(const toml::table& table, const std::string& prefix,
                    std::vector<Setting>& settings) const;
  std::vector<std::pair<std::string, std::vector<Setting>>> Cases(TableReader& reader) const;

  std::filesystem::path file_;
  std::string shown_;
  toml::table root_;
};

toml::table GridReader::Parse(const std::string& text) const {
  try {
    return toml::parse(text, shown_);
  } catch (const toml::parse_error& error) {
    std::string what(error.description());
    std::ranges::replace(what, '\n', ' ');
    throw UserError(fmt::format("{}:{}: not TOML: {}", shown_, error.source().begin.line, what));
  }
}

std::vector<std::string> GridReader::Texts(TableReader& reader, const char* key) const {
  const toml::node* node = reader.Find(key);
  if (!node) return {};
  const toml::array* list = node->as_array();
  if (!list || list->empty()) Fail(*node, fmt::format("{} must be a list of texts", key));
  std::vector<std::string> texts;
  for (const toml::node& item : *list) {
    const auto text = item.value<std::string>();
    if (!text.has_value()) Fail(*node, fmt::format("{} must be a list of texts", key));
    texts.push_back(*text);
  }
  return texts;
}

// A file beside the grid, or the text as it is.
std::string GridReader::Path(const std::string& name) const {
  const std::filesystem::path beside = file_.parent_path() / name;
  std::error_code ignored;
  return std::filesystem::is_regular_file(beside, ignored) ? beside.lexically_normal().string()
                                                           : name;
}

void GridReader::ReadAxes(const toml::table& table, const std::string& prefix,
                          std::vector<Axis>& axes) const {
  for (const auto& [part, node] : table) {
    const std::string key = prefix + std::string(part.str());
    if (const toml::table* inner = node.as_table()) {
      ReadAxes(*inner, key + ".", axes);
      continue;
    }
    const toml::array* list = node.as_array();
    if (!list || list->empty()) {
      Fail(node, fmt::format("options.{} must be the list of its values, such as [{}]", key,
                             list ? "100, 200" : Text(node)));
    }
    Axis axis{.key = key, .values = {}};
    for (const toml::node& value : *list) axis.values.push_back(Text(value));
    axes.push_back(axis);
  }
}

void GridReader::ReadSettings(const toml::table& table, const std::string& prefix,
                              std::vector<Setting>& settings) const {
  for (const auto& [part, node] : table) {
    const std::string key = prefix + std::string(part.str());
    if (key == "name") continue;
    if (const toml::table* inner = node.as_table()) {
      ReadSettings(*inner, key + ".", settings);
    } else {
      settings.push_back({.key = key, .value = Text(node)});
    }
  }
}

std::vector<std::pair<std::string, std::vector<Setting>>> GridReader::Cases(
    TableReader& reader) const {
  std::vector<std::pair<std::string, std::vector<Setting>>> cases;
  for (const toml::table* table : reader.Tables("case")) {
    TableReader fields(*table, shown_, "case");
    const std::string name = fields.String("name", fmt::format("{}", cases.size() + 1));
    for (const auto& [other, settings] : cases) {
      if (other == name) Fail(*table, fmt::format("two cases are called {}: rename one", name));
    }
    cases.emplace_back(name, std::vector<Setting>{});
    ReadSettings(*table, "", cases.back().second);
  }
  if (cases.empty()) cases.emplace_back("", std::vector<Setting>{});
  return cases;
}

// All combinations of the axes' values, the last axis fastest.
std::vector<std::vector<Setting>> Combinations(const std::vector<Axis>& axes) {
  std::vector<std::vector<Setting>> combinations = {{}};
  for (const Axis& axis : axes) {
    std::vector<std::vector<Setting>> longer;
    for (const std::vector<Setting>& begun : combinations) {
      for (const std::string& value : axis.values) {
        longer.push_back(begun);
        longer.back().push_back({.key = axis.key, .value = value});
      }
    }
    combinations = std::move(longer);
  }
  return combinations;
}

Grid GridReader::Read() {
  TableReader reader(root_, shown_, "");
  Grid grid;
  grid.file = file_;
  grid.name = reader.String("name", file_.stem().string());
  constexpr char kName[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (grid.name.find_first_not_of(kName) != std::string::npos || grid.name.starts_with('.')) {
    reader.Fail("name", fmt::format("is {}: must be letters, digits, '-', '_' and '.' only, since "
                                    "it names a folder",
                                    grid.name));
  }
  std::vector<std::string> networks = Texts(reader, "networks");
  if (networks.empty()) {
    reader.Fail("networks", "is missing: name at least one, such as [\"mnist-256\"]");
  }
  for (std::string& network : networks) network = Path(network);
  std::vector<std::optional<std::uint32_t>> seeds;
  if (const toml::node* node = reader.Find("seeds")) {
    const toml::array* list = node->as_array();
    if (!list || list->empty()) reader.Fail("seeds", "must be a list, such as [1, 2, 3]");
    for (const toml::node& item : *list) {
      const auto seed = item.is_integer() ? item.value<std::int64_t>() : std::nullopt;
      if (!seed || *seed < 0 || *seed > std::numeric_limits<std::uint32_t>::max()) {
        reader.Fail("seeds", fmt::format("has {}: must be integers 0..4294967295", Text(item)));
      }
      if (std::ranges::find(seeds, static_cast<std::uint32_t>(*seed)) != seeds.end()) {
        reader.Fail("seeds", fmt::format("has {} twice: leave one out", *seed));
      }
      seeds.emplace_back(static_cast<std::uint32_t>(*seed));
    }
  } else {
    seeds.emplace_back(std::nullopt);
  }
  std::vector<std::string> backends = Texts(reader, "backends");
  if (backends.empty()) backends = {"fast"};
  std::vector<std::string> devices = Texts(reader, "devices");
  for (std::string& device : devices) device = Path(device);
  if (devices.empty()) devices = {""};
  grid.validation = reader.Int("validation", 0, {0, std::numeric_limits<int>::max()});
  std::vector<Axis> axes;
  ReadAxes(reader.Table("options"), "", axes);
  const auto cases = Cases(reader);
  reader.RefuseOthers();
  for (const auto& [label, fixed] : cases) {
    for (const Setting& setting : fixed) {
      for (const Axis& axis : axes) {
        if (axis.key != setting.key) continue;
        throw UserError(fmt::format("{}: {} stands in options and in case {}: leave one out",
                                    shown_, setting.key, label));
      }
    }
  }
  const std::vector<std::vector<Setting>> combinations = Combinations(axes);
  for (const std::string& network : networks) {
    for (const auto& [label, fixed] : cases) {
      for (const std::vector<Setting>& chosen : combinations) {
        for (const std::string& device : devices) {
          for (const std::string& backend : backends) {
            Configuration configuration{.network = network,
                                        .label = label,
                                        .backend = backend,
                                        .device = device,
                                        .settings = fixed};
            configuration.settings.insert(configuration.settings.end(), chosen.begin(),
                                          chosen.end());
            grid.configurations.push_back(configuration);
          }
        }
      }
    }
  }
  for (int i = 0; i < static_cast<int>(grid.configurations.size()); ++i) {
    for (const auto& seed : seeds) grid.runs.push_back({.configuration = i, .seed = seed});
  }
  return grid;
}

}  // namespace

const char* GridKeys() { return kKeys; }

std::vector<std::string> Grid::Keys() const {
  std::vector<std::string> keys;
  for (const Configuration& configuration : configurations) {
    for (const Setting& setting : configuration.settings) {
      if (std::ranges::find(keys, setting.key) == keys.end()) keys.push_back(setting.key);
    }
  }
  return keys;
}

Grid ParseGrid(const std::string& text, const std::filesystem::path& file) {
  return GridReader(text, file).Read();
}

Grid LoadGrid(const std::filesystem::path& file) { return ParseGrid(ReadFile(file), file); }

}  // namespace ep::sim
