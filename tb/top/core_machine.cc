// SPDX-License-Identifier: Apache-2.0

#include "tb/top/core_machine.h"

namespace ep::rtl {
namespace {

// Calls f(projection, row, lane) for every weight of the streams in their order; lanes beyond the
// population included.
template <typename F>
void ForEachWeight(const Network& network, const Hardware& hardware, F&& f) {
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    for (int first = 0; first < network.Lanes(p); first += hardware.lanes) {
      for (int row = 0; row < network.Rows(p); ++row) {
        for (int lane = first; lane < first + hardware.lanes; ++lane) f(p, row, lane);
      }
    }
  }
}

int ScaleCode(int scale) { return scale == 17 ? 1 : scale == 85 ? 2 : scale == 255 ? 3 : 0; }

}  // namespace

std::vector<std::pair<std::uint32_t, std::uint32_t>> NetworkRegisters(const Network& network,
                                                                      const Hardware& hardware) {
  using namespace regs;  // NOLINT(google-build-using-namespace): every line names registers
  const MemoryMap map(network, hardware);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> words = {
      {kNetwork, kNetworkPopulations.Put(network.populations.size()) |
                     kNetworkProjections.Put(network.projections.size()) |
                     kNetworkGainMax.Put(network.GainMax()) |
                     kNetworkInputScale.Put(ScaleCode(network.InputScale()))},
      {kRelaxation, kRelaxationFreeSweeps.Put(network.free_sweeps) |
                        kRelaxationNudgedSweeps.Put(network.nudged_sweeps) |
                        kRelaxationNudgeShift.Put(network.nudge_shift)}};
  for (std::size_t i = 0; i < network.populations.size(); ++i) {
    words.emplace_back(kPopulation[i], kPopulationSize.Put(network.populations[i]) |
                                           kPopulationBlock.Put(map.population_block[i]));
  }
  for (std::size_t p = 0; p < network.projections.size(); ++p) {
    const Projection& projection = network.projections[p];
    words.emplace_back(kProjectionParameters[p],
                       kProjectionParametersA.Put(projection.a) |
                           kProjectionParametersB.Put(projection.b) |
                           kProjectionParametersGainShift.Put(projection.gain_shift) |
                           kProjectionParametersLearningShift.Put(projection.learning_shift) |
                           kProjectionParametersLearn.Put(projection.learn));
    words.emplace_back(kProjectionBase[p], map.projection_base[p]);
  }
  return words;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> AccessRegisters(const ArrayAccess& access) {
  using namespace regs;  // NOLINT(google-build-using-namespace): every line names registers
  std::vector<std::pair<std::uint32_t, std::uint32_t>> words = {
      {kTiming, kTimingPrecharge.Put(access.precharge) | kTimingSense.Put(access.sense)},
      {kPulse, kPulsePulse.Put(access.pulse)},
      {kLate, kLatePolicy.Put(static_cast<std::uint32_t>(access.late)) |
                  kLateReReads.Put(access.re_reads)},
      {kProgram, kProgramVerify.Put(access.verify) | kProgramSelfTimed.Put(access.self_timed) |
                     kProgramShrink.Put(access.shrink) | kProgramShots.Put(access.shots)}};
  for (int i = 0; i < ArrayAccess::kShots; ++i) {
    words.emplace_back(kShot[i], kShotSetLevel.Put(access.set[i].level) |
                                     kShotSetLength.Put(access.set[i].length) |
                                     kShotResetLevel.Put(access.reset[i].level) |
                                     kShotResetLength.Put(access.reset[i].length));
  }
  for (std::size_t i = 0; i < ArrayAccess::kSpares; ++i) {
    const bool used = i < access.spare.size();
    words.emplace_back(kSpare[i], kSpareUsed.Put(used) | kSpareRow.Put(used ? access.spare[i] : 0));
  }
  return words;
}

std::vector<std::uint32_t> WeightBeats(const Network& network, const Hardware& hardware,
                                       const Weights& weights) {
  std::vector<std::uint32_t> beats;
  ForEachWeight(network, hardware, [&](int p, int row, int lane) {
    if (lane % 4 == 0) beats.push_back(0);
    if (lane >= network.Lanes(p)) return;
    const auto byte = static_cast<std::uint8_t>(weights[p][row * network.Lanes(p) + lane]);
    beats.back() |= std::uint32_t{byte} << (8 * (lane % 4));
  });
  return beats;
}

Weights WeightsOfBeats(const Network& network, const Hardware& hardware,
                       std::span<const std::uint32_t> beats) {
  Weights weights(network.projections.size());
  for (int p = 0; p < static_cast<int>(weights.size()); ++p) {
    weights[p].resize(static_cast<std::size_t>(network.Rows(p)) * network.Lanes(p));
  }
  std::size_t i = 0;
  ForEachWeight(network, hardware, [&](int p, int row, int lane) {
    const auto byte = static_cast<std::int8_t>(beats[i / 4] >> (8 * (i % 4)));
    ++i;
    if (lane < network.Lanes(p)) {
      weights[p][row * network.Lanes(p) + lane] = byte;
    } else if (byte != 0) {
      throw Divergence(fmt::format("projection {} row {} lane {}, beyond the population: RTL {}", p,
                                   row, lane, byte));
    }
  });
  return weights;
}

}  // namespace ep::rtl
