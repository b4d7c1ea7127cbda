// SPDX-License-Identifier: Apache-2.0
//
// The device arrays of a run: made for each machine that asks, twins of each other, and looked at
// when it ends.

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

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

  // What a saved run must be continued with: name, seed and every parameter.
  void AddIdentity(nlohmann::ordered_json& identity) const;

  // What accesses have changed; all arrays are twins. They must still be there.
  std::string Save() const;
  void Restore(std::string_view bytes);

  // {name, seed, cell_pulses, most_written_cell, most_worn_cell (pulses over life), stuck_cells,
  // cells, disturbed} of the array made last, which must still be there.
  nlohmann::ordered_json ToJson() const;
  // The same in one line for people.
  std::string Text() const;

 private:
  device::Spec spec_;
  std::uint32_t seed_;
  std::vector<device::DeviceArray*> arrays_;
};

}  // namespace ep::sim
