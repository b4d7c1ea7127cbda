// SPDX-License-Identifier: Apache-2.0
//
// Counts how often each net of a Verilated netlist toggles, by phase of the core. It reads the
// value changes that Verilator's VCD tracing writes; no file of them is kept.
//
//   phase    what ep_sequencer says: drive, free, nudged, learn, or other (host, waiting for
//   samples)
//   output   a line "cycles" and a line a net that toggled, with its counts in the order of kPhases
//
// Between samples the counts so far can be written too, so that one run gives those of its parts.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "verilated_vcd_c.h"

namespace ep::rtl {

class Toggles : public VerilatedVcdFile {
 public:
  static constexpr std::array<const char*, 5> kPhases = {"drive", "free", "nudged", "learn",
                                                         "other"};

  // With `each`, the counts so far also go to FILE.N when the drive of sample N + 1 begins, for N =
  // 1, 1 + each, 1 + 2 each, ...
  explicit Toggles(std::string file, int each = 0) : file_(std::move(file)), each_(each) {}

  bool open(const std::string&) override { return true; }
  void close() override { Write(file_); }
  ssize_t write(const char* data, ssize_t size) override {
    pending_.append(data, static_cast<std::size_t>(size));
    std::size_t begin = 0;
    for (std::size_t end; (end = pending_.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      Line(std::string_view(pending_).substr(begin, end - begin));
    }
    pending_.erase(0, begin);
    return size;
  }

 private:
  using Counts = std::array<std::uint64_t, kPhases.size()>;
  struct Signal {
    std::string name;
    int left = 0;  // index of the first character of a value
    int step = 0;  // to the next one's
    std::string value;
    std::vector<Counts> counts;
  };

  void Line(std::string_view line) {
    if (line.empty()) return;
    if (line[0] == '#') {
      EndOfTime();
    } else if (line[0] == '0' || line[0] == '1') {
      Change(std::string(line.substr(1)), line.substr(0, 1));
    } else if (line[0] == 'b') {
      const std::size_t space = line.find(' ');
      Change(std::string(line.substr(space + 1)), line.substr(1, space - 1));
    } else if (!defined_) {
      Header(std::string(line));
    }
  }

  void Header(const std::string& line) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "$scope") {
      words >> word >> word;
      scopes_.push_back(word);
    } else if (word == "$upscope") {
      scopes_.pop_back();
    } else if (word == "$enddefinitions") {
      defined_ = true;
    } else if (word == "$var") {
      std::string type, code, name, range;
      std::size_t width = 0;
      words >> type >> width >> code >> name >> range;
      Signal signal;
      for (const std::string& scope : scopes_) signal.name += scope + "\t";
      signal.name += name;
      int right = 0;
      if (std::sscanf(range.c_str(), "[%d:%d]", &signal.left, &right) == 2) {
        signal.step = signal.left > right ? -1 : 1;
      }
      signal.value.assign(width, 'x');
      signal.counts.assign(width, Counts{});
      for (std::size_t i = 0; i + 1 < kPhases.size(); ++i) {
        if (name == "in_" + std::string(kPhases[i]) + "_o") phase_code_[i] = code;
      }
      // A code that two names share is counted once and written for both.
      names_[code].push_back(signal.name);
      signals_.try_emplace(code, std::move(signal));
    }
  }

  void Change(const std::string& code, std::string_view value) {
    const auto found = signals_.find(code);
    if (found == signals_.end()) return;
    Signal& signal = found->second;
    const std::size_t width = signal.value.size();
    const std::size_t lead = width > value.size() ? width - value.size() : 0;
    for (std::size_t i = 0; i < width; ++i) {
      const char bit = i < lead ? '0' : value[i - lead];
      if (signal.value[i] == bit) continue;
      if (signal.value[i] != 'x') ++signal.counts[i][phase_];
      signal.value[i] = bit;
    }
  }

  // Two times a cycle; what changes next belongs to the phase that is set now.
  void EndOfTime() {
    const std::size_t last = phase_;
    phase_ = kPhases.size() - 1;
    for (std::size_t i = 0; i + 1 < kPhases.size(); ++i) {
      const auto found = signals_.find(phase_code_[i]);
      if (found != signals_.end() && found->second.value == "1") phase_ = i;
    }
    if (phase_ == 0 && last != 0) {
      if (each_ > 0 && samples_ > 0 && (samples_ - 1) % each_ == 0) {
        Write(file_ + "." + std::to_string(samples_));
      }
      ++samples_;
    }
    ++times_[phase_];
  }

  void Write(const std::string& file) const {
    std::ofstream out(file);
    out << "net";
    for (const char* phase : kPhases) out << '\t' << phase;
    out << "\ncycles";
    for (const std::uint64_t times : times_) out << '\t' << times / 2;
    out << '\n';
    for (const auto& [code, signal] : signals_) {
      for (const std::string& name : names_.at(code)) {
        for (std::size_t i = 0; i < signal.counts.size(); ++i) {
          out << name;
          if (signal.step != 0) {
            out << '[' << signal.left + signal.step * static_cast<int>(i) << ']';
          }
          for (const std::uint64_t count : signal.counts[i]) out << '\t' << count;
          out << '\n';
        }
      }
    }
  }

  std::string file_, pending_;
  int each_ = 0, samples_ = 0;  // samples whose drive has begun
  std::vector<std::string> scopes_;
  bool defined_ = false;
  std::unordered_map<std::string, Signal> signals_;
  std::unordered_map<std::string, std::vector<std::string>> names_;
  std::array<std::string, kPhases.size()> phase_code_;
  std::size_t phase_ = kPhases.size() - 1;
  Counts times_{};
};

}  // namespace ep::rtl
