// SPDX-License-Identifier: Apache-2.0

#include "sim/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

namespace ep::sim {
namespace {

namespace fs = std::filesystem;

std::string Reason(int error) { return std::generic_category().message(error); }

// The remedy for the errors a user meets when writing.
std::string_view WriteRemedy(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "free some space or choose another place";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a place that you may write to";
    default:
      return "choose another place";
  }
}

// A device or pipe, which has no temporary name beside it.
bool IsSpecial(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

std::string Gunzip(const fs::path& path, std::string_view packed) {
  constexpr int kGzipWindow = 15 + 16;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw UserError("zlib cannot be started");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string bytes;
  int status = Z_OK;
  while (status == Z_OK) {
    char part[1 << 16];
    stream.next_out = reinterpret_cast<Bytef*>(part);
    stream.avail_out = sizeof(part);
    status = inflate(&stream, Z_NO_FLUSH);
    bytes.append(part, sizeof(part) - stream.avail_out);
  }
  const bool trailing = stream.avail_in != 0;
  inflateEnd(&stream);
  if (status != Z_STREAM_END || trailing) {
    throw UserError(fmt::format("{}: the gzip data is {}: get the file again", path.string(),
                                status == Z_BUF_ERROR ? "truncated" : "damaged"));
  }
  return bytes;
}

}  // namespace

std::string ReadFile(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw UserError(fmt::format("cannot read {}: {}", path.string(), Reason(errno)));
  }
  std::string bytes;
  ssize_t count = 0;
  do {
    char part[1 << 16];
    count = read(descriptor, part, sizeof(part));
    if (count > 0) bytes.append(part, static_cast<std::size_t>(count));
  } while (count > 0 || (count < 0 && errno == EINTR));
  const int error = errno;
  close(descriptor);
  if (count < 0) throw UserError(fmt::format("cannot read {}: {}", path.string(), Reason(error)));
  return bytes;
}

std::string ReadPackedFile(const fs::path& path) {
  std::string bytes = ReadFile(path);
  return bytes.starts_with("\x1f\x8b") ? Gunzip(path, bytes) : bytes;
}

AtomicFile::AtomicFile(const fs::path& path) : path_(path) {
  if (IsSpecial(path_)) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) Fail(errno);
    return;
  }
  std::error_code error;
  if (fs::is_directory(path_, error)) Fail(EISDIR);
  // A link stays a link: what it points to is replaced.
  if (fs::is_symlink(path_, error)) path_ = fs::weakly_canonical(path_, error);
  if (path_.has_parent_path()) {
    fs::create_directories(path_.parent_path(), error);
    if (error) Fail(error.value());
  }
  temporary_ = path_;
  temporary_.replace_filename(fmt::format(".{}.{}.tmp", path_.filename().string(), getpid()));
  // 0666 leaves the permissions to the umask.
  descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    temporary_.clear();
    Fail(errno);
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) Fail(errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void AtomicFile::Sync() {
  if (descriptor_ < 0) return;
  // Devices and pipes cannot be synced.
  if (!temporary_.empty() && fsync(descriptor_) != 0) Fail(errno);
  if (close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) Fail(errno);
}

void AtomicFile::Commit() {
  if (temporary_.empty()) return;
  if (rename(temporary_.c_str(), path_.c_str()) != 0) Fail(errno);
  temporary_.clear();
  // The new name reaches the disk with its folder; a file system that cannot do so keeps the file.
  const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    fsync(descriptor);
    close(descriptor);
  }
}

void AtomicFile::Fail(int error) const {
  throw OutputError(
      fmt::format("cannot write {}: {}: {}", path_.string(), Reason(error), WriteRemedy(error)));
}

void WriteFile(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.Write(bytes);
  file.Sync();
  file.Commit();
}

void CheckWritable(const fs::path& path) {
  // Opening a pipe could wait for its reader.
  if (!IsSpecial(path)) AtomicFile file(path);
}

}  // namespace ep::sim
