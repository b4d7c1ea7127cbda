// SPDX-License-Identifier: Apache-2.0

#include "sim/io/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FileTest, WritesReadBackAndReplaces) {
  const TempFolder folder;
  const std::string file = folder / "new/folder/file";
  WriteFile(file, "first");
  WriteFile(file, std::string("a\0b", 3));
  EXPECT_EQ(ReadFile(file), std::string("a\0b", 3));
}

TEST(FileTest, NothingIsLeftOfAFileThatWasNotCommitted) {
  const TempFolder folder;
  {
    AtomicFile file(folder / "x");
    file.Write("half");
    file.Sync();
  }
  EXPECT_THAT(folder.Names(), IsEmpty());
}

TEST(FileTest, TheOldFileStaysUntilCommit) {
  const TempFolder folder;
  WriteFile(folder / "x", "old");
  AtomicFile file(folder / "x");
  file.Write("new");
  file.Sync();
  EXPECT_EQ(ReadFile(folder / "x"), "old");
  file.Commit();
  EXPECT_EQ(ReadFile(folder / "x"), "new");
  EXPECT_THAT(folder.Names(), ElementsAre("x"));
}

TEST(FileTest, ALinkStaysALink) {
  const TempFolder folder;
  WriteFile(folder / "target", "old");
  std::filesystem::create_symlink("target", folder / "link");
  WriteFile(folder / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(ReadFile(folder / "target"), "new");
}

TEST(FileTest, AFullDiskIsOneLine) {
  const std::string error = ErrorOf([] { WriteFile("/dev/full", "text"); });
  EXPECT_EQ(error,
            "cannot write /dev/full: No space left on device: free some space or choose another "
            "place");
}

// A limit on the size of files stands for a disk that fills up in the middle of one.
TEST(FileTest, ADiskThatFillsUpLeavesTheOldFile) {
  const TempFolder folder;
  WriteFile(folder / "x", "old");
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 1000, .rlim_max = 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    const std::string error = ErrorOf([&] { WriteFile(folder / "x", std::string(100000, 'n')); });
    _exit(error.find("cannot write") == 0 ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(ReadFile(folder / "x"), "old");
  EXPECT_THAT(folder.Names(), ElementsAre("x"));
}

TEST(FileTest, PlacesThatCannotBeWrittenAreNamed) {
  const TempFolder folder;
  WriteFile(folder / "file", "");
  EXPECT_THAT(ErrorOf([&] { WriteFile(folder / "file/below", ""); }),
              AllOf(HasSubstr("cannot write"), HasSubstr("choose another place")));
  EXPECT_THAT(ErrorOf([&] { CheckWritable(folder.Path()); }), HasSubstr("Is a directory"));
  EXPECT_EQ(ErrorOf([&] { CheckWritable(folder / "other"); }), "");
  EXPECT_THAT(folder.Names(), ElementsAre("file"));
}

TEST(FileTest, WhatCannotBeReadIsNamed) {
  const TempFolder folder;
  EXPECT_THAT(ErrorOf([&] { ReadFile(folder / "none"); }), HasSubstr("No such file"));
  EXPECT_THAT(ErrorOf([&] { ReadFile(folder.Path()); }), HasSubstr("Is a directory"));
}

TEST(FileTest, PackedFilesAreUnpackedAndChecked) {
  const TempFolder folder;
  const std::string file = folder / "x.gz";
  const std::string text(100000, 'x');
  gzFile packed = gzopen(file.c_str(), "wb");
  gzwrite(packed, text.data(), static_cast<unsigned>(text.size()));
  gzclose(packed);
  EXPECT_EQ(ReadPackedFile(file), text);
  const std::string bytes = ReadFile(file);
  WriteFile(file, bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(ErrorOf([&] { ReadPackedFile(file); }), HasSubstr("truncated: get the file again"));
  std::string damaged = bytes;
  damaged[bytes.size() - 6] ^= 1;  // the checksum
  WriteFile(file, damaged);
  EXPECT_THAT(ErrorOf([&] { ReadPackedFile(file); }), HasSubstr("damaged: get the file again"));
  WriteFile(file, "plain");
  EXPECT_EQ(ReadPackedFile(file), "plain");
}

}  // namespace
}  // namespace ep::sim
