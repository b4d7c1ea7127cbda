// SPDX-License-Identifier: Apache-2.0
//
// Files read whole and written whole: a file is written under a temporary name in its folder,
// synced and renamed, so that neither a full disk nor Ctrl-C leaves half a file.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "model/common/network.h"

namespace ep::sim {

// A file could not be written; the text names file, reason and remedy.
class OutputError : public UserError {
 public:
  using UserError::UserError;
};

// The bytes of a file. Throws UserError if it cannot be read.
std::string ReadFile(const std::filesystem::path& path);

// The same, unpacked if it starts with the gzip mark. Throws UserError if the packed data is
// damaged.
std::string ReadPackedFile(const std::filesystem::path& path);

// One file to be. Devices and pipes, such as /dev/stdout, are written in place.
class AtomicFile {
 public:
  // Creates the temporary file, and the folder if there is none. Throws OutputError.
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  // Removes the temporary file unless committed.
  ~AtomicFile();

  void Write(std::string_view bytes);
  void Sync();    // the bytes are on the disk
  void Commit();  // the file has its name; call Sync before

 private:
  [[noreturn]] void Fail(int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty for devices and pipes, and once committed
  int descriptor_ = -1;
};

void WriteFile(const std::filesystem::path& path, std::string_view bytes);

// Throws OutputError if a file of that name could not be written; writes none. Long work asks
// before it starts.
void CheckWritable(const std::filesystem::path& path);

}  // namespace ep::sim
