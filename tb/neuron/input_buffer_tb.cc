// SPDX-License-Identifier: Apache-2.0
//
// ep_input_buffer against model/neuron/input_buffer.h: samples of up to 16 codes.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "Vep_input_buffer.h"
#include "model/neuron/input_buffer.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"
#include "tb/common/stream.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 44;
constexpr int kMaxInputs = 16;
constexpr int kNoClass = 255;
// The largest code of each scale.
constexpr std::array<int, 4> kLargest{255, 15, 3, 1};

class InputBufferTb : public ::testing::Test {
 protected:
  struct Sample {
    std::vector<std::uint8_t> codes;
    int label = 0;
  };
  struct Beat {
    std::uint8_t data = 0;
    bool last = false;
  };

  InputBufferTb() {
    bench->clear_i = bench->take_i = 0;
    bench->enable_i = 1;
    bench->index_i = 0;
    bench->read_i = 0;
    bench->scale_i = 0;
    Shape(8, 10);
    bench.Reset();
    bench.OnCycle(
        [this] {
          if (!source.Waiting()) bench->s_axis_tdata_i = random.Bits() & 255u;
          if (!source.Waiting()) bench->s_axis_tlast_i = random.Bits() & 1u;
          source.Drive(random.Percent(stall));
        },
        [this] { Look(); });
  }

  void Shape(int inputs, int outputs) {
    bench->inputs_i = static_cast<std::uint16_t>(inputs_ = inputs);
    bench->outputs_i = static_cast<std::uint16_t>(outputs_ = outputs);
  }

  // Before each edge: what the block tells follows from the samples that went in.
  void Look() {
    ASSERT_EQ(bench->ready_count_o, ready.size()) << Where();
    ASSERT_EQ(bench->valid_o, !ready.empty()) << Where();
    ASSERT_EQ(bench->s_axis_tready_o, bench->enable_i && ready.size() < 2) << Where();
    ASSERT_EQ(bench->rejected_o, reject) << Where();
    ASSERT_EQ(bench->upset_o, 0) << Where();
    rejected += bench->rejected_o;
    if (!ready.empty()) {
      const int count = static_cast<int>(
          std::count_if(ready[0].codes.begin(), ready[0].codes.end(), [](int c) { return c; }));
      ASSERT_EQ(bench->class_o, ready[0].label) << Where();
      ASSERT_EQ(bench->count_o, count) << Where();
    }
    reject = false;
    if (source.Sample()) {
      const auto data = static_cast<std::uint8_t>(bench->s_axis_tdata_i);
      if (!bench->s_axis_tlast_i) {
        part.push_back(data);
      } else {
        reject = !Good({part, data});
        if (!reject) ready.push_back({part, data});
        part.clear();
      }
    }
    if (bench->take_i) ready.pop_front();
    if (bench->clear_i) Forget();
  }
  void Forget() {
    part.clear();
    ready.clear();
    reject = false;
  }

  bool Good(const Sample& sample) const {
    return static_cast<int>(sample.codes.size()) == inputs_ &&
           std::all_of(sample.codes.begin(), sample.codes.end(),
                       [this](int code) { return code <= kLargest[scale_]; }) &&
           (sample.label < outputs_ || sample.label == kNoClass);
  }

  void SetScale(int scale) { bench->scale_i = static_cast<std::uint8_t>(scale_ = scale); }

  void Post(const Sample& sample) {
    for (const auto code : sample.codes) source.Post({code, false});
    source.Post({static_cast<std::uint8_t>(sample.label), true});
  }
  // Until all beats went in, and the cycle after that.
  void Send() {
    for (int i = 0; i < 10000 && source.Waiting() != 0; ++i) bench.Cycle();
    ASSERT_EQ(source.Waiting(), 0u) << Where();
    bench.Cycle();
  }
  void Send(const Sample& sample) {
    Post(sample);
    Send();
  }

  // Reads the list in a random order and compares it with the model, then takes the sample.
  void CheckAndTake() {
    for (int i = 0; i < 10000 && ready.empty(); ++i) bench.Cycle();
    ASSERT_FALSE(ready.empty()) << Where();
    model::InputBuffer buffer(inputs_, outputs_, 255 / kLargest[scale_]);
    const Sample sample = ready[0];
    ASSERT_TRUE(buffer.Load(sample.codes, sample.label, sample.label != kNoClass)) << Where();
    const auto rows = buffer.rows();
    if (!bench->valid_o) bench.Cycle();
    ASSERT_EQ(bench->count_o, rows.size()) << Where();
    ASSERT_EQ(bench->class_o, buffer.label()) << Where();
    const int count = static_cast<int>(rows.size());
    for (int i = 0; i < count; ++i) {
      const int index = random.Percent(50) ? i : static_cast<int>(random.Below(rows.size()));
      Entry(index, rows[index]);
      Entry(i, rows[i]);
      if (HasFatalFailure()) return;
    }
    bench->take_i = 1;
    bench.Cycle();
    bench->take_i = 0;
    ++taken;
  }
  void Entry(int index, const model::InputBuffer::Row& want) {
    bench->index_i = static_cast<std::uint8_t>(index);
    bench->read_i = 1;
    bench.Cycle();
    // The answer belongs to the index of the cycle before.
    bench->index_i = static_cast<std::uint8_t>(random.Below(kMaxInputs));
    bench->read_i = 0;
    bench.Dut().eval();
    ASSERT_EQ(bench->row_o, want.row) << Where() << " entry " << index;
    ASSERT_EQ(bench->code_o, want.code) << Where() << " entry " << index;
  }

  // Sends a bad sample and a good one: one is rejected, the other one is whole.
  void Reject(const Sample& bad) {
    const int before = rejected;
    ASSERT_FALSE(Good(bad));
    Post(bad);
    Post(GoodSample());
    Send();
    if (HasFatalFailure()) return;
    ASSERT_EQ(rejected, before + 1) << Where();
    ASSERT_EQ(ready.size(), 1u) << Where();
    CheckAndTake();
  }

  Sample GoodSample() {
    Sample sample{std::vector<std::uint8_t>(inputs_), static_cast<int>(random.Below(outputs_))};
    const int zeros = 25 * static_cast<int>(random.Below(5));
    for (auto& code : sample.codes) {
      const unsigned any = 1 + random.Below(kLargest[scale_]);
      code = static_cast<std::uint8_t>(random.Percent(zeros) ? 0 : any);
    }
    if (random.Percent(10)) sample.label = kNoClass;
    return sample;
  }

  std::string Where() {
    return "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) +
           " sample " + std::to_string(taken) + " of " + std::to_string(inputs_) +
           " codes, scale " + std::to_string(scale_);
  }

  int stall = 0, inputs_ = 0, outputs_ = 0, scale_ = 0;
  int rejected = 0, taken = 0;
  bool reject = false;
  std::vector<std::uint8_t> part;  // of the sample that comes in
  std::deque<Sample> ready;
  Bench<Vep_input_buffer> bench{kSeed};
  Random random{kSeed};
  StreamSource<Beat> source{bench->s_axis_tvalid_i, bench->s_axis_tready_o, [this](const Beat& b) {
                              bench->s_axis_tdata_i = b.data;
                              bench->s_axis_tlast_i = b.last;
                            }};
};

TEST_F(InputBufferTb, ZerosAreNotListed) {
  Send({{0, 7, 0, 0, 255, 1, 0, 9}, 3});
  EXPECT_EQ(bench->count_o, 4);
  CheckAndTake();
  Send({std::vector<std::uint8_t>(8, 0), 3});
  EXPECT_EQ(bench->count_o, 0);
  CheckAndTake();
}

// The largest sample fills the list; the other bank must not lose a word to it.
TEST_F(InputBufferTb, LargestSamplesFillBothBanks) {
  Shape(kMaxInputs, 10);
  for (int pair = 0; pair < 4; ++pair) {
    for (int i = 0; i < 2; ++i) {
      Sample sample{std::vector<std::uint8_t>(kMaxInputs), i};
      for (auto& code : sample.codes) code = static_cast<std::uint8_t>(1 + random.Below(255));
      Post(sample);
    }
    Send();
    ASSERT_EQ(bench->ready_count_o, 2);
    CheckAndTake();
    CheckAndTake();
    if (HasFatalFailure()) return;
  }
}

TEST_F(InputBufferTb, OneCodeIsASample) {
  Shape(1, 2);
  Send({{200}, 1});
  CheckAndTake();
  Reject({{}, 1});
  Reject({{200, 200}, 1});
}

// Only tready says so; the beat that waits goes into the bank that becomes free.
TEST_F(InputBufferTb, ThirdSampleWaits) {
  for (int i = 0; i < 3; ++i) Post(GoodSample());
  bench.Cycle(100);
  EXPECT_EQ(source.Waiting(), 9u);
  EXPECT_EQ(bench->s_axis_tready_o, 0);
  for (int i = 0; i < 3; ++i) CheckAndTake();
  EXPECT_EQ(rejected, 0);
}

TEST_F(InputBufferTb, NothingComesInUnlessEnabled) {
  bench->enable_i = 0;
  const Sample sample = GoodSample();
  Post(sample);
  bench.Cycle(20);
  EXPECT_EQ(source.Waiting(), 9u);
  // A sample may be interrupted anywhere.
  while (source.Waiting() != 0 && !HasFatalFailure()) {
    bench->enable_i = 1;
    bench.Cycle();
    bench->enable_i = 0;
    bench.Cycle(3);
  }
  CheckAndTake();
}

// Every length up to more than the counters hold twice; what is missing or too much is zero,
// nonzero, or looks like a class.
TEST_F(InputBufferTb, WrongLengthIsRejectedWhole) {
  for (const int inputs : {1, 8, 15, kMaxInputs}) {
    Shape(inputs, 10);
    for (int length = 0; length <= 70; ++length) {
      if (length == inputs) continue;
      for (const int code : {0, 1, 255}) {
        Reject({std::vector<std::uint8_t>(length, static_cast<std::uint8_t>(code)), 5});
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_F(InputBufferTb, ClassOutOfRangeIsRejectedWhole) {
  for (const int outputs : {1, 10, 128, 254}) {
    Shape(8, outputs);
    for (const int label : {outputs, outputs + 1, 253, 254}) {
      if (label < outputs || label > 254) continue;
      Sample bad = GoodSample();
      bad.label = label;
      Reject(bad);
      if (HasFatalFailure()) return;
    }
    for (const int label : {0, outputs - 1, kNoClass}) {
      Sample good = GoodSample();
      good.label = label;
      Send(good);
      ASSERT_EQ(bench->valid_o, 1) << label;
      ASSERT_EQ(bench->class_o, label);
      CheckAndTake();
      if (HasFatalFailure()) return;
    }
  }
}

// With 256 outputs or more, 255 is a class like the others.
TEST_F(InputBufferTb, AllClassesOfAByteAreTaken) {
  for (const int outputs : {256, 512, 1024, 2048, 4096, 8192, 16384, 32768}) {
    Shape(2, outputs);
    for (int label = 0; label < 256; ++label) {
      Send({{1, 2}, label});
      ASSERT_EQ(bench->class_o, label);
      CheckAndTake();
      if (HasFatalFailure()) return;
    }
  }
}

// Each place of the sample, the largest code of the scale and codes with one more bit. The class,
// which comes the same way, may be larger than a code.
TEST_F(InputBufferTb, CodeBeyondTheScaleIsRejectedWhole) {
  for (int scale = 1; scale < 4; ++scale) {
    SetScale(scale);
    const int largest = kLargest[scale];
    for (int place = 0; place < inputs_; ++place) {
      Sample sample = GoodSample();
      sample.codes[place] = static_cast<std::uint8_t>(largest);
      sample.label = 9;
      Send(sample);
      ASSERT_EQ(bench->valid_o, 1) << Where();
      CheckAndTake();
      if (HasFatalFailure()) return;
      for (const int code : {largest + 1, 16, 128, 255}) {
        sample.codes[place] = static_cast<std::uint8_t>(code);
        Reject(sample);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_F(InputBufferTb, EveryCodeIsTakenWithScaleOne) {
  for (int code = 0; code < 256; ++code) {
    Send({std::vector<std::uint8_t>(8, static_cast<std::uint8_t>(code)), 0});
    ASSERT_EQ(bench->count_o, code == 0 ? 0 : 8);
    CheckAndTake();
    if (HasFatalFailure()) return;
  }
}

// Bad samples that come while a good one waits or is walked leave it as it is.
TEST_F(InputBufferTb, BadSampleDoesNotTouchTheOtherBank) {
  Send({{1, 2, 3, 4, 5, 6, 7, 8}, 1});
  Send({{9, 9, 9}, 1});
  Send({std::vector<std::uint8_t>(30, 9), 1});
  Send({std::vector<std::uint8_t>(8, 9), 10});
  EXPECT_EQ(rejected, 3);
  EXPECT_EQ(bench->ready_count_o, 1);
  CheckAndTake();
  EXPECT_EQ(bench->ready_count_o, 0);
}

// After each number of beats: amid a sample, with none, one and two that wait, and in the cycle of
// a class. Codes beyond the scale are among the beats, and must not be remembered either.
TEST_F(InputBufferTb, ClearAndResetDropEverything) {
  SetScale(1);
  for (int beats = 0; beats < 30; ++beats) {
    for (const bool hard : {false, true}) {
      Post(GoodSample());
      Post({std::vector<std::uint8_t>(8, 16), 0});
      for (int i = 0; i < 2; ++i) Post(GoodSample());
      bench.Cycle(beats);
      if (hard) {
        bench.Reset();
        Forget();
      } else {
        bench->clear_i = 1;
        bench.Cycle();
        bench->clear_i = 0;
      }
      source.Clear();
      bench->s_axis_tvalid_i = 0;
      bench.Cycle();
      ASSERT_EQ(bench->ready_count_o, 0) << "after " << beats << " beats";
      Send(GoodSample());
      CheckAndTake();
      if (HasFatalFailure()) return;
    }
  }
}

// Four fifths good samples, the others bad in each way, of each scale and many shapes, which change
// only while the block is empty. Beats come in 25 to 100 % of the cycles, samples are taken early
// or late, so that none, one or both banks are full.
TEST_F(InputBufferTb, RandomSamplesWithGapsMatchModel) {
  for (int run = 0; run < 60; ++run) {
    SetScale(run % 4);
    Shape(1 + static_cast<int>(random.Below(kMaxInputs)), 1 + static_cast<int>(random.Below(40)));
    stall = 25 * static_cast<int>(random.Below(4));
    const int before = rejected;
    int good = 0, bad = 0;
    for (int i = 0; i < 40; ++i) {
      Sample sample = GoodSample();
      if (random.Percent(20)) {
        const auto kind = random.Below(4);
        if (kind == 0) sample.codes.resize(random.Below(inputs_));
        if (kind == 1) sample.codes.resize(inputs_ + 1 + random.Below(40));
        if (kind == 2) sample.codes[random.Below(inputs_)] = random.Bits() & 255u;
        if (kind == 3) sample.label = static_cast<int>(random.Below(256));
      }
      ++(Good(sample) ? good : bad);
      Post(sample);
    }
    const int eager = 1 + static_cast<int>(random.Below(60));
    for (; good > 0; --good) {
      bench.Cycle(1 + static_cast<int>(random.Below(eager)));
      CheckAndTake();
      if (HasFatalFailure()) return;
    }
    Send();
    ASSERT_EQ(rejected, before + bad) << Where();
    ASSERT_TRUE(ready.empty());
  }
  EXPECT_GT(rejected, 200);
  EXPECT_GT(taken, 1500);
}

}  // namespace
}  // namespace ep::tb
