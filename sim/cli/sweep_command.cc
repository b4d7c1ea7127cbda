// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/dataset/locate.h"
#include "sim/io/file.h"
#include "sim/run/interrupt.h"
#include "sim/run/progress.h"
#include "sim/run/summary.h"
#include "sim/sweep/sweep.h"
#include "sim/sweep/table.h"

namespace ep::sim {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

fs::path FindGrid(const std::string& name) {
  std::error_code ignored;
  if (fs::is_regular_file(name, ignored)) return name;
  if (fs::path(name).filename() == name) {
    const std::vector<fs::path> found = FindNearby(fs::path("studies") / (name + ".toml"));
    if (!found.empty()) return found.front().lexically_proximate(fs::current_path());
  }
  throw UserError(fmt::format(
      "{} is neither a file nor a grid of studies: name a .toml file (equispin sweep --help "
      "says what is in it)",
      name));
}

fs::path DefaultFolder(const std::string& name) {
  std::error_code ignored;
  return (fs::is_directory("build", ignored) ? fs::path("build/sweep") : fs::path("sweep")) / name;
}

// A line of its own on a terminal that is drawn again; elsewhere a line every ten seconds.
class SweepProgress {
 public:
  SweepProgress(const Console& console, int before, int all)
      : console_(console), done_(before), all_(all) {}
  ~SweepProgress() { Clear(); }

  void OnEnd(const Sweep& sweep, const SweepRun& run) {
    if (!run.result.has_value()) return;
    ++done_;
    Clear();
    const RunResult& result = *run.result;
    console_.err << fmt::format("run {} of {}: {}, seed {}: {}, {:.1f} s\n", run.number, all_,
                                ConfigurationText(sweep, run.configuration), result.seed,
                                EpochText(result.epochs.back(), run.experiment.data.TestName()),
                                result.seconds)
                 << std::flush;
  }

  void OnTick(double share, int running) {
    const Clock::time_point now = Clock::now();
    const std::chrono::duration<double> since = now - shown_;
    if (since.count() < (console_.terminal ? 0.2 : 10)) return;
    shown_ = now;
    const std::chrono::duration<double> gone = now - begin_;
    const std::string left = share > 0 ? ClockText(gone.count() * (1 / share - 1)) : "-";
    const std::string text = fmt::format("{:3.0f} %, {} of {} runs done, {} running, {} left",
                                         100 * std::min(1.0, share), done_, all_, running, left);
    Clear();
    console_.err << text << (console_.terminal ? "" : "\n") << std::flush;
    drawn_ = console_.terminal;
  }

 private:
  void Clear() {
    if (drawn_) console_.err << "\r\x1b[K";
    drawn_ = false;
  }

  const Console& console_;
  int done_;
  int all_;
  bool drawn_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point shown_ = begin_;
};

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The same runs as an array of Slurm jobs, one core each.
std::string SlurmScript(const Options& options, const Sweep& sweep, const fs::path& folder) {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  std::string command = fmt::format("{} sweep {} --out {} --jobs 1", Quoted(program.string()),
                                    Quoted(fs::absolute(sweep.TheGrid().file).string()),
                                    Quoted(fs::absolute(folder).string()));
  if (!options.data.empty()) command += " --data " + Quoted(fs::absolute(options.data).string());
  return fmt::format(
      "#!/bin/bash\n"
      "# {} runs of {}; when all have ended:\n"
      "#   {}\n"
      "#SBATCH --job-name={}\n"
      "#SBATCH --array=1-{}\n"
      "#SBATCH --ntasks=1\n"
      "#SBATCH --cpus-per-task=1\n"
      "#SBATCH --requeue\n"
      "#SBATCH --output={}/slurm-%a.log\n"
      "cd {}\n"
      "exec {} --only \"$SLURM_ARRAY_TASK_ID\"\n",
      sweep.Runs().size(), sweep.TheGrid().name, command, sweep.TheGrid().name, sweep.Runs().size(),
      fs::absolute(folder).string(), Quoted(fs::current_path().string()), command);
}

std::string ListText(const Sweep& sweep) {
  std::string text;
  for (const SweepRun& run : sweep.Runs()) {
    text += fmt::format("{:>4}  {}  {}, seed {}", run.number, run.key,
                        ConfigurationText(sweep, run.configuration), run.experiment.training.seed);
    text += run.result ? ": " + EpochText(run.result->epochs.back(), run.experiment.data.TestName())
                       : ": to do";
    text += '\n';
  }
  return text;
}

}  // namespace

int RunSweep(const Options& options, const Console& console) {
  const Grid grid = LoadGrid(FindGrid(options.network));
  const fs::path folder = options.out.empty() ? DefaultFolder(grid.name) : fs::path(options.out);
  Sweep sweep(grid, folder, options.data);
  const int all = static_cast<int>(sweep.Runs().size());
  for (const int number : options.only) {
    if (number <= all) continue;
    throw UserError(fmt::format("--only is {}: {} has runs 1..{}", number, grid.name, all));
  }
  if (options.list) {
    console.out << ListText(sweep);
    return kOk;
  }
  if (!options.slurm.empty()) {
    WriteFile(options.slurm, SlurmScript(options, sweep, folder));
    console.out << fmt::format("{} as an array of Slurm jobs: sbatch {}\n",
                               Counted(sweep.Runs().size(), "run"), options.slurm);
    return kOk;
  }
  const fs::path csv = folder / "results.csv";
  CheckWritable(csv);
  CheckWritable(folder / "runs" / "run.json");
  const int before = sweep.Done();
  if (before > 0) {
    console.err << fmt::format("{} of {} runs were done before\n", before, all) << std::flush;
  }
  const Interrupt interrupt;
  SweepProgress progress(console, before, all);
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const bool ended = sweep.Run(
      options.only, options.jobs.value_or(cores), [&] { return interrupt.Requested(); },
      [&](const SweepRun& run) { progress.OnEnd(sweep, run); },
      [&](double share, int running) { progress.OnTick(share, running); });
  // Jobs of an array run beside each other: the table is made by the call that has it all.
  if (options.only.empty()) WriteFile(csv, SweepCsv(sweep));
  if (!ended) {
    console.err << fmt::format(
                       "interrupted: {} of {} runs are done, what was running is saved in {}; the "
                       "same command goes on\n",
                       sweep.Done(), all, folder.string())
                << std::flush;
    return kInterrupted;
  }
  if (options.only.empty()) {
    console.out << SweepSummary(sweep)
                << fmt::format("{} in {}\n", Counted(all, "run"), csv.string());
  }
  return kOk;
}

}  // namespace ep::sim
