// SPDX-License-Identifier: Apache-2.0
//
// Turns a sample into the rows that matter: those with a nonzero code, ascending.
//
// Formats    codes unsigned 8.0; the input states are code x input scale
// RTL        rtl/neuron/ep_input_buffer.sv, which holds two samples

#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "model/common/network.h"

namespace ep::model {

class InputBuffer {
 public:
  struct Row {
    int row = 0;
    int code = 0;  // 1..255
    bool operator==(const Row&) const = default;
  };

  // outputs is the number of classes, scale the input scale: 1, 17, 85 or 255.
  InputBuffer(int inputs, int outputs, int scale)
      : inputs_(inputs), outputs_(outputs), largest_(kStateMax / scale) {
    rows_.reserve(inputs);
  }

  // Takes a sample. False, and the sample is not taken, where its length is wrong, a code is more
  // than the scale has or, in training, its class is not one of the outputs.
  bool Load(std::span<const std::uint8_t> codes, int label, bool training) {
    if (static_cast<int>(codes.size()) != inputs_) return false;
    if (training && (label < 0 || label >= outputs_)) return false;
    if (std::ranges::any_of(codes, [this](int code) { return code > largest_; })) return false;
    rows_.clear();
    label_ = label;
    for (int i = 0; i < inputs_; ++i) {
      if (codes[i] != 0) rows_.push_back({.row = i, .code = codes[i]});
    }
    return true;
  }

  std::span<const Row> rows() const { return rows_; }
  int label() const { return label_; }

 private:
  int inputs_;
  int outputs_;
  int largest_;
  std::vector<Row> rows_;
  int label_ = 0;
};

}  // namespace ep::model
