// SPDX-License-Identifier: Apache-2.0

#include "sim/run/energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>

#include "sim/config/table_reader.h"
#include "sim/io/file.h"

namespace ep::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRooms[] = {"array", "sense", "synapse", "neuron", "common", "ctrl", "top"};
constexpr const char* kPer[] = {"event", "lane", "column"};
constexpr const char* kPhases[] = {"drive", "free", "nudged", "learn", "other"};

// a2 V^2 + a1 V + a0, and the nominal supply: [STI17].
struct Process {
  int nm;
  double a2, a1, a0, volt;
};
constexpr Process kProcesses[] = {
    {180, 0, 24.64, -17.98, 1.8},    {130, 7.171, -6.709, 2.904, 1.2},
    {90, 4.762, -4.781, 2.092, 1.2}, {65, 3.755, -4.398, 1.975, 1.1},
    {45, 1.018, -.3107, .1539, 1.0}, {32, .8367, -.4341, .1701, .9},
    {20, .373, -.1582, .04104, .9},
};

double EnergyFactor(const Process& process, double volt) {
  return process.a2 * volt * volt + process.a1 * volt + process.a0;
}

double EnergyFactor(int nm, double volt) {
  if (nm == 28) {
    const double high = EnergyFactor(32, volt), low = EnergyFactor(20, volt);
    return low + (high - low) * (28 - 20) / (32 - 20);
  }
  for (const Process& process : kProcesses) {
    if (process.nm == nm) return EnergyFactor(process, volt > 0 ? volt : process.volt);
  }
  throw UserError(fmt::format(
      "energy: {} nm has no scaling factor: use 180, 130, 90, 65, 45, 32, 28 or 20", nm));
}

double Count(const std::string& names, const Counters& counters) {
  std::istringstream words(names);
  std::string name;
  double count = 0;
  while (words >> name) {
    if (name == "+") continue;
    counters.ForEach([&](const char* known, const char*, std::uint64_t value) {
      if (name == known) count += static_cast<double>(value);
    });
  }
  return count;
}

bool IsCounter(const std::string& name) {
  bool found = false;
  Counters{}.ForEach(
      [&](const char* known, const char*, std::uint64_t) { found |= name == known; });
  return found;
}

template <typename Names>
void CheckName(TableReader& reader, const char* key, const std::string& value, const Names& names) {
  std::string list;
  for (const char* name : names) {
    if (value == name) return;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
  }
  reader.Fail(key, fmt::format("is \"{}\": must be one of {}", value, list));
}

Bounds ReadBounds(TableReader& reader, const char* key) {
  const toml::node* node = reader.Find(key);
  const toml::array* list = node ? node->as_array() : nullptr;
  Bounds bounds;
  double* values[] = {&bounds.low, &bounds.typical, &bounds.high};
  bool good = list && list->size() == 3;
  for (std::size_t i = 0; good && i < 3; ++i) {
    const auto value = (*list)[i].value<double>();
    good = value && *value >= 0;
    if (good) *values[i] = *value;
  }
  if (!good || bounds.low > bounds.typical || bounds.typical > bounds.high) {
    reader.Fail(key,
                "must be three numbers, not negative, in ascending order: [low, typical, high]");
  }
  return bounds;
}

Json ToJson(const Bounds& bounds) {
  return {{"low", bounds.low}, {"typical", bounds.typical}, {"high", bounds.high}};
}

// Nanojoules a sample of the lines that a filter takes.
template <typename Filter>
Bounds Sum(const Ledger& ledger, Filter take) {
  Bounds sum;
  for (const LedgerLine& line : ledger.lines) {
    if (take(line)) sum += line.nanojoules;
  }
  return sum * (ledger.samples > 0 ? 1 / ledger.samples : 0);
}

Bounds Scaled(const Ledger& ledger, int nm) {
  const double factor = EnergyScale(ledger.table.nm, ledger.table.volt, nm);
  Bounds sum;
  for (const LedgerLine& line : ledger.lines) {
    sum += line.nanojoules * (line.event.scales ? factor : 1.0);
  }
  return sum * (ledger.samples > 0 ? 1 / ledger.samples : 0);
}

// Lines by how far apart their bounds are, widest first.
std::vector<const LedgerLine*> Widest(const Ledger& ledger) {
  std::vector<const LedgerLine*> lines;
  for (const LedgerLine& line : ledger.lines) lines.push_back(&line);
  std::ranges::stable_sort(lines, [](const LedgerLine* a, const LedgerLine* b) {
    return a->nanojoules.high - a->nanojoules.low > b->nanojoules.high - b->nanojoules.low;
  });
  lines.resize(std::min<std::size_t>(lines.size(), 5));
  return lines;
}

}  // namespace

EnergyTable ReadEnergyTable(const std::string& file) {
  toml::table root;
  try {
    root = toml::parse(ReadFile(file), file);
  } catch (const toml::parse_error& error) {
    throw UserError(
        fmt::format("{}:{}: not TOML: {}", file, error.source().begin.line, error.description()));
  }
  EnergyTable table;
  TableReader reader(root, file, "");
  table.nm = reader.Int("nm", 0, {1, 1000});
  const toml::node* volt = reader.Find("volt");
  table.volt = volt ? volt->value_or(0.0) : 0.0;
  if (table.volt <= 0) reader.Fail("volt", "must be the supply in volts, such as 1.2");
  for (const toml::table* one : reader.Tables("event")) {
    TableReader entry(*one, file, "event");
    EnergyEvent event;
    event.counter = entry.String("counter", "");
    event.room = entry.String("room", "");
    event.phase = entry.String("phase", "");
    event.source = entry.String("source", "");
    event.per = entry.String("per", "event");
    event.scales = entry.Bool("scales", true);
    event.picojoules = ReadBounds(entry, "pJ");
    CheckName(entry, "room", event.room, kRooms);
    CheckName(entry, "phase", event.phase, kPhases);
    CheckName(entry, "per", event.per, kPer);
    std::istringstream words(event.counter);
    std::string name;
    while (words >> name) {
      if (name != "+" && !IsCounter(name)) {
        entry.Fail("counter",
                   fmt::format("has \"{}\": no such counter; docs/schedule.md lists them", name));
      }
    }
    if (event.counter.empty()) entry.Fail("counter", "is missing: name what is counted");
    entry.RefuseOthers();
    table.events.push_back(std::move(event));
  }
  if (table.events.empty()) reader.Fail("event", "is missing: give at least one [[event]]");
  reader.RefuseOthers();
  EnergyScale(table.nm, table.volt, 65);
  return table;
}

double EnergyScale(int from_nm, double from_volt, int to_nm) {
  const double nominal = to_nm == 28 ? 0.9 : 0.0;
  return EnergyFactor(to_nm, nominal) / EnergyFactor(from_nm, from_volt);
}

Bounds Ledger::Total() const {
  Bounds sum;
  for (const LedgerLine& line : lines) sum += line.nanojoules;
  return sum;
}

Ledger MakeLedger(const EnergyTable& table, const Counters& counters, const Hardware& hardware) {
  Ledger ledger{.table = table, .samples = static_cast<double>(counters.samples), .lines = {}};
  for (const EnergyEvent& event : table.events) {
    double count = Count(event.counter, counters);
    if (event.per != "event") count *= hardware.lanes;
    if (event.per == "column") count *= hardware.weight_bits;
    ledger.lines.push_back(
        {.event = event, .count = count, .nanojoules = event.picojoules * (count * 1e-3)});
  }
  return ledger;
}

Json LedgerToJson(const Ledger& ledger) {
  const double per_sample = ledger.samples > 0 ? 1 / ledger.samples : 0;
  Json rooms = Json::object(), phases = Json::object(), events = Json::array();
  for (const char* room : kRooms) {
    rooms[room] = ToJson(Sum(ledger, [&](const LedgerLine& l) { return l.event.room == room; }));
  }
  for (const char* phase : kPhases) {
    phases[phase] =
        ToJson(Sum(ledger, [&](const LedgerLine& l) { return l.event.phase == phase; }));
  }
  for (const LedgerLine& line : ledger.lines) {
    events.push_back({{"room", line.event.room},
                      {"phase", line.event.phase},
                      {"counter", line.event.counter},
                      {"count", line.count},
                      {"picojoules", ToJson(line.event.picojoules)},
                      {"nanojoules_a_sample", ToJson(line.nanojoules * per_sample)},
                      {"source", line.event.source}});
  }
  Json widest = Json::array();
  for (const LedgerLine* line : Widest(ledger)) {
    widest.push_back({{"room", line->event.room},
                      {"phase", line->event.phase},
                      {"counter", line->event.counter},
                      {"spread_nanojoules_a_sample",
                       (line->nanojoules.high - line->nanojoules.low) * per_sample}});
  }
  return {{"samples", ledger.samples},
          {"nm", ledger.table.nm},
          {"volt", ledger.table.volt},
          {"nanojoules_a_sample", ToJson(ledger.Total() * per_sample)},
          {"scaled",
           {{"65 nm", ToJson(Scaled(ledger, 65))},
            {"28 nm (interpolated)", ToJson(Scaled(ledger, 28))}}},
          {"factors",
           {{"65 nm", EnergyScale(ledger.table.nm, ledger.table.volt, 65)},
            {"28 nm (interpolated)", EnergyScale(ledger.table.nm, ledger.table.volt, 28)}}},
          {"rooms", rooms},
          {"phases", phases},
          {"events", events},
          {"widest", widest}};
}

std::string LedgerText(const Ledger& ledger) {
  std::string text =
      fmt::format("energy, nJ a sample at {} nm   {:>9}", ledger.table.nm, "typical");
  for (const char* phase : kPhases) text += fmt::format("{:>9}", phase);
  text += fmt::format("{:>9}{:>9}\n", "low", "high");
  const auto row = [&](const std::string& name, auto take) {
    const Bounds all = Sum(ledger, take);
    text += fmt::format("  {:<26} {:>9.3f}", name, all.typical);
    for (const char* phase : kPhases) {
      const Bounds part = Sum(
          ledger, [&](const LedgerLine& line) { return take(line) && line.event.phase == phase; });
      text += fmt::format("{:>9.3f}", part.typical);
    }
    text += fmt::format("{:>9.3f}{:>9.3f}\n", all.low, all.high);
  };
  std::string missing;
  for (const char* room : kRooms) {
    const auto inside = [&](const LedgerLine& line) { return line.event.room == room; };
    if (std::ranges::any_of(ledger.lines, inside)) {
      row(room, inside);
    } else {
      missing += fmt::format("{}{}", missing.empty() ? "" : ", ", room);
    }
  }
  if (!missing.empty())
    text += fmt::format("  not counted, since the table has no event: {}\n", missing);
  row("all", [](const LedgerLine&) { return true; });
  const Bounds at65 = Scaled(ledger, 65), at28 = Scaled(ledger, 28);
  text += fmt::format(
      "  scaled to 65 nm {:.2f} ({:.2f} - {:.2f}), to 28 nm, interpolated, "
      "{:.2f} ({:.2f} - {:.2f})\n",
      at65.typical, at65.low, at65.high, at28.typical, at28.low, at28.high);
  text += "  widest bounds:";
  for (const LedgerLine* line : Widest(ledger)) {
    text += fmt::format(" {} {} {};", line->event.room, line->event.phase, line->event.counter);
  }
  text.back() = '\n';
  return text;
}

}  // namespace ep::sim
