// SPDX-License-Identifier: Apache-2.0

#include "tb/top/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "verilated.h"
#if VM_TRACE
#include <lz4.h>
#endif

namespace ep::rtl {
namespace {

namespace fs = std::filesystem;

// Around every difference: where the machine is, and what it does with the array.
constexpr std::array kEverywhere = {
    "clk_i",           "u_sequencer.state_q", "trace_phase_o", "trace_sweep_o",   "pass_q",
    "array_row_o",     "array_sense_o",       "array_q_i",     "array_program_o", "trace_sense_o",
    "trace_program_o", "trace_update_o",      "trace_group_o", "trace_states_o",
};

constexpr std::array kSense = {
    "u_walker.state_q", "u_walker.from_q", "u_walker.mode_q", "u_walker.row_q",
    "u_walker.block_q", "op_valid",        "op_ready",        "op_word",
    "op_row",           "op_last",         "list_count",      "list_index",
    "list_row",         "block_changed",   "flags_block",     "flags",
    "learn_differs",    "learn_nonzero",   "no_step",
};
constexpr std::array kProgram = {
    "program_valid",     "program_row", "program_old",  "program_new", "array_prog_d_o",
    "array_prog_mask_o", "step_valid",  "step_lanes",   "step_lane",   "step",
    "step_last",         "word_plus_q", "word_minus_q", "lanes_plus",  "lanes_minus",
    "cfg.learning_rate",
};
constexpr std::array kUpdate = {
    "word_valid",   "word",         "add",       "shift",        "negative",   "hand",
    "block_valid",  "block_acc",    "block_add", "gather_valid", "gather_dot", "group_valid",
    "group_update", "group",        "group_sum", "group_state",  "new_state",  "new_changed",
    "sample_class", "cfg.gain_max", "row_delta", "lanes_delta",
};
constexpr std::array kOutcome = {
    "new_valid",
    "new_output",
    "new_first",
    "group_state",
    "new_state",
    "u_readout.best_q",
    "u_readout.prediction_q",
    "error",
    "outcome",
    "outcome_gated",
    "sample_class",
    "m_axis_outcome_tvalid_o",
    "m_axis_outcome_tdata_o",
};
constexpr std::array kProgress = {
    "op_valid",      "op_ready",      "word_valid",    "word_ready",   "send",       "send_ready",
    "step_valid",    "step_ready",    "block_valid",   "block_ready",  "walk_valid", "walk_ready",
    "program_valid", "program_done",  "learn_sense",   "sense_b_done", "drained",    "quiet",
    "sample_valid",  "outcome_ready", "array_ready_q",
};

template <typename Names>
void Append(std::vector<std::string>& to, const Names& names) {
  to.insert(to.end(), names.begin(), names.end());
}

#if VM_TRACE
// The bytes of a waveform, read from front to back.
class Bytes {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}

  bool AtEnd() const { return at_ >= bytes_.size(); }
  std::size_t Position() const { return at_; }
  void Seek(std::size_t at) { at_ = at; }
  unsigned Byte() {
    if (AtEnd()) throw UserError("the waveform ends too early");
    return static_cast<unsigned char>(bytes_[at_++]);
  }
  std::uint64_t Word() {  // big endian
    std::uint64_t word = 0;
    for (int i = 0; i < 8; ++i) word = word << 8 | Byte();
    return word;
  }
  std::uint64_t Varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const unsigned byte = Byte();
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
  std::string Text() {
    std::string text;
    while (const unsigned byte = Byte()) text += static_cast<char>(byte);
    return text;
  }
  std::string Rest(std::size_t count) { return bytes_.substr(at_, count); }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

// Entries of the hierarchy: scopes, variables and attributes.
std::vector<std::string> Names(Bytes hierarchy) {
  constexpr unsigned kAttribute = 252, kAttributeEnd = 253, kScope = 254, kScopeEnd = 255;
  std::vector<std::string> names, path;
  while (!hierarchy.AtEnd()) {
    const unsigned tag = hierarchy.Byte();
    if (tag == kScope) {
      hierarchy.Byte();
      path.push_back(hierarchy.Text());
      hierarchy.Text();
    } else if (tag == kScopeEnd) {
      path.pop_back();
    } else if (tag == kAttribute) {
      hierarchy.Byte();
      hierarchy.Byte();
      hierarchy.Text();
      hierarchy.Varint();
    } else if (tag != kAttributeEnd) {
      hierarchy.Byte();
      std::string name = hierarchy.Text();
      hierarchy.Varint();
      hierarchy.Varint();
      std::erase(name, ' ');  // between name and range
      names.push_back(fmt::format("{}.{}", fmt::join(path, "."), name));
    }
  }
  return names;
}
#endif

void WriteView(const fs::path& stem, const Difference& difference) {
  fs::path file = stem, fst = stem;
  fst += ".fst";
  file += ".gtkw";
  const WaveContents contents = ReadWaveContents(fst);
  std::string text = fmt::format(
      "[dumpfile] \"{}\"\n[savefile] \"{}\"\n[timestart] {}\n[size] 1600 1000\n"
      "*-6.000000 {} -1\n@200\n-{}\n",
      fs::absolute(fst).string(), fs::absolute(file).string(),
      std::max(contents.begin,
               2 * difference.cycle - std::min<std::uint64_t>(2 * difference.cycle, 100)),
      2 * difference.cycle, difference.text);
  for (const std::string& name : SignalsOf(difference.concern)) {
    for (const std::string& signal : FindSignals(contents.signals, name)) {
      text += (signal.back() == ']' ? "@22\n" : "@28\n") + signal + "\n";
    }
  }
  std::ofstream stream(file);
  stream << text;
  if (!stream.flush()) throw UserError("cannot write " + file.string());
}

}  // namespace

std::vector<std::string> SignalsOf(Concern concern) {
  std::vector<std::string> names;
  Append(names, kEverywhere);
  switch (concern) {
    case Concern::kSense:
      Append(names, kSense);
      break;
    case Concern::kProgram:
    case Concern::kWeights:
      Append(names, kProgram);
      break;
    case Concern::kUpdate:
      Append(names, kUpdate);
      break;
    case Concern::kOutcome:
      Append(names, kOutcome);
      break;
    case Concern::kCounters:
      names.emplace_back("increment");
      break;
    case Concern::kProgress:
      Append(names, kProgress);
      break;
  }
  return names;
}

std::vector<std::string> FindSignals(const std::vector<std::string>& signals,
                                     const std::string& name) {
  const std::string path = "ep_core." + name;
  const std::string element = name.substr(name.rfind('.') + 1) + "[";  // of an array
  std::vector<std::string> found;
  for (const std::string& signal : signals) {
    const std::size_t at = signal.find(path);
    if (at == std::string::npos || (at > 0 && signal[at - 1] != '.')) continue;
    const std::string rest = signal.substr(at + path.size());
    if (rest.empty() || rest[0] == '[' || rest.starts_with("." + element)) found.push_back(signal);
  }
  return found;
}

WaveContents ReadWaveContents(const fs::path& fst) {
#if VM_TRACE
  constexpr unsigned kHeader = 0, kHierarchy = 6;
  std::ifstream stream(fst, std::ios::binary);
  Bytes file{{std::istreambuf_iterator<char>(stream), {}}};
  WaveContents contents;
  while (!file.AtEnd()) {
    const unsigned type = file.Byte();
    const std::size_t begin = file.Position();
    const std::uint64_t length = file.Word();
    if (type == kHeader) {
      contents.begin = file.Word();
      contents.end = file.Word();
    } else if (type == kHierarchy) {
      std::string text(file.Word(), 0);
      const std::string packed = file.Rest(length - 16);
      if (LZ4_decompress_safe(packed.data(), text.data(), static_cast<int>(packed.size()),
                              static_cast<int>(text.size())) < 0) {
        throw UserError(fst.string() + " has no readable hierarchy");
      }
      contents.signals = Names(Bytes(std::move(text)));
    }
    file.Seek(begin + length);
  }
  if (contents.signals.empty()) throw UserError(fst.string() + " is not a waveform");
  return contents;
#else
  throw UserError(fst.string() + ": this build reads no waveforms: use `make waves`");
#endif
}

std::optional<Difference> RecordDifference(const Network& network,
                                           const std::function<std::unique_ptr<RtlMachine>()>& make,
                                           const std::function<void(Machine&)>& run,
                                           const fs::path& stem) {
  std::optional<Difference> first;
  {
    std::unique_ptr<RtlMachine> rtl = make();
    const RtlMachine& machine = *rtl;
    const std::unique_ptr<Lockstep> lockstep = MakeLockstep(network, std::move(rtl));
    try {
      run(*lockstep);
      return std::nullopt;
    } catch (const Divergence& divergence) {
      first = lockstep->First();
      // It came from the RTL alone: it hangs, or broke a rule of a port.
      if (!first) first = Difference{divergence.what(), Concern::kProgress, machine.LastActivity()};
    }
  }
  fs::path file = stem;
  file += ".fst";
  std::unique_ptr<RtlMachine> rtl = make();
  const std::uint64_t begin = first->cycle < kCyclesAround ? 0 : first->cycle - kCyclesAround;
  rtl->Record(file.string(), begin, first->cycle + kCyclesAround);
  {
    const std::unique_ptr<Lockstep> lockstep = MakeLockstep(network, std::move(rtl));
    lockstep->SetGrace(kCyclesAround);
    try {
      run(*lockstep);
    } catch (const Divergence&) {  // NOLINT(bugprone-empty-catch): it was caught above, too
    }
  }
  WriteView(stem, *first);
  return first;
}

}  // namespace ep::rtl
