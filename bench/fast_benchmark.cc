// SPDX-License-Identifier: Apache-2.0
//
// Training speed of the fast model, one thread, batch 1, and where its time goes.
//
//   fast_benchmark [--json FILE] [--simd plain|avx2|avx512] [--rounds N]
//
// Rates are of Machine::Run alone, medians of N runs (3): drawing the order, testing and hashing
// are not timed. Seconds are those of the thread, wall seconds on a quiet machine; how far they are
// from it is printed. Phases are sampled by a second thread in runs of their own; the cost of the
// counters is the difference to runs without them.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "model/fast/fast.h"
#include "model/plain/recipe.h"

namespace {

using ep::Machine;
using ep::Mode;
using ep::Network;
using ep::Outcome;
using ep::Sample;
using ep::fast::Options;
using ep::fast::Phase;
using ep::plain::DataSet;
using ep::plain::Images;
using ep::plain::Recipe;

struct Case {
  std::string name;
  Network network;
  int pool = 1;
  std::vector<int> learning_rates;  // by epoch
};

const std::vector<int> kTenEpochs = {16, 16, 12, 10, 8, 6, 5, 4, 3, 2};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  cases.push_back({"mnist-256", ep::plain::AnchorMnist256(), 2, kTenEpochs});
  cases.push_back({"mnist-784-256", ep::plain::AnchorMnist784(), 1, {16, 10, 6, 4}});
  Case wide = {"mnist-512", ep::plain::AnchorMnist256(), 2, kTenEpochs};
  wide.network.populations[1] = 512;
  cases.push_back(wide);
  // As sim/nets/mnist-784-1024.toml, the first four epochs.
  Case large = {"mnist-784-1024", ep::plain::AnchorMnist784(), 1, {16, 16, 12, 10}};
  large.network.populations[1] = 1024;
  large.network.pixel_bits = 8;
  large.network.projections[0].gain_shift = 9;
  large.network.projections[1].gain_shift = 11;
  cases.push_back(large);
  return cases;
}

// Seconds of a clock: CLOCK_THREAD_CPUTIME_ID or CLOCK_MONOTONIC.
double Seconds(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Images as sparse as digits, where MNIST is absent.
Images RandomImages(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  Images images = {.rows = 28, .columns = 28, .pixels = {}, .labels = {}};
  for (std::size_t i = 0; i < count; ++i) {
    images.labels.push_back(static_cast<std::uint8_t>(random() % 10));
    for (int k = 0; k < 28 * 28; ++k) {
      const auto z = static_cast<std::uint32_t>(random());
      images.pixels.push_back(z % 5 == 0 ? static_cast<std::uint8_t>(z >> 24) : 0);
    }
  }
  return images;
}

struct Result {
  std::vector<double> seconds;  // of this thread, by epoch
  double wall_seconds = 0;
  std::string hash;
  double accuracy = 0;  // percent
};

Result Train(const Case& test, const DataSet& data, const Options& options) {
  const auto machine = ep::fast::MakeFast(test.network, {}, options);
  Recipe recipe(test.network, data, test.pool, 1, 38);
  machine->LoadWeights(recipe.initial_weights());
  Result result;
  for (const int m : test.learning_rates) {
    const std::vector<Sample> samples = recipe.NextEpoch();
    std::vector<Outcome> outcomes;
    outcomes.reserve(samples.size());
    const double wall_start = Seconds(CLOCK_MONOTONIC);
    const double start = Seconds(CLOCK_THREAD_CPUTIME_ID);
    machine->Run(Mode::kTrain, samples, m, outcomes);
    result.seconds.push_back(Seconds(CLOCK_THREAD_CPUTIME_ID) - start);
    result.wall_seconds += Seconds(CLOCK_MONOTONIC) - wall_start;
  }
  result.hash = ep::WeightHash(machine->ReadWeights());
  result.accuracy =
      100.0 * recipe.TestCorrect(*machine) / static_cast<double>(recipe.test().size());
  return result;
}

// Epoch by epoch the median of some runs.
std::vector<double> Median(const std::vector<Result>& runs) {
  std::vector<double> median;
  for (std::size_t epoch = 0; epoch < runs[0].seconds.size(); ++epoch) {
    std::vector<double> seconds;
    for (const Result& run : runs) seconds.push_back(run.seconds[epoch]);
    std::ranges::sort(seconds);
    median.push_back(seconds[seconds.size() / 2]);
  }
  return median;
}

double Sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// Reads a phase every 20 us between Start and Stop.
class Sampler {
 public:
  ~Sampler() { Stop(); }
  void Start(const std::atomic<Phase>& phase) {
    stop_ = false;
    thread_ = std::thread([this, &phase] {
      while (!stop_.load(std::memory_order_relaxed)) {
        ++counts_[static_cast<int>(phase.load(std::memory_order_relaxed))];
        std::this_thread::sleep_for(std::chrono::microseconds(20));
      }
    });
  }
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // Percent of the time that was not idle.
  double Share(Phase phase) const {
    const double busy = std::accumulate(counts_.begin() + 1, counts_.end(), 0.0);
    return 100.0 * counts_[static_cast<int>(phase)] / busy;
  }

 private:
  std::array<double, ep::fast::kPhases> counts_ = {};
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

std::string Thousands(double rate) { return fmt::format("{:.0f} k", rate / 1000); }

bool ParseSimd(const std::string& name, ep::fast::Simd& simd) {
  using ep::fast::Simd;
  for (const auto& [text, value] :
       {std::pair{"plain", Simd::kPlain}, std::pair{"avx2", Simd::kAvx2},
        std::pair{"avx512", Simd::kAvx512}}) {
    if (name == text && HasSimd(value)) {
      simd = value;
      return true;
    }
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::string json_file;
  int rounds = 3;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const std::string value = i + 1 < argc ? argv[++i] : "";
    if (option == "--json" && !value.empty()) {
      json_file = value;
    } else if (option == "--rounds" && std::atoi(value.c_str()) > 0) {
      rounds = std::atoi(value.c_str());
    } else if (option != "--simd" || !ParseSimd(value, options.simd)) {
      fmt::print(stderr,
                 "usage: fast_benchmark [--json FILE] [--rounds N] [--simd plain|avx2|avx512], "
                 "as far as the processor has it\n");
      return 2;
    }
  }

  auto data = ep::plain::FindMnist();
  const bool mnist = data.has_value();
  if (!mnist) data = DataSet{.train = RandomImages(20000, 1), .test = RandomImages(1000, 2)};
  fmt::print("Fast model, {} kernels, one thread, batch 1, with all counters\n",
             ep::fast::GetKernels<std::int32_t>(options.simd, true).name);
  fmt::print("{} samples an epoch: {}\n", data->train.size(),
             mnist
                 ? "the MNIST training set"
                 : "RANDOM images and classes, as MNIST is absent (scripts/mnist.sh --data-only)");

  std::string json;
  for (const Case& test : Cases()) {
    // In turn, so that a change of the machine's pace meets all alike.
    std::vector<Result> counted;
    std::vector<Result> bare;
    Sampler sampler;
    for (int round = 0; round < rounds; ++round) {
      counted.push_back(Train(test, *data, options));
      Options other = options;
      other.count = false;
      bare.push_back(Train(test, *data, other));
      std::atomic<Phase> phase = Phase::kIdle;
      other = options;
      other.phase = &phase;
      sampler.Start(phase);
      Train(test, *data, other);
      sampler.Stop();
    }
    const std::vector<double> seconds = Median(counted);
    const auto samples = static_cast<double>(data->train.size());
    const double mean = samples * static_cast<double>(seconds.size()) / Sum(seconds);
    fmt::print("\n{}: {} training samples/s, mean of {} epochs\n  epochs   ", test.name,
               Thousands(mean), seconds.size());
    for (const double s : seconds) fmt::print(" {}", Thousands(samples / s));
    if (mnist) {
      fmt::print("\n  result    {:.2f} % of the test set, weight hash {}", counted[0].accuracy,
                 counted[0].hash);
    }
    fmt::print(
        "\n  phases    drive {:.0f} %, free sweeps {:.0f} %, nudged sweeps {:.0f} %, learn {:.0f} "
        "%",
        sampler.Share(Phase::kDrive), sampler.Share(Phase::kFree), sampler.Share(Phase::kNudged),
        sampler.Share(Phase::kLearn));
    double thread_seconds = 0;
    double wall_seconds = 0;
    for (const Result& run : counted) {
      thread_seconds += Sum(run.seconds);
      wall_seconds += run.wall_seconds;
    }
    fmt::print("\n  wall time {:.2f} times the thread's", wall_seconds / thread_seconds);
    fmt::print("\n  counters  {:.0f} % of the time\n",
               100 * (1 - Sum(Median(bare)) / Sum(seconds)));
    json += fmt::format("{}\"{}\": {{\"mean\": {:.0f}, \"last\": {:.0f}}}",
                        json.empty() ? "" : ", ", test.name, mean, samples / seconds.back());
  }
  if (!json_file.empty()) std::ofstream(json_file) << '{' << json << "}\n";
}
