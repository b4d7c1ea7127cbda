// SPDX-License-Identifier: Apache-2.0
//
// ep_axi_lite between a random master and a register file made of what was written.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "Vep_axi_lite.h"
#include "tb/common/axi_lite.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kError = 0x800;  // the register file refuses addresses from here on

struct Access {
  bool write = false;
  std::uint32_t address = 0, data = 0;
  bool operator==(const Access&) const = default;
};

// What the adapter has to make of an access by itself.
bool Malformed(std::uint32_t address, bool write, std::uint32_t strobes) {
  return address % 4 != 0 || (write && strobes != 0xF);
}

class AxiLiteTb : public ::testing::Test {
 protected:
  AxiLiteTb() {
    bench->err_i = 0;
    bench->rd_data_i = 0;
    bus.on_error = [](const std::string& what) { ADD_FAILURE() << what; };
    bench.OnCycle([this] { bus.Drive(); }, [this] { Sample(); });
    bus.Drive();
    bench.Reset();
  }

  void Cycle() { bench.Cycle(); }

  // Answers the adapter in the same cycle, then looks at what it did.
  void Sample() {
    if (bench->req_o) {
      const Access access{static_cast<bool>(bench->req_is_wr_o), bench->addr_o,
                          bench->req_is_wr_o ? bench->wr_data_o : 0};
      bench->err_i = access.address >= kError;
      bench->rd_data_i = access.write ? random.Bits() : memory[access.address / 4];
      bench.Dut().eval();
      requests.push_back(access);
      request_cycles.push_back(bench.CycleCount());
      if (access.write && !bench->err_i) memory[access.address / 4] = access.data;
      if (!access.write) read_data.push_back(bench->err_i ? 0 : bench->rd_data_i);
    } else {
      bench->err_i = random.Bits() & 1u;  // noise
      bench->rd_data_i = random.Bits();
      bench.Dut().eval();
    }
    if (bench->bus_error_o) ++errors;
    bus.Sample();
  }

  Random random{3};
  Bench<Vep_axi_lite> bench{3};
  AxiLiteMaster<Vep_axi_lite> bus{bench.Dut(), random};
  std::array<std::uint32_t, 1024> memory{};
  std::vector<Access> requests;
  std::vector<std::uint64_t> request_cycles;
  std::vector<std::uint32_t> read_data;  // that the requests for reads were given
  int errors = 0;
};

TEST_F(AxiLiteTb, QuietAfterReset) {
  EXPECT_EQ(bench->s_axil_bvalid_o, 0);
  EXPECT_EQ(bench->s_axil_rvalid_o, 0);
  EXPECT_EQ(bench->req_o, 0);
}

TEST_F(AxiLiteTb, WritesAndReads) {
  EXPECT_TRUE(bus.Write(0x7FC, 0xDEADBEEF, [this] { Cycle(); }).okay);
  const AxiLiteResponse read = bus.Read(0x7FC, [this] { Cycle(); });
  EXPECT_TRUE(read.okay);
  EXPECT_EQ(read.data, 0xDEADBEEF);
  EXPECT_EQ(requests, (std::vector<Access>{{true, 0x7FC, 0xDEADBEEF}, {false, 0x7FC, 0}}));
  EXPECT_EQ(errors, 0);
}

// What the register file refuses is an error, and its data does not reach the host.
TEST_F(AxiLiteTb, RefusalGivesSlverr) {
  memory[kError / 4] = 0x12345678;
  EXPECT_FALSE(bus.Write(kError, 1, [this] { Cycle(); }).okay);
  const AxiLiteResponse read = bus.Read(kError, [this] { Cycle(); });
  EXPECT_FALSE(read.okay);
  EXPECT_EQ(read.data, 0u);
  EXPECT_EQ(errors, 2);
}

// All offsets in a word, all strobes: only aligned whole words reach the register file.
TEST_F(AxiLiteTb, MalformedAccessIsNotPassedOn) {
  int expected = 0;
  for (std::uint32_t offset = 0; offset < 4; ++offset) {
    for (std::uint32_t strobes = 0; strobes < 16; ++strobes) {
      const bool okay = !Malformed(offset, true, strobes);
      EXPECT_EQ(bus.Write(0x40 + offset, 5, [this] { Cycle(); }, strobes).okay, okay);
      if (!okay) ++expected;
    }
    EXPECT_EQ(bus.Read(0x40 + offset, [this] { Cycle(); }).okay, offset == 0);
    if (offset != 0) ++expected;
  }
  EXPECT_EQ(requests, (std::vector<Access>{{true, 0x40, 5}, {false, 0x40, 0}}));
  EXPECT_EQ(errors, expected);
}

// Address long before data, and data long before address.
TEST_F(AxiLiteTb, AddressAndDataComeInAnyOrder) {
  for (const AxiLiteStalls& stalls : {AxiLiteStalls{.aw = 95}, AxiLiteStalls{.w = 95}}) {
    bus.stalls = stalls;
    for (std::uint32_t i = 0; i < 20; ++i) {
      EXPECT_TRUE(bus.Write(4 * i, i + 100, [this] { Cycle(); }).okay);
      EXPECT_EQ(memory[i], i + 100);
    }
  }
}

// A write waits for its response to be taken, a read does not wait for a write's response, nor the
// other way round.
TEST_F(AxiLiteTb, DirectionsDoNotBlockEachOther) {
  bus.stalls = {.b = 100};
  bus.PostWrite(0, 1);
  bus.PostWrite(4, 2);
  for (int i = 0; i < 20; ++i) bus.PostRead(0);
  bench.Cycle(60);
  EXPECT_EQ(bus.Reads().size(), 20u);
  EXPECT_EQ(memory[1], 0u);
  bus.stalls = {.r = 100};
  bus.PostRead(0);
  bench.Cycle(5);
  for (std::uint32_t i = 0; i < 20; ++i) bus.PostWrite(4 * i, i);
  bench.Cycle(60);
  EXPECT_EQ(bus.Writes().size(), 22u);
  EXPECT_EQ(bus.Reads().size(), 20u);
}

TEST_F(AxiLiteTb, DirectionsTakeTurns) {
  for (std::uint32_t i = 0; i < 50; ++i) {
    bus.PostWrite(4 * i, i);
    bus.PostRead(4 * i);
  }
  bench.Cycle(210);
  ASSERT_EQ(requests.size(), 100u);
  for (std::size_t i = 1; i < requests.size(); ++i) {
    EXPECT_NE(requests[i].write, requests[i - 1].write);
    EXPECT_EQ(request_cycles[i] - request_cycles[i - 1], 2u) << "one access every 2 cycles";
  }
}

TEST_F(AxiLiteTb, OneDirectionAloneGoesEverySecondCycle) {
  for (std::uint32_t i = 0; i < 50; ++i) bus.PostRead(4 * i);
  bench.Cycle(102);
  ASSERT_EQ(requests.size(), 50u);
  EXPECT_EQ(request_cycles.back() - request_cycles.front(), 98u);
}

// Every output to the host is the same whatever the host does in this cycle.
TEST_F(AxiLiteTb, NoPathFromHostToHost) {
  bus.stalls = AxiLiteStalls::All(30);
  const auto outputs = [this] {
    const Vep_axi_lite& top = bench.Dut();
    return std::vector<std::uint32_t>{
        top.s_axil_awready_o, top.s_axil_wready_o, top.s_axil_arready_o, top.s_axil_bvalid_o,
        top.s_axil_bresp_o,   top.s_axil_rvalid_o, top.s_axil_rresp_o,   top.s_axil_rdata_o};
  };
  for (int cycle = 0; cycle < 500; ++cycle) {
    if (bus.Open() < 4) {
      bus.PostWrite(random.Bits() & 0xFFCu, random.Bits());
      bus.PostRead(random.Bits() & 0xFFCu);
    }
    bench->s_axil_awvalid_i = 0;
    bench->s_axil_wvalid_i = 0;
    bench->s_axil_arvalid_i = 0;
    bench->s_axil_bready_i = 0;
    bench->s_axil_rready_i = 0;
    bench.Dut().eval();
    const auto quiet = outputs();
    bench->s_axil_awvalid_i = 1;
    bench->s_axil_wvalid_i = 1;
    bench->s_axil_arvalid_i = 1;
    bench->s_axil_bready_i = 1;
    bench->s_axil_rready_i = 1;
    bench->s_axil_awaddr_i = random.Bits() & 0xFFFu;
    bench->s_axil_araddr_i = random.Bits() & 0xFFFu;
    bench->s_axil_wdata_i = random.Bits();
    bench->s_axil_wstrb_i = random.Bits() & 0xFu;
    bench.Dut().eval();
    EXPECT_EQ(outputs(), quiet) << "cycle " << cycle;
    bench.Cycle();
  }
}

TEST_F(AxiLiteTb, ResetDropsResponses) {
  bus.stalls = {.b = 100, .r = 100};
  bus.PostWrite(0, 1);
  bus.PostRead(0);
  bench.Cycle(10);
  EXPECT_EQ(bench->s_axil_bvalid_o, 1);
  EXPECT_EQ(bench->s_axil_rvalid_o, 1);
  bench.Reset();
  EXPECT_EQ(bench->s_axil_bvalid_o, 0);
  EXPECT_EQ(bench->s_axil_rvalid_o, 0);
}

// Both directions at once with 0 to 90 % stalls on each of the five channels: each access reaches
// the register file once, in order, and is answered with what it said. Addresses are misaligned in
// one access of 8 and refused by the register file in one of 4; strobes are missing in one of 8.
TEST_F(AxiLiteTb, RandomAccessesInOrder) {
  for (int round = 0; round < 20; ++round) {
    for (int* stall :
         {&bus.stalls.aw, &bus.stalls.w, &bus.stalls.b, &bus.stalls.ar, &bus.stalls.r}) {
      *stall = static_cast<int>(random.Below(10)) * 10;
    }
    requests.clear();
    read_data.clear();
    errors = 0;
    std::deque<Access> writes, reads;  // what should reach the register file
    std::vector<bool> write_okay, read_okay, read_presented;
    int expected_errors = 0;
    for (int i = 0; i < 200; ++i) {
      const std::uint32_t address =
          (random.Bits() & (random.Percent(25) ? 0xFFCu : 0x7FCu)) | (random.Percent(12) ? 2u : 0u);
      const std::uint32_t strobes = random.Percent(12) ? random.Bits() & 0xFu : 0xF;
      const bool write = random.Bits() & 1u;
      const bool malformed = Malformed(address, write, strobes);
      const bool okay = !malformed && address < kError;
      if (!okay) ++expected_errors;
      const std::uint32_t data = random.Bits();
      if (write) {
        bus.PostWrite(address, data, strobes);
        write_okay.push_back(okay);
        if (!malformed) writes.push_back({true, address, data});
      } else {
        bus.PostRead(address);
        read_okay.push_back(okay);
        read_presented.push_back(!malformed);
        if (!malformed) reads.push_back({false, address, 0});
      }
    }
    bus.Writes().clear();
    bus.Reads().clear();
    for (int i = 0; i < 20000 && bus.Open() > 0; ++i) bench.Cycle();
    ASSERT_EQ(bus.Open(), 0);
    ASSERT_EQ(bus.Writes().size(), write_okay.size());
    ASSERT_EQ(bus.Reads().size(), read_okay.size());
    for (std::size_t i = 0; i < write_okay.size(); ++i) {
      EXPECT_EQ(bus.Writes()[i].okay, write_okay[i]) << "write " << i << " of round " << round;
    }
    for (std::size_t i = 0, presented = 0; i < read_okay.size(); ++i) {
      const std::uint32_t data = read_presented[i] ? read_data.at(presented++) : 0;
      EXPECT_EQ(bus.Reads()[i].okay, read_okay[i]) << "read " << i << " of round " << round;
      EXPECT_EQ(bus.Reads()[i].data, data) << "read " << i << " of round " << round;
    }
    for (const Access& access : requests) {
      auto& expected = access.write ? writes : reads;
      ASSERT_FALSE(expected.empty());
      EXPECT_EQ(access, expected.front());
      expected.pop_front();
    }
    EXPECT_TRUE(writes.empty() && reads.empty());
    EXPECT_EQ(errors, expected_errors);
  }
}

}  // namespace
}  // namespace ep::tb
