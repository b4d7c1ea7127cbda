// SPDX-License-Identifier: Apache-2.0

#include "model/sense/sense.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace ep::model {
namespace {

// Every pattern of cells at every width: the value of two's complement, -W - 1 included.
TEST(SenseTest, EveryPatternIsSignExtended) {
  for (int bits = 2; bits <= 8; ++bits) {
    Array array(1 << bits, 8);
    Sense sense(array, 8, bits, {});
    for (int pattern = 0; pattern < 1 << bits; ++pattern) {
      Cells mask{};
      mask[0] = mask[7] = static_cast<std::uint8_t>(pattern);
      array.Pulse(pattern, true, mask);
    }
    for (int pattern = 0; pattern < 1 << bits; ++pattern) {
      const RowWord& word = sense.Read(pattern, 8);
      const int expected = pattern >= 1 << (bits - 1) ? pattern - (1 << bits) : pattern;
      EXPECT_EQ(word[0], expected) << bits << " bits";
      EXPECT_EQ(word[7], expected) << bits << " bits";
      EXPECT_EQ(word[1], 0);
      EXPECT_EQ(word[8], 0);  // beyond the lanes
    }
  }
}

// Answers each sense with the next of its script: cells of lane 0, late cells of lanes 0 and 1.
class Script final : public ArrayPort {
 public:
  struct Answer {
    std::uint8_t cells, late, other_late;
  };
  explicit Script(std::vector<Answer> answers) : answers_(std::move(answers)) {}
  void Sense(std::uint32_t, int cycles, Cells& cells, Cells& late) override {
    EXPECT_EQ(cycles, 3);
    const Answer answer = answers_.at(asked++);
    cells = {answer.cells};
    late = {answer.late, answer.other_late};
  }
  int StartPulse(std::uint32_t, bool, const Cells&, int) override { return 0; }
  void EndPulse(int) override {}

  std::size_t asked = 0;

 private:
  std::vector<Answer> answers_;
};

struct Read {
  int word, senses, late;
  bool operator==(const Read&) const = default;
};

Read ReadScript(LatePolicy policy, std::vector<Script::Answer> answers, int population = 1) {
  Script script(std::move(answers));
  Sense sense(script, 2, 8, {.sense = 3, .late = policy, .re_reads = 2});
  const RowWord& word = sense.Read(0, population);
  EXPECT_EQ(static_cast<int>(script.asked), sense.report().senses);
  return {word[0], sense.report().senses, sense.report().late};
}

TEST(SenseTest, KeepTakesWhatIsThere) {
  EXPECT_EQ(ReadScript(LatePolicy::kKeep, {{5, 1, 0}}), (Read{5, 1, 1}));
}

TEST(SenseTest, ReReadTakesTheFirstThatIsInTimeOrTheLast) {
  EXPECT_EQ(ReadScript(LatePolicy::kReRead, {{5, 0, 0}}), (Read{5, 1, 0}));
  EXPECT_EQ(ReadScript(LatePolicy::kReRead, {{5, 1, 0}, {6, 0, 0}}), (Read{6, 2, 1}));
  EXPECT_EQ(ReadScript(LatePolicy::kReRead, {{5, 1, 0}, {6, 2, 0}, {7, 4, 0}}), (Read{7, 3, 3}));
}

TEST(SenseTest, VoteTakesTheMajorityOfEachCell) {
  EXPECT_EQ(ReadScript(LatePolicy::kVote, {{9, 0, 0}}), (Read{9, 1, 0}));
  // 0011, 0101, 0110 give 0111.
  EXPECT_EQ(ReadScript(LatePolicy::kVote, {{3, 8, 0}, {5, 0, 0}, {6, 0, 0}}), (Read{7, 3, 1}));
  EXPECT_EQ(ReadScript(LatePolicy::kVoteAlways, {{3, 0, 0}, {5, 1, 0}, {6, 0, 0}}),
            (Read{7, 3, 1}));
}

// A cell is weak where a sense is late in it or differs from the first, whatever the policy.
TEST(SenseTest, ScrubVotesAndFindsWeakCells) {
  struct Case {
    std::vector<Script::Answer> answers;
    int word, weak;
  };
  const std::vector<Case> cases = {
      {{{5, 0, 0}, {5, 0, 0}, {5, 0, 0}}, 5, 0}, {{{5, 8, 0}, {5, 0, 0}, {5, 0, 0}}, 5, 8},
      {{{5, 0, 0}, {5, 2, 0}, {5, 1, 0}}, 5, 3}, {{{5, 0, 0}, {4, 0, 0}, {5, 0, 0}}, 5, 1},
      {{{5, 0, 0}, {5, 0, 0}, {7, 0, 0}}, 5, 2}, {{{3, 0, 0}, {5, 0, 0}, {6, 0, 0}}, 7, 7},
      {{{5, 0, 9}, {5, 0, 9}, {5, 0, 9}}, 5, 0}};  // beyond it
  for (const LatePolicy policy : {LatePolicy::kKeep, LatePolicy::kReRead}) {
    for (const Case& expected : cases) {
      Script script(expected.answers);
      Sense sense(script, 2, 8, {.sense = 3, .late = policy});
      Cells weak{};
      EXPECT_EQ(sense.Scrub(0, 1, weak)[0], expected.word);
      EXPECT_EQ(weak[0], expected.weak);
      EXPECT_EQ(weak[1], 0);
      EXPECT_EQ(script.asked, 3U);
    }
  }
}

TEST(SenseTest, LatenessBeyondThePopulationCountsNothing) {
  EXPECT_EQ(ReadScript(LatePolicy::kReRead, {{5, 0, 1}}), (Read{5, 1, 0}));
  EXPECT_EQ(ReadScript(LatePolicy::kReRead, {{5, 0, 1}, {6, 0, 0}}, 2), (Read{6, 2, 1}));
}

TEST(SenseTest, LatenessOfCellsNotDrivenCountsNothingInAVerify) {
  Script script({{5, 2, 0}, {5, 1, 0}, {6, 0, 0}});
  Sense sense(script, 2, 8, {.sense = 3, .late = LatePolicy::kReRead});
  EXPECT_EQ(sense.Verify(0, {0x01})[0], 5);
  EXPECT_EQ(sense.Verify(0, {0x01})[0], 6);
}

}  // namespace
}  // namespace ep::model
