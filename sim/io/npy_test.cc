// SPDX-License-Identifier: Apache-2.0

#include "sim/io/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHeader[] = "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }";

// A file with this header and six weights.
std::string File(const std::string& header, const std::string& data = "abcdef") {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() + 1);
  bytes += '\0';
  return bytes + header + "\n" + data;
}

class NpyTest : public ::testing::Test {
 protected:
  std::string ErrorFor(const std::string& bytes) {
    Put(file_, bytes);
    return ErrorOf([&] { ReadNpy(file_, 2, 3, 127); });
  }

  TempFolder folder_;
  std::string file_ = folder_ / "w0.npy";
};

TEST_F(NpyTest, WrittenFilesAreAlignedAndReadBack) {
  const std::vector<std::int8_t> values = {-127, 0, 127, 1, -1, 5};
  const std::string bytes = FormatNpy(values, 2, 3);
  EXPECT_EQ(bytes.size(), 128U + 6U);  // numpy aligns data to 64 bytes
  EXPECT_EQ(bytes[127], '\n');
  Put(file_, bytes);
  EXPECT_EQ(ReadNpy(file_, 2, 3, 127), values);
}

TEST_F(NpyTest, ForeignHeadersAreUnderstood) {
  Put(file_, File("{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"|i1\"}"));
  EXPECT_THAT(ReadNpy(file_, 2, 3, 127), ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
}

TEST_F(NpyTest, EachFaultIsNamed) {
  EXPECT_THAT(ErrorFor("PK\x03\x04"), HasSubstr("is not an .npy file"));
  EXPECT_THAT(ErrorFor(""), HasSubstr("is not an .npy file"));
  EXPECT_THAT(ErrorFor(File(kHeader).substr(0, 9)), HasSubstr("truncated inside its header"));
  EXPECT_THAT(ErrorFor(File(kHeader).substr(0, 30)), HasSubstr("truncated inside its header"));
  std::string version = File(kHeader);
  version[6] = 2;
  EXPECT_THAT(ErrorFor(version), HasSubstr("version is 2.0: must be 1.0"));
  EXPECT_THAT(ErrorFor(File("{'descr': '|i1'}")), HasSubstr("header is damaged"));
  EXPECT_THAT(ErrorFor(File("not a dictionary")), HasSubstr("header is damaged"));
  EXPECT_THAT(ErrorFor(File("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }")),
              HasSubstr("w0.npy: dtype is '<f4': must be int8"));
  EXPECT_THAT(ErrorFor(File("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }")),
              HasSubstr("dtype is '|u1'"));
  EXPECT_THAT(ErrorFor(File("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }")),
              HasSubstr("fortran_order is True: must be False"));
  EXPECT_THAT(ErrorFor(File("{'descr': '|i1', 'fortran_order': False, 'shape': (3, 2), }")),
              HasSubstr("shape is (3,2): this network needs (2,3)"));
  EXPECT_THAT(ErrorFor(File("{'descr': '|i1', 'fortran_order': False, 'shape': (6,), }")),
              HasSubstr("shape is (6,)"));
  EXPECT_THAT(ErrorFor(File(kHeader, "abcde")), HasSubstr("holds 5 weights"));
  EXPECT_THAT(ErrorFor(File(kHeader, "abcde")), HasSubstr("truncated"));
  EXPECT_THAT(ErrorFor(File(kHeader, "abcdefg")), HasSubstr("too long"));
  EXPECT_THAT(ErrorFor(File(kHeader, "abcd\x80g")),
              HasSubstr("weight [1, 1] is -128: must be -127..127"));
}

TEST_F(NpyTest, SmallerWeightsHaveASmallerRange) {
  Put(file_, FormatNpy(std::vector<std::int8_t>{32}, 1, 1));
  EXPECT_THAT(ErrorOf([&] { ReadNpy(file_, 1, 1, 31); }), HasSubstr("is 32: must be -31..31"));
}

}  // namespace
}  // namespace ep::sim
