// SPDX-License-Identifier: Apache-2.0

#include "sim/io/npy.h"

#include <fmt/format.h>

#include <cctype>
#include <optional>
#include <string_view>

#include "sim/io/file.h"

namespace ep::sim {
namespace {

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
constexpr std::size_t kPreamble = 10;  // magic, version, two bytes of header length
constexpr std::size_t kAlignment = 64;

struct Header {
  std::string descr;
  std::string fortran_order;
  std::string shape;  // without blanks: (196,256)
};

// Reads the dictionary of literals that the header is: {'descr': '|i1', ...}.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  // Nothing if the text is not such a dictionary with exactly the three keys.
  std::optional<Header> Parse() {
    Header header;
    bool seen[3] = {};
    if (!Take('{')) return std::nullopt;
    while (!Take('}')) {
      const std::optional<std::string> key = Quoted();
      if (!key || !Take(':')) return std::nullopt;
      const int index = *key == "descr"           ? 0
                        : *key == "fortran_order" ? 1
                        : *key == "shape"         ? 2
                                                  : -1;
      if (index < 0 || seen[index]) return std::nullopt;
      seen[index] = true;
      const std::optional<std::string> value = index == 0   ? Quoted()
                                               : index == 1 ? Word()
                                                            : Tuple();
      if (!value) return std::nullopt;
      (index == 0 ? header.descr : index == 1 ? header.fortran_order : header.shape) = *value;
      if (!Take(',') && Peek() != '}') return std::nullopt;
    }
    if (Peek() != '\0' || !seen[0] || !seen[1] || !seen[2]) return std::nullopt;
    return header;
  }

 private:
  char Peek() {
    while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_.front()))) {
      text_.remove_prefix(1);
    }
    return text_.empty() ? '\0' : text_.front();
  }
  bool Take(char wanted) {
    if (Peek() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::optional<std::string> Quoted() {
    const char quote = Peek();
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t end = text_.find(quote, 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string value(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return value;
  }
  std::optional<std::string> Word() {
    std::string value;
    Peek();
    while (!text_.empty() && std::isalpha(static_cast<unsigned char>(text_.front()))) {
      value += text_.front();
      text_.remove_prefix(1);
    }
    if (value.empty()) return std::nullopt;
    return value;
  }
  std::optional<std::string> Tuple() {
    if (Peek() != '(') return std::nullopt;
    const std::size_t end = text_.find(')');
    if (end == std::string_view::npos) return std::nullopt;
    std::string value;
    for (const char c : text_.substr(0, end + 1)) {
      if (!std::isspace(static_cast<unsigned char>(c))) value += c;
    }
    text_.remove_prefix(end + 1);
    if (value.ends_with(",)") && value.find(',') != value.size() - 2) {
      value.erase(value.size() - 2, 1);  // (196,256,) is the same shape
    }
    return value;
  }

  std::string_view text_;
};

}  // namespace

std::string FormatNpy(std::span<const std::int8_t> values, int rows, int lanes) {
  std::string header =
      fmt::format("{{'descr': '|i1', 'fortran_order': False, 'shape': ({}, {}), }}", rows, lanes);
  const std::size_t used = kPreamble + header.size() + 1;
  header.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string bytes(kMagic);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size());
  return bytes;
}

std::vector<std::int8_t> ReadNpy(const std::filesystem::path& path, int rows, int lanes,
                                 int largest) {
  const std::string bytes = ReadFile(path);
  const std::string file = path.string();
  if (!bytes.starts_with(kMagic.substr(0, 6))) {
    throw UserError(fmt::format("{} is not an .npy file: write it with numpy.save", file));
  }
  if (bytes.size() < kPreamble) {
    throw UserError(fmt::format("{} is truncated inside its header: write it again", file));
  }
  if (!bytes.starts_with(kMagic)) {
    throw UserError(fmt::format("{}: .npy version is {}.{}: must be 1.0", file,
                                static_cast<int>(static_cast<unsigned char>(bytes[6])),
                                static_cast<int>(static_cast<unsigned char>(bytes[7]))));
  }
  const std::size_t length =
      static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
  if (bytes.size() < kPreamble + length) {
    throw UserError(fmt::format("{} is truncated inside its header: write it again", file));
  }
  const std::optional<Header> header =
      HeaderParser(std::string_view(bytes).substr(kPreamble, length)).Parse();
  if (!header) {
    throw UserError(fmt::format("{}: the .npy header is damaged: write it with numpy.save", file));
  }
  if (header->descr != "|i1") {
    throw UserError(fmt::format("{}: dtype is '{}': must be int8, '|i1' (astype(numpy.int8))", file,
                                header->descr));
  }
  if (header->fortran_order != "False") {
    throw UserError(fmt::format("{}: fortran_order is {}: must be False (numpy.ascontiguousarray)",
                                file, header->fortran_order));
  }
  const std::string shape = fmt::format("({},{})", rows, lanes);
  if (header->shape != shape) {
    throw UserError(fmt::format("{}: shape is {}: this network needs {}, [rows, lanes]", file,
                                header->shape, shape));
  }
  const std::size_t need = static_cast<std::size_t>(rows) * lanes;
  const std::size_t have = bytes.size() - kPreamble - length;
  if (have != need) {
    throw UserError(fmt::format("{} holds {} weights: its shape {} needs {}: the file is {}", file,
                                have, shape, need, have < need ? "truncated" : "too long"));
  }
  std::vector<std::int8_t> values(need);
  for (std::size_t i = 0; i < need; ++i) {
    values[i] = static_cast<std::int8_t>(bytes[kPreamble + length + i]);
    if (values[i] < -largest || values[i] > largest) {
      throw UserError(fmt::format("{}: weight [{}, {}] is {}: must be {}..{}", file, i / lanes,
                                  i % lanes, values[i], -largest, largest));
    }
  }
  return values;
}

}  // namespace ep::sim
