// SPDX-License-Identifier: Apache-2.0
//
// ep_ram against an array: 24 words, not a power of two, of 40 bits.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "Vep_ram.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 42;
constexpr int kDepth = 24;
constexpr std::uint64_t kOnes = (std::uint64_t{1} << 40) - 1;

class RamTb : public ::testing::Test {
 protected:
  RamTb() {
    bench->we_i = 0;
    bench->re_i = 1;
    bench->raddr_i = 0;
  }

  // One cycle with a read, and a write where `write` is set.
  void Cycle(int read, bool write, int address, std::uint64_t word) {
    bench->raddr_i = static_cast<std::uint8_t>(read);
    bench->we_i = write;
    bench->waddr_i = static_cast<std::uint8_t>(address);
    bench->wdata_i = word & kOnes;
    bench.Cycle();
  }
  void Write(int address, std::uint64_t word) { Cycle(address, true, address, word); }
  std::uint64_t Read(int address) {
    Cycle(address, false, address, ~words[address]);
    return bench->rdata_o;
  }
  std::uint64_t Word() { return (std::uint64_t{random.Bits()} << 32 | random.Bits()) & kOnes; }

  Bench<Vep_ram> bench{kSeed};
  Random random{kSeed};
  std::array<std::uint64_t, kDepth> words{};
};

// All words are written before the first is read, so that no two share a place; then their
// complements.
TEST_F(RamTb, EveryWordKeepsEveryBit) {
  for (int pass = 0; pass < 2; ++pass) {
    for (int i = 0; i < kDepth; ++i) {
      words[i] = pass == 0 ? Word() : words[i] ^ kOnes;
      Write(i, words[i]);
    }
    for (int i = 0; i < kDepth; ++i) ASSERT_EQ(Read(i), words[i]) << "word " << i;
  }
}

TEST_F(RamTb, ZeroAndOnesAreKept) {
  for (const int i : {0, kDepth - 1}) {
    for (const std::uint64_t word : {kOnes, std::uint64_t{0}, kOnes}) {
      Write(i, word);
      EXPECT_EQ(Read(i), word);
    }
  }
}

TEST_F(RamTb, ReadDuringItsOwnWriteIsTheOldWord) {
  Write(5, 111);
  Cycle(5, true, 5, 222);
  EXPECT_EQ(bench->rdata_o, 111u);
  Cycle(5, true, 5, 333);
  EXPECT_EQ(bench->rdata_o, 222u);
  EXPECT_EQ(Read(5), 333u);
}

// The address may change in the cycle of the answer, which stays until the next edge.
TEST_F(RamTb, AnswerBelongsToTheAddressBefore) {
  Write(1, 10);
  Write(2, 20);
  Cycle(1, false, 0, 0);
  bench->raddr_i = 2;
  bench.Dut().eval();
  EXPECT_EQ(bench->rdata_o, 10u);
  bench.Cycle();
  EXPECT_EQ(bench->rdata_o, 20u);
}

// Without a read the answer stays, even while its word is written.
TEST_F(RamTb, AnswerStaysWithoutARead) {
  Write(1, 10);
  Write(2, 20);
  Cycle(1, false, 0, 0);
  bench->re_i = 0;
  Cycle(2, true, 1, 30);
  EXPECT_EQ(bench->rdata_o, 10u);
  Cycle(1, false, 1, 0);
  EXPECT_EQ(bench->rdata_o, 10u);
  bench->re_i = 1;
  EXPECT_EQ(Read(1), 30u);
}

// A read and, in half of the cycles, a write; in a quarter of those to the word that is read.
TEST_F(RamTb, RandomAccessesMatchAnArray) {
  for (int i = 0; i < kDepth; ++i) {
    words[i] = Word();
    Write(i, words[i]);
  }
  for (int cycle = 0; cycle < 20000; ++cycle) {
    const int read = static_cast<int>(random.Below(kDepth));
    const int write = random.Percent(25) ? read : static_cast<int>(random.Below(kDepth));
    const bool enable = random.Percent(50);
    const std::uint64_t word = Word();
    Cycle(read, enable, write, word);
    ASSERT_EQ(bench->rdata_o, words[read])
        << "seed " << kSeed << " cycle " << cycle << " read " << read << " write " << write;
    if (enable) words[write] = word;
  }
}

}  // namespace
}  // namespace ep::tb
