// SPDX-License-Identifier: Apache-2.0

#include "sim/sweep/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace ep::sim {
namespace {

// A field of a CSV file: in quotes where it must be.
std::string Field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string ValueOf(const Configuration& configuration, const std::string& key) {
  std::string value;  // the last setting of a key counts
  for (const Setting& setting : configuration.settings) {
    if (setting.key == key) value = setting.value;
  }
  return value;
}

Spread ConfigurationSpread(const Sweep& sweep, int configuration) {
  std::vector<double> values;
  for (const SweepRun& run : sweep.Runs()) {
    if (run.configuration == configuration && run.result) {
      values.push_back(run.result->epochs.back().Accuracy());
    }
  }
  return SpreadOf(values);
}

// The shared beginning of all texts is of no use to a reader.
template <typename Get>
bool Varies(const std::vector<Configuration>& configurations, Get get) {
  return std::ranges::any_of(configurations, [&](const Configuration& configuration) {
    return get(configuration) != get(configurations.front());
  });
}

}  // namespace

Spread SpreadOf(const std::vector<double>& values) {
  if (values.empty()) return {};
  Spread spread{.runs = static_cast<int>(values.size()),
                .lowest = std::ranges::min(values),
                .highest = std::ranges::max(values)};
  for (const double value : values) spread.mean += value / spread.runs;
  if (spread.runs < 2) return spread;
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.deviation = std::sqrt(squares / (spread.runs - 1));
  return spread;
}

std::string SweepCsv(const Sweep& sweep) {
  const std::vector<std::string> keys = sweep.TheGrid().Keys();
  std::vector<std::string> line = {"run", "configuration", "network", "case", "backend", "device"};
  line.insert(line.end(), keys.begin(), keys.end());
  for (const char* name :
       {"seed", "epochs", "evaluated", "accuracy", "correct", "tested", "weights_hash",
        "configuration_runs", "configuration_mean", "configuration_deviation", "seconds", "key"}) {
    line.emplace_back(name);
  }
  Counters{}.ForEach(
      [&](const char* name, const char*, std::uint64_t) { line.emplace_back(name); });
  std::string csv = fmt::format("{}\n", fmt::join(line, ","));
  for (const SweepRun& run : sweep.Runs()) {
    if (!run.result.has_value()) continue;
    const RunResult& result = *run.result;
    const Configuration& configuration = sweep.TheGrid().configurations[run.configuration];
    const EpochResult& last = result.epochs.back();
    const Spread spread = ConfigurationSpread(sweep, run.configuration);
    line = {fmt::format("{}", run.number),
            fmt::format("{}", run.configuration + 1),
            Field(run.experiment.network.name),
            Field(configuration.label),
            configuration.backend,
            Field(configuration.device)};
    for (const std::string& key : keys) line.push_back(Field(ValueOf(configuration, key)));
    line.push_back(fmt::format("{}", result.seed));
    line.push_back(fmt::format("{}", last.epoch));
    line.emplace_back(run.experiment.data.TestName());
    line.push_back(fmt::format("{:.4f}", last.Accuracy()));
    line.push_back(fmt::format("{}", last.correct));
    line.push_back(fmt::format("{}", last.tested));
    line.push_back(last.weights_hash);
    line.push_back(fmt::format("{}", spread.runs));
    line.push_back(fmt::format("{:.4f}", spread.mean));
    line.push_back(fmt::format("{:.4f}", spread.deviation));
    line.push_back(fmt::format("{:.3f}", result.seconds));
    line.push_back(run.key);
    TotalCounters(result.epochs).ForEach([&](const char*, const char*, std::uint64_t value) {
      line.push_back(fmt::format("{}", value));
    });
    csv += fmt::format("{}\n", fmt::join(line, ","));
  }
  return csv;
}

std::string ConfigurationText(const Sweep& sweep, int configuration) {
  const std::vector<Configuration>& all = sweep.TheGrid().configurations;
  const Configuration& one = all[configuration];
  const auto network = [](const Configuration& c) {
    return std::filesystem::path(c.network).stem().string();
  };
  std::vector<std::string> words = {network(one)};
  if (!one.label.empty()) words.push_back(one.label);
  for (const std::string& key : sweep.TheGrid().Keys()) {
    const auto value = [&](const Configuration& c) { return ValueOf(c, key); };
    // A case's name stands for its settings.
    const bool in_case = !one.label.empty() && !Varies(all, [&](const Configuration& c) {
      return c.label == one.label ? value(c) : value(one);
    });
    if (in_case || value(one).empty() || !Varies(all, value)) continue;
    words.push_back(fmt::format("{} {}", key.substr(key.find('.') + 1), value(one)));
  }
  if (Varies(all, [](const Configuration& c) { return c.device; })) {
    words.push_back(one.device.empty() ? "ideal cells"
                                       : std::filesystem::path(one.device).stem().string());
  }
  if (Varies(all, [](const Configuration& c) { return c.backend; })) words.push_back(one.backend);
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string SweepSummary(const Sweep& sweep) {
  const int count = static_cast<int>(sweep.TheGrid().configurations.size());
  std::size_t width = 13;
  for (int i = 0; i < count; ++i) width = std::max(width, ConfigurationText(sweep, i).size());
  std::string text =
      fmt::format("{:<{}}  runs   mean  spread  lowest highest\n", "configuration", width);
  for (int i = 0; i < count; ++i) {
    const Spread spread = ConfigurationSpread(sweep, i);
    text += fmt::format("{:<{}}  {:>4}", ConfigurationText(sweep, i), width, spread.runs);
    if (spread.runs > 0) {
      text += fmt::format("  {:5.2f}  {:6.2f}   {:5.2f}   {:5.2f}", spread.mean, spread.deviation,
                          spread.lowest, spread.highest);
    }
    text += '\n';
  }
  return text;
}

}  // namespace ep::sim
