// SPDX-License-Identifier: Apache-2.0

#include "sim/cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>

#include "model/common/network.h"
#include "sim/backends.h"
#include "sim/config/device_file.h"
#include "sim/config/experiment.h"
#include "sim/sweep/grid.h"
#include "sim/version.h"

namespace ep::sim {
namespace {

constexpr int kMax = std::numeric_limits<int>::max();

constexpr char kTrainHelp[] = R"(Examples:
  equispin train digits-128 --backend lockstep
      the digits in RTL and golden model together, about two minutes
  equispin train mnist-256 --weights-out build/w --json result.json
  equispin train mnist-256 --backend rtl --save mnist.state
      Ctrl-C, then: equispin train mnist-256 --backend rtl --save mnist.state --resume mnist.state
  equispin train mnist-256 --validation 10000 --set network.error_gate=50
      --set training.learning_rate='[16, 8, 4]' --set projection.1.gain_shift=9
  equispin train my.toml --data ~/idx --epochs 3 --train-samples 10000 --seed 7

A network is a .toml file or the name of one in sim/nets. Options win over the file.
Its keys: equispin info --help)";

constexpr char kTestHelp[] = R"(Examples:
  equispin test mnist-256 --weights-in build/w
  equispin test mnist-256 --weights-in build/w --backend rtl --test-samples 100 --json -
  equispin test mnist-256 --resume mnist.state      (the weights in a saved state)
Weights are a folder: w0.npy, w1.npy, ..., int8 [rows, lanes], written by numpy.save.)";

constexpr char kCompareHelp[] = R"(Examples:
  equispin compare digits-128 --backend fast --backend golden --epochs 2
  equispin compare fast.json rtl.json
Stops at the first epoch whose weights, accuracy or counters differ and names both values (exit 1).
Counters that only one of the backends counts (cycles) are left out.)";

constexpr char kSweepHelp[] = R"(Examples:
  equispin sweep studies/gate.toml          all runs, one for each core at a time
  equispin sweep gate --list                which runs there are, and what they found
  equispin sweep gate --only 3              one of them
  equispin sweep gate --slurm gate.sh && sbatch gate.sh
scripts/plot_sweep.py draws the table.
A run that is done is never run again, however the grid changes around it: results are kept by
everything that can change them. Ctrl-C saves what runs; the same command goes on.
)";

constexpr char kArrayHelp[] = R"(Examples:
  equispin array mram-typ          curves of the cells as CSV in build/array/mram-typ
  equispin array rram-weak --cells 1000000 --out build/weak
  equispin array --gates           what the models must reproduce: expected, obtained, verdict
scripts/plot_array.py draws the curves; `make devices` does all.
)";

constexpr char kBistHelp[] = R"(Examples:
  equispin bist mnist-256 --device stuck-1e-2 --map build/bist
  equispin bist digits-128 --device rram-weak --backend lockstep --json -
The march programs every cell of the network's row words to 0, 1 and 0, and reads it each time.
The margin test senses three times with both values, with the sense of the network and shorter ones.
The map: w0.npy, w1.npy, ..., int8 [rows, lanes]: bit i is 1 where cell i of the weight was found.)";

constexpr char kReplayHelp[] = R"(Examples:
  equispin replay build/replay/digits-128-train-1-17
  equispin replay build/replay/digits-128-train-1-17 --backend golden
  make waves NET=build/replay/digits-128-train-1-17      (--waves with a program that can)
The folder is written by a lockstep run that found a difference: the sample, the weights before it,
the network.)";

constexpr char kExitHelp[] = R"(Exit codes:
  0    done
  1    a difference: RTL and model, or two results
  2    bad input: an option, a file or its content
  3    a file could not be written
  4    a fault of this program
  130  Ctrl-C: weights and state are saved, --resume continues to the same bits
Data: digits come with the program; mnist is looked for in --data, EQUISPIN_DATA, build/data/mnist
(`make mnist` puts it there); fashion-mnist in --data, build/data/fashion-mnist and where Debian's
dataset-fashion-mnist has it.)";

// The ranges are told when they are missed; in --help they would hide the options.
CLI::Validator InRange(std::int64_t lowest, std::int64_t highest) {
  return CLI::Range(lowest, highest).description("");
}

std::string BackendHelp() {
  std::string text = "where it runs:";
  for (const Backend& backend : Backends()) {
    text += fmt::format("\n{}: {}{}", backend.name, backend.text,
                        backend.make ? "" : " (not in this build)");
  }
  return text;
}

void AddSettings(CLI::App* verb, Options& options) {
  verb->add_option("--set", options.settings, "a key of the network file and its value, repeatable")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
}

void AddDevice(CLI::App* verb, Options& options) {
  verb->add_option("--device", options.device,
                   "cells and sense amplifiers of the array: a .toml file, or the name of one in "
                   "sim/devices")
      ->type_name("FILE");
  verb->add_option("--device-seed", options.device_seed, "of every device and its noise (1)")
      ->check(InRange(0, std::numeric_limits<std::uint32_t>::max()))
      ->type_name("S");
}

// The options that train, test and compare share.
void AddRunOptions(CLI::App* verb, Options& options) {
  verb->add_option("--data", options.data, "folder of the data set")->type_name("DIR");
  verb->add_option("--test-samples", options.test_samples, "test only the first N, 0 for all")
      ->check(InRange(0, kMax))
      ->type_name("N");
  verb->add_option("--seed", options.seed, "of initial weights and sample order")
      ->check(InRange(0, std::numeric_limits<std::uint32_t>::max()))
      ->type_name("S");
  verb->add_option("--validation", options.validation,
                   "hold the last N training images out and test these")
      ->check(InRange(0, kMax))
      ->type_name("N");
  AddSettings(verb, options);
  verb->add_option("--weights-in", options.weights_in, "start from these weights")
      ->type_name("DIR");
  AddDevice(verb, options);
  verb->add_option("--json", options.json, "write the result here, - for standard output")
      ->type_name("FILE");
}

void AddEnergy(CLI::App* verb, Options& options) {
  verb->add_option("--energy", options.energy, "write the energy ledger here, and print it")
      ->type_name("FILE");
  verb->add_option("--energy-table", options.energy_table,
                   "energies of the events, instead of constraints/energy.toml")
      ->type_name("FILE");
}

void AddTrainingOptions(CLI::App* verb, Options& options) {
  verb->add_option("--epochs", options.epochs, "epochs in all")
      ->check(InRange(0, 10000))
      ->type_name("N");
  verb->add_option("--train-samples", options.train_samples,
                   "train only the first N of each epoch's order, 0 for all")
      ->check(InRange(0, kMax))
      ->type_name("N");
}

void AddBackend(CLI::App* verb, Options& options) {
  verb->add_option("--backend", options.backends, BackendHelp())
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
}

CLI::App* AddVerb(CLI::App& app, Options& options, const char* name, const char* text,
                  const char* footer) {
  CLI::App* verb = app.add_subcommand(name, text);
  verb->footer(footer);
  verb->callback([&options, name] { options.verb = name; });
  return verb;
}

void AddVerbs(CLI::App& app, Options& options) {
  const auto network = [&options](CLI::App* verb) {
    verb->add_option("network", options.network, "a .toml file, or the name of one in sim/nets")
        ->required()
        ->type_name("");
  };
  CLI::App* train =
      AddVerb(app, options, "train", "Train a network, test it after each epoch", kTrainHelp);
  network(train);
  AddBackend(train, options);
  AddTrainingOptions(train, options);
  AddRunOptions(train, options);
  AddEnergy(train, options);
  train->add_option("--weights-out", options.weights_out, "write the weights here")
      ->type_name("DIR");
  train->add_option("--save", options.save, "save the run here, after each epoch and on Ctrl-C")
      ->type_name("FILE");
  train->add_option("--resume", options.resume, "continue a saved run")->type_name("FILE");

  CLI::App* test = AddVerb(app, options, "test", "Test weights", kTestHelp);
  network(test);
  AddBackend(test, options);
  AddRunOptions(test, options);
  AddEnergy(test, options);
  test->add_option("--resume", options.resume, "take the weights of a saved run")
      ->type_name("FILE");

  CLI::App* compare =
      AddVerb(app, options, "compare", "Compare backends, or results of --json, epoch by epoch",
              kCompareHelp);
  compare->add_option("files", options.files, "one network, or two and more .json results")
      ->required()
      ->expected(1, 64)
      ->type_name("");
  AddBackend(compare, options);
  AddTrainingOptions(compare, options);
  AddRunOptions(compare, options);

  static const std::string sweep_help = std::string(kSweepHelp) + GridKeys();
  CLI::App* sweep = AddVerb(app, options, "sweep",
                            "Train all networks, settings and seeds of a grid side by side; one "
                            "table with mean and spread",
                            sweep_help.c_str());
  sweep->add_option("grid", options.network, "a .toml file, or the name of one in studies")
      ->required()
      ->type_name("");
  sweep->add_option("--data", options.data, "folder of the data set")->type_name("DIR");
  sweep->add_option("--out", options.out, "folder of results, instead of build/sweep/NAME")
      ->type_name("DIR");
  sweep->add_option("-j,--jobs", options.jobs, "runs at a time, instead of one for each core")
      ->check(InRange(1, 1024))
      ->type_name("N");
  sweep->add_option("--only", options.only, "only run I, from 1; repeatable; writes no table")
      ->check(InRange(1, kMax))
      ->expected(1)
      ->take_all()
      ->type_name("I");
  sweep->add_option("--slurm", options.slurm, "run nothing, write an array of Slurm jobs")
      ->type_name("FILE");
  sweep->add_flag("--list", options.list, "run nothing, print the runs");

  static const std::string array_help = std::string(kArrayHelp) + DeviceKeys();
  CLI::App* array =
      AddVerb(app, options, "array", "Measure the cells of a device, or check the models",
              array_help.c_str());
  array->add_option("device", options.network, "a .toml file, or the name of one in sim/devices")
      ->type_name("");
  array->add_flag("--gates", options.gates, "check the models; exit code 1 where one fails");
  array->add_option("--out", options.out, "folder of the curves, instead of build/array/NAME")
      ->type_name("DIR");
  array->add_option("--cells", options.cells, "drawn for each point (100000; gates 1000000)")
      ->check(InRange(1000, 100000000))
      ->type_name("N");

  CLI::App* bist = AddVerb(app, options, "bist",
                           "Test the cells and sense amplifiers of an array, as a host does before "
                           "it loads weights",
                           kBistHelp);
  network(bist);
  AddBackend(bist, options);
  AddSettings(bist, options);
  AddDevice(bist, options);
  bist->add_option("--map", options.map, "write the cells that the march finds here")
      ->type_name("DIR");
  bist->add_option("--json", options.json, "write the result here, - for standard output")
      ->type_name("FILE");

  CLI::App* info = AddVerb(app, options, "info",
                           "Print a network: sizes, map of the array, widths, hardware that fits",
                           ExperimentKeys());
  network(info);
  AddSettings(info, options);
  info->add_option("--json", options.json, "write it here, - for standard output")
      ->type_name("FILE");

  CLI::App* replay = AddVerb(app, options, "replay",
                             "Run the sample again at which RTL and model differed", kReplayHelp);
  replay->add_option("folder", options.network, "what the run that differed has left")
      ->required()
      ->type_name("");
  AddBackend(replay, options);
  replay
      ->add_option("--waves", options.waves,
                   "record the 2,000 cycles around the difference: STEM.fst, STEM.gtkw")
      ->type_name("STEM");
}

// A message of the parser as one line, with a remedy.
std::string OneLine(std::string text, const CLI::App& app) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  const auto verbs = app.get_subcommands();
  return fmt::format("{}: see equispin {}--help", text,
                     verbs.empty() ? "" : verbs.front()->get_name() + " ");
}

// The parser only says that there is none.
void CheckVerb(const std::vector<std::string>& args) {
  const std::string verb = args.size() < 2 ? "" : args[1];
  for (const char* known :
       {"train", "test", "compare", "sweep", "array", "bist", "info", "replay"}) {
    if (verb == known || verb.starts_with('-')) return;
  }
  throw UserError(fmt::format(
      "{}: must be train, test, compare, sweep, array, bist, info or replay: see equispin --help",
      verb.empty() ? "no verb" : "the verb is " + verb));
}

}  // namespace

std::string Options::Backend() const {
  if (backends.size() > 1) {
    throw UserError(fmt::format("--backend is given {} times: {} takes one (compare takes several)",
                                backends.size(), verb));
  }
  return backends.empty() ? "fast" : backends.front();
}

std::optional<Options> ParseOptions(const std::vector<std::string>& args, std::ostream& out) {
  Options options;
  CLI::App app("Equispin: trains networks by Equilibrium Propagation, in RTL or in its models",
               "equispin");
  app.require_subcommand(1);
  app.footer(kExitHelp);
  app.get_formatter()->column_width(34);
  app.set_version_flag("--version", std::string("equispin ") + kVersion);
  AddVerbs(app, options);
  CheckVerb(args);
  std::vector<std::string> reversed(args.rbegin(), args.rend() - 1);
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    out << app.help() << "\n";
    return std::nullopt;
  } catch (const CLI::CallForVersion& version) {
    out << version.what() << "\n";
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw UserError(OneLine(error.what(), app));
  }
  return options;
}

}  // namespace ep::sim
