// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cctype>
#include <exception>
#include <new>
#include <optional>
#include <string>

#include "model/common/machine.h"
#include "sim/cli/commands.h"
#include "sim/io/file.h"

namespace ep::sim {
namespace {

int Dispatch(const Options& options, const Console& console) {
  if (options.verb == "train") return Train(options, console);
  if (options.verb == "test") return Test(options, console);
  if (options.verb == "compare") return Compare(options, console);
  if (options.verb == "array") return MeasureArray(options, console);
  if (options.verb == "bist") return Bist(options, console);
  if (options.verb == "info") return Info(options, console);
  if (options.verb == "sweep") return RunSweep(options, console);
  return RunReplayFolder(options, console);
}

// One line, whatever the user's files and names contain.
void Tell(const Console& console, std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
  console.err << "equispin: " << text << '\n' << std::flush;
}

int Guarded(const Console& console) {
  const std::optional<Options> options = ParseOptions(console.args, console.out);
  const int code = options ? Dispatch(*options, console) : kOk;
  if (!console.out.flush()) {
    throw OutputError(
        "cannot write all of the result to standard output: free some space or write elsewhere");
  }
  return code;
}

}  // namespace

int RunProgram(const Console& console) {
  const auto fail = [&console](const std::exception& error, ExitCode code) {
    Tell(console, error.what());
    return code;
  };
  try {
    return Guarded(console);
  } catch (const Divergence& error) {
    return fail(error, kDifference);
  } catch (const OutputError& error) {
    return fail(error, kCannotWrite);
  } catch (const UserError& error) {
    return fail(error, kBadInput);
  } catch (const std::bad_alloc&) {
    Tell(console, "not enough memory: use a smaller network or data set");
    return kBadInput;
  } catch (const std::exception& error) {
    Tell(console, std::string("a fault of this program: ") + error.what());
    return kInternal;
  }
}

}  // namespace ep::sim
