// SPDX-License-Identifier: Apache-2.0

#include "sim/config/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <optional>
#include <sstream>
#include <system_error>

#include "sim/config/table_reader.h"
#include "sim/io/file.h"

namespace ep::sim {

namespace {

constexpr char kKeys[] =
    R"(Network description (TOML); every key but populations and [[projection]] has a default:
  name                        the file's name without .toml
  [data]
    set            "digits"   digits, mnist, fashion-mnist, or a folder of IDX files (relative to this
                              file)
    pool           1          1 or 2: 2x2 pooling
    pixel_bits     8          1..8: bits of an input code
    validation     0          the last N training images are held out and tested instead of the test
                              set: for choosing parameters
    shift          0          0..4: each training image is moved by up to so many pixels each way,
                              drawn anew for each epoch
  [network]
    populations               sizes, the input first, the output last
    free_sweeps    4          1..255, at most
    nudged_sweeps  4          1..255, at most, for each of the two nudged phases
    nudge_shift    1          0..7: nudge = error >> shift
    error_gate     0          0..256: learn only where an output is this far off; 0 = always
    rounding       "nearest"  of weight steps: nearest, or stochastic: up as often as the rest is large
    weight_init    38         0..127: first weights are drawn from -I..I
  [[projection]]              one per pair of populations, input first
    between        [p, p+1]   populations [a, b], a < b
    gain_shift     8          0..15, or "auto": from the number of neurons that are summed
    learning_shift 15         1..21, or "auto"
    learn          true
  [training]
    epochs         10         0..10000
    learning_rate  [16, 16, 12, 10, 8, 6, 5, 4, 3, 2]
                              0..31 for each epoch; the last one stays
    seed           1          0..4294967295
    train_samples  0          samples of an epoch; 0 = all
    test_samples   0          samples of a test; 0 = all
  [hardware]
    lanes          32         8, 16, 32, 64 or 128
    neuron_lanes   8          at least 2, divides lanes
    multipliers    8          a power of two, 2..lanes
    weight_bits    8          2..8
    max_inputs     1024       neurons of the input
    max_states     2048       neurons of the others, each population rounded up to lanes
    max_populations 6
    max_projections 8
    array_rows     131072     row words of the array
    sum_bits       32         bits of a neuron's sum
  [array]                     how the array is accessed; with ideal cells the same results
    precharge      0          0..255: cycles before a sense; 0 = by the macro
    sense          1          1..255: cycles of a sense
    late           "keep"     when a cell is late: keep, re-read, vote, vote-always (late or not)
    re_reads       3          0..15: senses after the first, at most
    verify         false      sense after each shot, pulse again what failed
    self_timed     false      a pulse ends when the macro is ready
    shrink         false      with verify: a weight that fails goes towards zero, as far as it must
    shots          1          1..15: at most, with verify
    pulse          1          1..65535: cycles of a pulse of length 1
    set_levels     [0]        0..7 by shot, for cells that become 1; the last one stays
    set_lengths    [1]        1..15 by shot
    reset_levels   [0]        the same for cells that become 0
    reset_lengths  [1]
    spare          []         rows that spare rows replace, 4 at most; `equispin bist` finds bad ones
)";

// The name becomes part of file names.
constexpr char kNameCharacters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
constexpr int kMax = std::numeric_limits<int>::max();

void ReadHardware(TableReader reader, Hardware& hardware) {
  constexpr IntRange kAny{1, 1 << 30};
  hardware.lanes = reader.Int("lanes", hardware.lanes, kAny);
  hardware.neuron_lanes = reader.Int("neuron_lanes", hardware.neuron_lanes, kAny);
  hardware.multipliers = reader.Int("multipliers", hardware.multipliers, kAny);
  hardware.weight_bits = reader.Int("weight_bits", hardware.weight_bits, {2, 8});
  hardware.max_inputs = reader.Int("max_inputs", hardware.max_inputs, kAny);
  hardware.max_states = reader.Int("max_states", hardware.max_states, kAny);
  hardware.max_populations = reader.Int("max_populations", hardware.max_populations, kAny);
  hardware.max_projections = reader.Int("max_projections", hardware.max_projections, kAny);
  hardware.array_rows = reader.Int("array_rows", hardware.array_rows, kAny);
  hardware.sum_bits = reader.Int("sum_bits", hardware.sum_bits, {16, 64});
  reader.RefuseOthers();
}

// Levels or lengths by shot; the last one stays.
void ReadSteps(TableReader& reader, const std::string& key, IntRange range, int Shot::* member,
               ArrayAccess::Ladder& ladder) {
  const auto steps = reader.IntList(key, range);
  if (!steps) return;
  if (std::ssize(*steps) > ArrayAccess::kShots) {
    reader.Fail(key, fmt::format("has {} entries: must be 1..{}, the last one stays", steps->size(),
                                 ArrayAccess::kShots));
  }
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    ladder[i].*member = (*steps)[std::min(i, steps->size() - 1)];
  }
}

void ReadArray(TableReader reader, ArrayAccess& array) {
  array.precharge = reader.Int("precharge", array.precharge, {0, 255});
  array.sense = reader.Int("sense", array.sense, {1, 255});
  const std::string late = reader.String("late", Name(array.late));
  const std::optional<LatePolicy> policy = LatePolicyOf(late);
  if (!policy) {
    reader.Fail("late", fmt::format("is {}: must be keep, re-read, vote or vote-always", late));
  }
  array.late = *policy;
  array.re_reads = reader.Int("re_reads", array.re_reads, {0, 15});
  array.verify = reader.Bool("verify", array.verify);
  array.self_timed = reader.Bool("self_timed", array.self_timed);
  array.shrink = reader.Bool("shrink", array.shrink);
  array.shots = reader.Int("shots", array.shots, {1, 15});
  array.pulse = reader.Int("pulse", array.pulse, {1, 65535});
  ReadSteps(reader, "set_levels", {0, 7}, &Shot::level, array.set);
  ReadSteps(reader, "set_lengths", {1, 15}, &Shot::length, array.set);
  ReadSteps(reader, "reset_levels", {0, 7}, &Shot::level, array.reset);
  ReadSteps(reader, "reset_lengths", {1, 15}, &Shot::length, array.reset);
  if (const auto rows = reader.IntList("spare", {0, (1 << 24) - 1})) {
    array.spare.assign(rows->begin(), rows->end());
  }
  reader.RefuseOthers();
}

Projection ReadProjection(TableReader reader, int index) {
  Projection projection;
  projection.a = index;
  projection.b = index + 1;
  if (const auto between = reader.IntList("between", {0, 1 << 20})) {
    if (between->size() != 2) {
      reader.Fail("between", fmt::format("has {} entries: must be [a, b]", between->size()));
    }
    projection.a = (*between)[0];
    projection.b = (*between)[1];
  }
  projection.gain_shift = reader.IntOrAuto("gain_shift", projection.gain_shift, {0, 15});
  projection.learning_shift =
      reader.IntOrAuto("learning_shift", projection.learning_shift, {1, 21});
  projection.learn = reader.Bool("learn", projection.learn);
  reader.RefuseOthers();
  return projection;
}

void ReadNetwork(TableReader reader, Experiment& experiment) {
  Network& network = experiment.network;
  const auto populations = reader.IntList("populations", {1, 1 << 20});
  if (!populations) reader.Fail("populations", "is missing: name the sizes, such as [64, 128, 10]");
  network.populations = *populations;
  network.free_sweeps = reader.Int("free_sweeps", network.free_sweeps, {1, 255});
  network.nudged_sweeps = reader.Int("nudged_sweeps", network.nudged_sweeps, {1, 255});
  network.nudge_shift = reader.Int("nudge_shift", network.nudge_shift, {0, 7});
  network.error_gate = reader.Int("error_gate", network.error_gate, {0, 256});
  const std::string rounding = reader.String("rounding", "nearest");
  if (rounding != "nearest" && rounding != "stochastic") {
    reader.Fail("rounding", fmt::format("is {}: must be nearest or stochastic", rounding));
  }
  network.stochastic = rounding == "stochastic";
  int& init = experiment.training.weight_init;
  init = reader.Int("weight_init", init, {0, 127});
  if (init > network.WeightMax()) {
    reader.Fail("weight_init", fmt::format("is {}: must be 0..{} with hardware.weight_bits = {}",
                                           init, network.WeightMax(), network.weight_bits));
  }
  reader.RefuseOthers();
}

void ReadData(TableReader reader, Experiment& experiment) {
  DataSpec& data = experiment.data;
  data.set = reader.String("set", data.set);
  data.pool = reader.Int("pool", data.pool, {1, 2});
  experiment.network.pixel_bits = reader.Int("pixel_bits", experiment.network.pixel_bits, {1, 8});
  data.validation = reader.Int("validation", data.validation, {0, kMax});
  data.shift = reader.Int("shift", data.shift, {0, 4});
  reader.RefuseOthers();
  if (data.set != "digits" && data.set != "mnist" && data.set != "fashion-mnist") {
    data.set = (experiment.file.parent_path() / data.set).lexically_normal().string();
  }
}

void ReadTraining(TableReader reader, Training& training) {
  training.epochs = reader.Int("epochs", training.epochs, {0, 10000});
  training.seed = reader.Uint32("seed", training.seed);
  training.train_samples = reader.Int("train_samples", training.train_samples, {0, kMax});
  training.test_samples = reader.Int("test_samples", training.test_samples, {0, kMax});
  if (const auto rates = reader.IntList("learning_rate", {0, 31})) training.learning_rate = *rates;
  reader.RefuseOthers();
}

std::string Written(const toml::table& root) {
  std::ostringstream text;
  text << root << '\n';
  return text.str();
}

// The entry of a list of tables that a part of a key names by its number from 0.
toml::table* Entry(toml::array& list, const std::string& part) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (error != std::errc() || end != part.data() + part.size() || index >= list.size()) {
    return nullptr;
  }
  return list[index].as_table();
}

// log2(sqrt(n)) to the nearest integer, for n >= 1: i where 2^(2 i - 1) <= n < 2^(2 i + 1).
int HalfLog2(int n) { return std::bit_width(static_cast<unsigned>(n)) / 2; }

bool ToOutput(const Network& network, const Projection& projection) {
  return projection.b == static_cast<int>(network.populations.size()) - 1;
}

void ResolveAuto(Network& network) {
  for (Projection& projection : network.projections) {
    const bool exists = projection.b < static_cast<int>(network.populations.size());
    if (!exists) continue;  // what is wrong is told by the check that follows
    if (projection.gain_shift == TableReader::kAuto) {
      projection.gain_shift = AutoGainShift(network, projection);
    }
    if (projection.learning_shift == TableReader::kAuto) {
      projection.learning_shift = AutoLearningShift(network, projection);
    }
  }
}

// Puts the value where the key says; tables that do not exist are made.
void Apply(const Setting& setting, toml::table& root, const std::string& file) {
  const auto fail = [&](const std::string& text) {
    throw UserError(
        fmt::format("{}: the setting {} = {} {}", file, setting.key, setting.value, text));
  };
  toml::table value;
  try {
    value = toml::parse("value = " + setting.value);
  } catch (const toml::parse_error&) {
    value.clear();
  }
  if (value.size() != 1) fail("is not a TOML value: write 100, [16, 8], true or \"text\"");
  toml::table* table = &root;
  std::string rest = setting.key;
  for (std::size_t dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
    const std::string part = rest.substr(0, dot);
    rest.erase(0, dot + 1);
    toml::node* node = table->get(part);
    if (!node) node = &table->insert(part, toml::table{}).first->second;
    if (toml::array* list = node->as_array()) {
      const std::string number = rest.substr(0, rest.find('.'));
      table = Entry(*list, number);
      if (!table) fail(fmt::format("has no {} {}: there are {}", part, number, list->size()));
      rest.erase(0, std::min(rest.size(), number.size() + 1));
    } else {
      table = node->as_table();
      if (!table) fail(fmt::format("goes through {}, which is no table", part));
    }
  }
  if (rest.empty()) fail("names no key: write section.key, such as network.error_gate");
  value.get("value")->visit([&](auto& found) { table->insert_or_assign(rest, found); });
}

}  // namespace

const char* ExperimentKeys() { return kKeys; }

// Sums of n independent products grow with sqrt(n).
int AutoGainShift(const Network& network, const Projection& projection) {
  const int fan_in = HalfLog2(network.populations[projection.a]);
  if (projection.FromInput()) return std::min(4 + fan_in, 15);
  return std::min((ToOutput(network, projection) ? 6 : 8) + fan_in, 15);
}

int AutoLearningShift(const Network& network, const Projection& projection) {
  const bool one_hidden_layer = network.populations.size() == 3;
  if (projection.FromInput()) return one_hidden_layer ? 15 : 14;
  if (ToOutput(network, projection)) return 15;
  return std::max(25 - AutoGainShift(network, projection), 1);
}

int Training::LearningRate(int epoch) const {
  const std::size_t index = std::min<std::size_t>(epoch - 1, learning_rate.size() - 1);
  return learning_rate[index];
}

Experiment ParseExperiment(const std::string& text, const std::filesystem::path& file,
                           const std::vector<Setting>& settings) {
  const std::string shown = file.string();
  toml::table root = ParseToml(text, shown);
  for (const Setting& setting : settings) Apply(setting, root, shown);
  Experiment experiment;
  experiment.file = file;
  experiment.text = settings.empty() ? text : Written(root);
  Network& network = experiment.network;
  TableReader reader(root, shown, "");
  network.name = reader.String("name", file.stem().string());
  if (network.name.find_first_not_of(kNameCharacters) != std::string::npos) {
    reader.Fail("name",
                fmt::format("is {}: must be letters, digits, '-', '_' and '.' only", network.name));
  }
  ReadHardware({reader.Table("hardware"), shown, "hardware"}, experiment.hardware);
  network.weight_bits = experiment.hardware.weight_bits;
  ReadArray({reader.Table("array"), shown, "array"}, network.array);
  ReadData({reader.Table("data"), shown, "data"}, experiment);
  ReadTraining({reader.Table("training"), shown, "training"}, experiment.training);
  const toml::table& network_table = reader.Table("network");
  const std::vector<const toml::table*> projections = reader.Tables("projection");
  reader.RefuseOthers();
  ReadNetwork({network_table, shown, "network"}, experiment);
  for (std::size_t p = 0; p < projections.size(); ++p) {
    const std::string section = fmt::format("projection {}", p);
    network.projections.push_back(
        ReadProjection({*projections[p], shown, section}, static_cast<int>(p)));
  }
  ResolveAuto(network);
  try {
    experiment.hardware.Check(network);
  } catch (const UserError& error) {
    throw UserError(fmt::format("{}: {}", shown, error.what()));
  }
  return experiment;
}

Experiment LoadExperiment(const std::filesystem::path& file, const std::vector<Setting>& settings) {
  return ParseExperiment(ReadFile(file), file, settings);
}

}  // namespace ep::sim
