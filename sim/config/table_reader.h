// SPDX-License-Identifier: Apache-2.0
//
// Typed reads from one TOML table. Every fault is a UserError that names file, line, key, value and
// remedy; a key that nobody asked for is a fault too.

#pragma once

// toml++ asserts some faults of the text that it then reports as it should.
#define TOML_ASSERT(condition) static_cast<void>(0)
#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ep::sim {

// Throws UserError "file:line: not TOML: why".
toml::table ParseToml(const std::string& text, const std::string& file);

struct IntRange {
  std::int64_t lowest;
  std::int64_t highest;
};

class TableReader {
 public:
  static constexpr int kAuto = -1;  // below every range

  // section is the table's name in messages, "" at the top of the file.
  TableReader(const toml::table& table, std::string file, std::string section)
      : table_(table), file_(std::move(file)), section_(std::move(section)) {}

  // The value of a key, nullptr if it is absent; the key counts as read.
  const toml::node* Find(const std::string& key);
  int Int(const std::string& key, int fallback, IntRange range);
  // The same, or the text "auto": kAuto.
  int IntOrAuto(const std::string& key, int fallback, IntRange range);
  std::uint32_t Uint32(const std::string& key, std::uint32_t fallback);
  bool Bool(const std::string& key, bool fallback);
  // An integer is a number too.
  double Number(const std::string& key, double fallback, double lowest, double highest);
  std::string String(const std::string& key, const std::string& fallback);
  // Nothing if the key is absent; an empty list is a fault.
  std::optional<std::vector<int>> IntList(const std::string& key, IntRange range);
  // An empty table if the key is absent.
  const toml::table& Table(const std::string& key);
  // The tables of [[key]], none if absent.
  std::vector<const toml::table*> Tables(const std::string& key);
  // Throws for the first key that was not read; the message lists those that can be.
  void RefuseOthers() const;
  // Throws "file:line: section.key text" at the key, or at the table where the key is absent.
  [[noreturn]] void Fail(const std::string& key, const std::string& text) const;

 private:
  std::int64_t ToInt(const std::string& key, const toml::node& node, IntRange range) const;

  const toml::table& table_;
  std::string file_;
  std::string section_;
  std::set<std::string> known_;
};

}  // namespace ep::sim
