// SPDX-License-Identifier: Apache-2.0
//
// ep_operand for all codes, all deltas and all pairs of states. It has no model class: Expected()
// restates its header.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "Vep_operand.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

// pass_e and scale_e of rtl/common/ep_pkg.sv.
enum Pass { kDrive, kRelax, kLearn, kLoad, kSave, kScrub, kTest, kPasses };
constexpr int kScales[] = {1, 17, 85, 255};
constexpr int kCodes[] = {256, 16, 4, 2};  // legal codes: code * scale <= 255

struct Inputs {
  int pass = 0, word = 0, from_input = 0, scale = 0, code = 0;
  int row_changed = 0, row_delta = 0, row_plus = 0, row_minus = 0;
};

struct Operand {
  int scatter = 0, negative = 0, plus = 0, minus = 0;
  bool operator==(const Operand&) const = default;
};

std::string Text(const Inputs& in) {
  return "pass " + std::to_string(in.pass) + " word " + std::to_string(in.word) + " from_input " +
         std::to_string(in.from_input) + " scale " + std::to_string(kScales[in.scale]) + " code " +
         std::to_string(in.code) + " changed " + std::to_string(in.row_changed) + " delta " +
         std::to_string(in.row_delta) + " plus " + std::to_string(in.row_plus) + " minus " +
         std::to_string(in.row_minus);
}

Operand Expected(const Inputs& in) {
  if (in.pass == kDrive) return {in.word, 0, in.code, 0};
  if (in.pass == kRelax) {
    return {in.word & in.row_changed, in.row_delta < 0, std::abs(in.row_delta), 0};
  }
  if (in.pass != kLearn) return {};
  const int x = in.code * kScales[in.scale];
  return in.from_input ? Operand{0, 0, x, x} : Operand{0, 0, in.row_plus, in.row_minus};
}

class OperandTb : public ::testing::Test {
 protected:
  void Check(const Inputs& in) {
    bench->pass_i = static_cast<std::uint8_t>(in.pass);
    bench->word_i = static_cast<std::uint8_t>(in.word);
    bench->from_input_i = static_cast<std::uint8_t>(in.from_input);
    bench->scale_i = static_cast<std::uint8_t>(in.scale);
    bench->code_i = static_cast<std::uint8_t>(in.code);
    bench->row_changed_i = static_cast<std::uint8_t>(in.row_changed);
    bench->row_delta_i = static_cast<std::uint16_t>(in.row_delta & 0x1FF);
    bench->row_plus_i = static_cast<std::uint8_t>(in.row_plus);
    bench->row_minus_i = static_cast<std::uint8_t>(in.row_minus);
    bench.Cycle();
    const Operand actual{bench->scatter_o, bench->negative_o, bench->plus_o, bench->minus_o};
    const Operand expected = Expected(in);
    ASSERT_EQ(actual, expected) << Text(in) << ": scatter " << actual.scatter << " negative "
                                << actual.negative << " plus " << actual.plus << " minus "
                                << actual.minus << ", not " << expected.scatter << " "
                                << expected.negative << " " << expected.plus << " "
                                << expected.minus;
  }

  // Inputs that the pass does not look at are noise; the code is a legal one.
  Inputs Noise(int pass) {
    Inputs in;
    in.pass = pass;
    in.word = random.Percent(50);
    in.from_input = random.Percent(50);
    in.scale = static_cast<int>(random.Below(4));
    in.code = static_cast<int>(random.Below(kCodes[in.scale]));
    in.row_changed = random.Percent(50);
    in.row_delta = static_cast<int>(random.Below(511)) - 255;
    in.row_plus = static_cast<int>(random.Below(256));
    in.row_minus = static_cast<int>(random.Below(256));
    return in;
  }

  Random random{11};
  Bench<Vep_operand> bench{11};
};

TEST_F(OperandTb, DriveTakesEveryCode) {
  for (int code = 0; code < 256; ++code) {
    for (int word = 0; word < 2; ++word) {
      Inputs in = Noise(kDrive);
      in.word = word;
      in.scale = 0;
      in.code = code;
      ASSERT_NO_FATAL_FAILURE(Check(in));
    }
  }
}

// All deltas, both signs, of a row that changed, of one that did not, and with the bare end of a
// block: magnitude 255 of either sign and 0 are among them.
TEST_F(OperandTb, RelaxTakesMagnitudeAndSign) {
  for (int delta = -255; delta <= 255; ++delta) {
    for (int i = 0; i < 4; ++i) {
      Inputs in = Noise(kRelax);
      in.word = i & 1;
      in.row_changed = i >> 1;
      in.row_delta = delta;
      ASSERT_NO_FATAL_FAILURE(Check(in));
    }
  }
}

// All pairs of states of a row that is not an input.
TEST_F(OperandTb, LearnTakesBothStates) {
  for (int plus = 0; plus < 256; ++plus) {
    for (int minus = 0; minus < 256; ++minus) {
      Inputs in = Noise(kLearn);
      in.from_input = 0;
      in.row_plus = plus;
      in.row_minus = minus;
      ASSERT_NO_FATAL_FAILURE(Check(in));
    }
  }
}

// All codes of 8, 4, 2 and 1 bits: both states of an input row are code * scale.
TEST_F(OperandTb, LearnTakesTheScaledCodeTwice) {
  for (int scale = 0; scale < 4; ++scale) {
    for (int code = 0; code < kCodes[scale]; ++code) {
      Inputs in = Noise(kLearn);
      in.from_input = 1;
      in.scale = scale;
      in.code = code;
      ASSERT_NO_FATAL_FAILURE(Check(in));
    }
  }
}

TEST_F(OperandTb, PassesOfTheHostTakeNothing) {
  for (int i = 0; i < 100; ++i) {
    for (const Pass pass : {kLoad, kSave, kScrub, kTest}) {
      ASSERT_NO_FATAL_FAILURE(Check(Noise(pass)));
    }
  }
}

TEST_F(OperandTb, RandomInputsMatchContract) {
  for (int i = 0; i < 20000; ++i) {
    ASSERT_NO_FATAL_FAILURE(Check(Noise(static_cast<int>(random.Below(kPasses)))));
  }
}

}  // namespace
}  // namespace ep::tb
