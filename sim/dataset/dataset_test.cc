// SPDX-License-Identifier: Apache-2.0

#include "sim/dataset/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <zlib.h>

#include "sim/dataset/idx.h"
#include "sim/dataset/locate.h"
#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DatasetTest : public ::testing::Test {
 protected:
  DatasetTest() {
    unsetenv("EQUISPIN_DATA");
    PutSmallIdx(folder_.Path() / "idx");
  }

  std::string File(const std::string& name) const { return folder_ / ("idx/" + name); }
  std::string LoadError(const std::string& text, const std::string& data_dir = "") {
    const Experiment experiment = ParseExperiment(text, folder_ / "net.toml");
    return ErrorOf([&] { LoadDataset(experiment, data_dir); });
  }

  TempFolder folder_;
};

TEST_F(DatasetTest, AFolderOfIdxFilesLoads) {
  const Experiment experiment = ParseExperiment(SmallNetwork("idx"), folder_ / "net.toml");
  const Dataset dataset = LoadDataset(experiment, "");
  EXPECT_EQ(dataset.train.Count(), 60);
  EXPECT_EQ(dataset.test.Count(), 20);
  EXPECT_EQ(dataset.train.inputs, 16);
  EXPECT_EQ(dataset.train.labels[4], 1);
}

TEST_F(DatasetTest, PackedFilesAndDotsInNamesAreFound) {
  const std::string file = File("train-images-idx3-ubyte");
  const std::string bytes = Get(file);
  gzFile packed = gzopen((file + ".gz").c_str(), "wb");
  gzwrite(packed, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(packed);
  std::filesystem::remove(file);
  std::filesystem::rename(File("t10k-labels-idx1-ubyte"), File("t10k-labels.idx1-ubyte"));
  EXPECT_EQ(ReadIdx(folder_ / "idx").train.Count(), 60);
}

TEST_F(DatasetTest, ChecksumsTellDataApart) {
  const Experiment experiment = ParseExperiment(SmallNetwork("idx"), folder_ / "net.toml");
  Dataset dataset = LoadDataset(experiment, "");
  const std::string before = DatasetChecksum(dataset);
  dataset.test.labels[3] ^= 1;
  EXPECT_NE(DatasetChecksum(dataset), before);
}

TEST_F(DatasetTest, DamagedIdxFilesAreNamed) {
  const auto error = [&] { return ErrorOf([&] { ReadIdx(folder_ / "idx"); }); };
  const std::string images = File("train-images-idx3-ubyte");
  const std::string good = Get(images);
  Put(images, good.substr(0, good.size() - 1));
  EXPECT_THAT(error(),
              AllOf(HasSubstr("train-images-idx3-ubyte holds 959 bytes of data, its header "
                              "says 960"),
                    HasSubstr("truncated")));
  Put(images, good + "x");
  EXPECT_THAT(error(), HasSubstr("too long"));
  Put(images, good.substr(0, 10));
  EXPECT_THAT(error(), HasSubstr("truncated inside its header"));
  Put(images, "");
  EXPECT_THAT(error(), HasSubstr("truncated inside its header"));
  Put(images, "<html>not found");
  EXPECT_THAT(error(), HasSubstr("an IDX file of 3 sizes starts with 00000803"));
  Put(images, IdxBytes({1, 0xffffffff, 0xffffffff}, {}));
  EXPECT_THAT(error(), HasSubstr("the header is damaged"));
  Put(images, good);
  Put(File("train-labels-idx1-ubyte"), IdxBytes({2}, {0, 1}));
  EXPECT_THAT(error(), AllOf(HasSubstr("holds 60 images"), HasSubstr("holds 2 labels")));
  std::filesystem::remove(File("train-labels-idx1-ubyte"));
  EXPECT_THAT(error(), HasSubstr("has no train-labels-idx1-ubyte (nor .gz)"));
}

TEST_F(DatasetTest, TestImagesHaveTheSizeOfTrainingImages) {
  Put(File("t10k-images-idx3-ubyte"), IdxBytes({1, 2, 2}, {1, 2, 3, 4}));
  Put(File("t10k-labels-idx1-ubyte"), IdxBytes({1}, {0}));
  EXPECT_THAT(ErrorOf([&] { ReadIdx(folder_ / "idx"); }),
              HasSubstr("training images are 4x4, test images 2x2"));
}

TEST_F(DatasetTest, DataThatDoesNotFitTheNetworkIsRefused) {
  EXPECT_THAT(
      LoadError("[data]\nset = \"idx\"\n[network]\npopulations = [15, 3]\n[[projection]]\n"),
      HasSubstr("populations[0] is 15, but an image"));
  EXPECT_THAT(
      LoadError("[data]\nset = \"idx\"\n[network]\npopulations = [16, 2]\n[[projection]]\n"),
      AllOf(HasSubstr("training image 2 has class 2"), HasSubstr("at least 3")));
}

TEST_F(DatasetTest, WhereDataWasLookedForIsTold) {
  EXPECT_THAT(LoadError(SmallNetwork("none")),
              AllOf(HasSubstr("not found"), HasSubstr("none"), HasSubstr("--data")));
  EXPECT_THAT(ErrorOf([&] { FindData("mnist", folder_ / "idx2"); }),
              AllOf(HasSubstr("idx2"), HasSubstr("make mnist")));
  EXPECT_THAT(ErrorOf([&] { FindData("digits", folder_ / "idx"); }), HasSubstr("digits.csv.gz"));
}

TEST_F(DatasetTest, TheOptionWinsOverTheVariable) {
  setenv("EQUISPIN_DATA", (folder_ / "idx").c_str(), 1);
  EXPECT_EQ(FindData("mnist", ""), folder_ / "idx");
  PutSmallIdx(folder_.Path() / "other");
  EXPECT_EQ(FindData("mnist", folder_ / "other"), folder_ / "other");
  EXPECT_EQ(FindData(folder_ / "other", ""), folder_ / "other");
  // A variable that points to other data does not hide what comes with the program.
  EXPECT_NE(FindData("digits", ""), folder_ / "idx");
  unsetenv("EQUISPIN_DATA");
}

TEST_F(DatasetTest, UnknownNetworksNameAnExample) {
  EXPECT_THAT(ErrorOf([] { FindNetwork("nothing"); }), HasSubstr("sim/nets/digits-128.toml"));
}

TEST_F(DatasetTest, ValidationHoldsTheLastTrainingImagesOut) {
  Experiment experiment = ParseExperiment(SmallNetwork("idx"), folder_ / "net.toml");
  const Dataset whole = LoadDataset(experiment, "");
  experiment.data.validation = 25;
  const Dataset part = LoadDataset(experiment, "");
  ASSERT_EQ(part.train.Count(), 35);
  ASSERT_EQ(part.test.Count(), 25);
  std::vector<std::uint8_t> codes = part.train.codes;
  codes.insert(codes.end(), part.test.codes.begin(), part.test.codes.end());
  EXPECT_EQ(codes, whole.train.codes);
  std::vector<std::uint8_t> labels = part.train.labels;
  labels.insert(labels.end(), part.test.labels.begin(), part.test.labels.end());
  EXPECT_EQ(labels, whole.train.labels);
  EXPECT_NE(DatasetChecksum(part), DatasetChecksum(whole));
  experiment.data.validation = 60;
  EXPECT_THAT(ErrorOf([&] { LoadDataset(experiment, ""); }),
              HasSubstr("data.validation is 60, but there are 60 training images"));
}

TEST_F(DatasetTest, ShiftsKeepTheImages) {
  Experiment experiment = ParseExperiment(SmallNetwork("idx"), folder_ / "net.toml");
  EXPECT_EQ(LoadDataset(experiment, "").train_images.Count(), 0);
  experiment.data.shift = 3;
  experiment.data.validation = 10;
  EXPECT_EQ(LoadDataset(experiment, "").train_images.Count(), 50);
  experiment.data.shift = 4;
  EXPECT_THAT(ErrorOf([&] { LoadDataset(experiment, ""); }),
              HasSubstr("data.shift is 4, but images are 4x4"));
}

TEST_F(DatasetTest, FashionMnistIsNotTakenForMnist) {
  setenv("EQUISPIN_DATA", (folder_ / "idx").c_str(), 1);
  const std::string error =
      ErrorOf([&] { EXPECT_NE(FindData("fashion-mnist", ""), folder_ / "idx"); });
  if (!error.empty()) {
    EXPECT_THAT(error, HasSubstr("dataset-fashion-mnist"));
  }
  unsetenv("EQUISPIN_DATA");
  EXPECT_EQ(FindData("fashion-mnist", folder_ / "idx"), folder_ / "idx");
  EXPECT_THAT(ErrorOf([&] { FindData("fashion-mnist", folder_ / "none"); }),
              HasSubstr("dataset-fashion-mnist"));
}

}  // namespace
}  // namespace ep::sim
