// SPDX-License-Identifier: Apache-2.0

#include "sim/run/summary.h"

#include <fmt/format.h>

namespace ep::sim {
namespace {

// 1234567 as 1,234,567.
std::string Grouped(std::uint64_t value) {
  std::string text = fmt::format("{}", value);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(at, 1, ',');
  return text;
}

std::string CostLine(const char* what, std::uint64_t value, std::uint64_t samples) {
  return fmt::format("{:<14}{:>16}{:>12.1f} a sample\n", what, Grouped(value),
                     static_cast<double>(value) / static_cast<double>(samples));
}

}  // namespace

std::string Counted(std::size_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string EpochText(const EpochResult& epoch, const char* part) {
  return fmt::format("{} {:.2f} % ({} of {}), hash {}", part, epoch.Accuracy(), epoch.correct,
                     epoch.tested, epoch.weights_hash);
}

std::string CycleRatioText(const Counters& counters) {
  const std::uint64_t work = counters.RowsSensed() + counters.extra_digits;
  if (counters.Cycles() == 0 || work == 0) return "";
  return fmt::format("{:.3f}", static_cast<double>(counters.Cycles()) / static_cast<double>(work));
}

std::string CostText(const Counters& counters) {
  if (counters.samples == 0) return "";
  std::string text = CostLine("samples", counters.samples, counters.samples);
  if (counters.Cycles() > 0) text += CostLine("cycles", counters.Cycles(), counters.samples);
  if (counters.RowsSensed() > 0) {
    text += CostLine("rows sensed", counters.RowsSensed(), counters.samples);
    text += CostLine("extra digits", counters.extra_digits, counters.samples);
  }
  text += CostLine("weights changed", counters.weights_changed, counters.samples);
  const std::string ratio = CycleRatioText(counters);
  if (!ratio.empty()) text += fmt::format("{} cycles per (row sensed + extra digit)\n", ratio);
  return text;
}

}  // namespace ep::sim
