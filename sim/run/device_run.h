// SPDX-License-Identifier: Apache-2.0
//
// The device arrays of a run: made for each machine that asks, twins of each other, and looked at
// when it ends.

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "model/device/device_array.h"
#include "sim/backends.h"

namespace ep::sim {

class DeviceRun {
 public:
  DeviceRun(device::Spec spec, std::uint32_t seed) : spec_(std::move(spec)), seed_(seed) {}
  DeviceRun(const DeviceRun&) = delete;
  DeviceRun& operator=(const DeviceRun&) = delete;

  const device::Spec& spec() const { return spec_; }
  std::uint32_t seed() const { return seed_; }

  // The run must outlive what it gives.
  ArrayMaker Maker();

  // {name, seed, cell_pulses, most_written_cell, stuck_cells, cells, disturbed} of the array made
  // last, which must still be there.
  nlohmann::ordered_json ToJson() const;
  // The same in one line for people.
  std::string Text() const;

 private:
  device::Spec spec_;
  std::uint32_t seed_;
  const device::DeviceArray* last_ = nullptr;
};

}  // namespace ep::sim
