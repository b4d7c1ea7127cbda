// SPDX-License-Identifier: Apache-2.0

#include "sim/run/device_run.h"

#include <fmt/format.h>

namespace ep::sim {

ArrayMaker DeviceRun::Maker() {
  return [this](const Hardware& hardware) {
    auto array = std::make_unique<device::DeviceArray>(spec_, hardware.array_rows, hardware.lanes,
                                                       hardware.weight_bits, seed_);
    last_ = array.get();
    return array;
  };
}

nlohmann::ordered_json DeviceRun::ToJson() const {
  const device::DeviceArray::Wear wear = last_->WearSoFar();
  return {{"name", spec_.name},
          {"seed", seed_},
          {"cell_pulses", wear.pulses},
          {"most_written_cell", wear.most_pulses},
          {"stuck_cells", wear.stuck_cells},
          {"cells", wear.cells},
          {"disturbed", wear.disturbed}};
}

std::string DeviceRun::Text() const {
  const device::DeviceArray::Wear wear = last_->WearSoFar();
  return fmt::format(
      "device {} with seed {}: {} cell pulses, at most {} in one cell; {} of {} cells stuck\n",
      spec_.name, seed_, wear.pulses, wear.most_pulses, wear.stuck_cells, wear.cells);
}

}  // namespace ep::sim
