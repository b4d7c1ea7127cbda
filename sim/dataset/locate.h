// SPDX-License-Identifier: Apache-2.0
//
// Where things are that come with the program: it looks from its own folder upwards, and from the
// working folder upwards.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ep::sim {

// Every existing path that ends in this relative one, nearest to the program first.
std::vector<std::filesystem::path> FindNearby(const std::filesystem::path& relative);

// A network description: a file, or the name of one of sim/nets ("mnist-256"). Throws UserError if
// there is none.
std::filesystem::path FindNetwork(const std::string& name);

// A device file: a file, or the name of one of sim/devices ("mram-typ"). Throws UserError if there
// is none.
std::filesystem::path FindDevice(const std::string& name);

// The folder that holds the data set: --data (data_dir, "" if not given), then $EQUISPIN_DATA, then
// what came with the program: sim/data (digits) and build/data/mnist (mnist); fashion-mnist is
// looked for in build/data/fashion-mnist and where Debian's package has it. A set that is itself a
// folder is taken as it is, or replaced by --data. Throws UserError saying where it looked and how
// to get the data.
std::filesystem::path FindData(const std::string& set, const std::string& data_dir);

}  // namespace ep::sim
