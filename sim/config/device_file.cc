// SPDX-License-Identifier: Apache-2.0

#include "sim/config/device_file.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "sim/config/experiment.h"
#include "sim/config/table_reader.h"
#include "sim/io/file.h"

namespace ep::sim {

using device::CellKind;
using device::Parameter;
using device::Spec;
using device::Technology;

namespace {

Technology TechnologyOf(TableReader& reader) {
  const std::string name = reader.String("technology", "");
  for (const Technology known : {Technology::kIdeal, Technology::kMram, Technology::kRram}) {
    if (name == device::Name(known)) return known;
  }
  reader.Fail("technology", name.empty() ? "is missing: must be ideal, mram or rram"
                                         : "is " + name + ": must be ideal, mram or rram");
}

CellKind CellOf(TableReader& reader) {
  const std::string name = reader.String("cell", "differential");
  for (const CellKind known : {CellKind::kSingle, CellKind::kDifferential}) {
    if (name == device::Name(known)) return known;
  }
  reader.Fail("cell", "is " + name + ": must be single or differential");
}

}  // namespace

Spec ParseDevice(const std::string& text, const std::filesystem::path& file) {
  const std::string shown = file.string();
  const toml::table root = ParseToml(text, shown);
  TableReader reader(root, shown, "");
  Spec spec;
  spec.name = file.stem().string();
  spec.technology = TechnologyOf(reader);
  spec.cell = CellOf(reader);
  std::map<std::string, TableReader> sections;
  for (const Parameter& parameter : device::Parameters()) {
    if (!parameter.UsedBy(spec.technology)) continue;
    auto section = sections.find(parameter.section);
    if (section == sections.end()) {
      section = sections
                    .emplace(parameter.section,
                             TableReader(reader.Table(parameter.section), shown, parameter.section))
                    .first;
    }
    double& value = spec.*parameter.member;
    value = section->second.Number(parameter.key, value, parameter.lowest, parameter.highest);
  }
  reader.RefuseOthers();
  for (const auto& [name, section] : sections) section.RefuseOthers();
  try {
    spec.Check();
  } catch (const UserError& error) {
    throw UserError(fmt::format("{}: {}", shown, error.what()));
  }
  return spec;
}

Spec LoadDeviceFile(const std::filesystem::path& file) { return ParseDevice(ReadFile(file), file); }

std::string DeviceKeys() {
  std::string text =
      "Device file (TOML): technology = \"ideal\", \"mram\" or \"rram\"; cell = \"differential\" "
      "or "
      "\"single\"\n";
  std::string_view section;
  const Spec defaults;
  for (const Parameter& parameter : device::Parameters()) {
    if (section != parameter.section) text += fmt::format("  [{}]\n", parameter.section);
    section = parameter.section;
    text += fmt::format("    {:<20} {:<10} {:<8} {:g}..{:g}: {} [{}: {}]\n", parameter.key,
                        fmt::format("{:g}", defaults.*parameter.member), parameter.unit,
                        parameter.lowest, parameter.highest, parameter.text,
                        device::Name(parameter.mark), parameter.source);
  }
  return text;
}

}  // namespace ep::sim
