// SPDX-License-Identifier: Apache-2.0

#include "sim/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "sim/backends.h"
#include "sim/cli/setup.h"
#include "sim/dataset/locate.h"
#include "sim/io/file.h"
#include "sim/run/state_file.h"
#include "sim/run/trainer.h"
#include "sim/version.h"

namespace ep::sim {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

// A state costs a sync of the disk: seldom enough to cost nothing, often enough to lose little.
constexpr double kSaveSeconds = 30;

std::string HashText(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("{:016x}", hash);
}

std::int64_t Limited(int wanted, int available) { return wanted == 0 ? available : wanted; }

std::int64_t Samples(const SweepRun& run) {
  const Training& training = run.experiment.training;
  return training.epochs * (Limited(training.train_samples, run.dataset->train.Count()) +
                            Limited(training.test_samples, run.dataset->test.Count()));
}

double WorkPerSample(const SweepRun& run) {
  const Network& network = run.experiment.network;
  double weights = 0;
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    weights += static_cast<double>(network.Rows(p)) * network.Lanes(p);
  }
  return weights;
}

Json Identity(const SweepRun& run, const std::string& checksum) {
  Json identity = MakeIdentity(run.experiment, checksum);
  const Training& training = run.experiment.training;
  std::vector<int> rates;
  for (int epoch = 1; epoch <= training.epochs; ++epoch) {
    rates.push_back(training.LearningRate(epoch));
  }
  identity["learning rates"] = rates;
  identity["seed"] = training.seed;
  identity["training samples"] = Limited(training.train_samples, run.dataset->train.Count());
  identity["test samples"] = Limited(training.test_samples, run.dataset->test.Count());
  identity["validation"] = run.experiment.data.validation;
  identity["backend"] = run.options.Backend();
  if (!run.options.device.empty()) identity["device"] = ReadFile(FindDevice(run.options.device));
  identity["version"] = kVersion;
  return identity;
}

}  // namespace

double SweepRun::Work() const { return WorkPerSample(*this) * static_cast<double>(Samples(*this)); }

Sweep::Sweep(const Grid& grid, const fs::path& folder, const std::string& data_dir)
    : grid_(grid), folder_(folder) {
  for (const GridRun& run : grid.runs) Add(run, data_dir);
}

fs::path Sweep::ResultFile(const SweepRun& run) const {
  return folder_ / "runs" / (run.key + ".json");
}

fs::path Sweep::StateFile(const SweepRun& run) const {
  return folder_ / "runs" / (run.key + ".state");
}

// Runs with the same data share it.
std::shared_ptr<const Dataset> Sweep::Data(const Experiment& experiment,
                                           const std::string& data_dir, std::string& checksum) {
  const DataSpec& data = experiment.data;
  const std::string name = fmt::format("{} {} {} {} {} {} {}", data.set, data.pool, data.validation,
                                       data.shift > 0, experiment.network.pixel_bits,
                                       experiment.network.Inputs(), experiment.network.Outputs());
  auto& [dataset, sum] = data_[name];
  if (!dataset) {
    dataset = std::make_shared<const Dataset>(LoadDataset(experiment, data_dir));
    sum = DatasetChecksum(*dataset);
  }
  checksum = sum;
  return dataset;
}

void Sweep::Add(const GridRun& grid_run, const std::string& data_dir) {
  const Configuration& configuration = grid_.configurations[grid_run.configuration];
  SweepRun run;
  run.number = static_cast<int>(runs_.size()) + 1;
  run.configuration = grid_run.configuration;
  run.options.verb = "train";
  run.options.network = configuration.network;
  run.options.backends = {configuration.backend};
  run.options.device = configuration.device;
  run.options.seed = grid_run.seed;
  // Another seed draws other devices too.
  if (!configuration.device.empty()) run.options.device_seed = grid_run.seed;
  run.options.data = data_dir;
  if (grid_.validation > 0) run.options.validation = grid_.validation;
  for (const Setting& setting : configuration.settings) {
    run.options.settings.push_back(setting.key + "=" + setting.value);
  }
  try {
    run.experiment = LoadExperiment(run.options);
    if (run.experiment.training.epochs == 0)
      throw UserError("training.epochs is 0: train at least 1");
    FindBackend(configuration.backend);
    LoadDevice(run.options, run.options.backends, run.experiment.network.array);
    std::string checksum;
    run.dataset = Data(run.experiment, data_dir, checksum);
    run.identity = Identity(run, checksum);
  } catch (const UserError& error) {
    throw UserError(fmt::format("{}: run {}: {}", grid_.file.string(), run.number, error.what()));
  }
  run.key = HashText(run.identity.dump());
  LoadResult(run);
  runs_.push_back(std::move(run));
}

void Sweep::LoadResult(SweepRun& run) const {
  const fs::path file = ResultFile(run);
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return;
  Json json;
  try {
    json = Json::parse(ReadFile(file));
  } catch (const Json::exception&) {
    json = nullptr;
  }
  if (!json.is_object() || json.value("identity", Json()) != run.identity) {
    throw UserError(fmt::format("{} is damaged, or of another run: remove it", file.string()));
  }
  run.result = ReadResult(file.string());
}

int Sweep::Done() const {
  return static_cast<int>(
      std::ranges::count_if(runs_, [](const SweepRun& run) { return run.result.has_value(); }));
}

// Trains one run from its state, if it has one. False if stopped; its state is saved then.
bool Sweep::RunOne(SweepRun& run, const std::function<bool()>& stop,
                   const std::function<void(std::int64_t)>& report) const {
  const std::string backend = run.options.Backend();
  const fs::path state_file = StateFile(run);
  std::optional<RunState> state;
  std::error_code ignored;
  if (fs::exists(state_file, ignored)) {
    state = ReadState(state_file, run.experiment.network);
    if (state->identity != run.identity) {
      throw UserError(fmt::format("{} is of another run: remove it", state_file.string()));
    }
  }
  const std::unique_ptr<DeviceRun> device =
      LoadDevice(run.options, run.options.backends, run.experiment.network.array);
  const std::unique_ptr<Machine> machine =
      MakeMachine(backend, run.experiment.network, run.experiment.hardware, MakerOf(device));
  Trainer trainer(
      run.experiment, *run.dataset, *machine, std::nullopt, state, stop,
      [&](const ChunkReport& chunk) { report(chunk.chunk); }, kChunkSamples, device.get());
  if (state) {
    report(state->position + static_cast<std::int64_t>(state->finished.size()) *
                                 (trainer.TrainSamples() + trainer.TestSamples()));
  }
  const double before = state ? state->seconds : 0;
  const Clock::time_point begin = Clock::now();
  Clock::time_point saved = begin;
  const auto seconds = [&] {
    return before + std::chrono::duration<double>(Clock::now() - begin).count();
  };
  const auto save = [&] {
    RunState now = trainer.State();
    now.identity = run.identity;
    now.backend = backend;
    now.seconds = seconds();
    WriteState(state_file, now);
    saved = Clock::now();
  };
  const auto epochs = static_cast<std::size_t>(run.experiment.training.epochs);
  while (trainer.Finished().size() < epochs) {
    if (!trainer.RunEpoch()) {
      save();
      return false;
    }
    const std::chrono::duration<double> since = Clock::now() - saved;
    if (since.count() > kSaveSeconds && trainer.Finished().size() < epochs) save();
  }
  const RunResult result{.network = run.experiment.network.name,
                         .seed = run.experiment.training.seed,
                         .backend = backend,
                         .seconds = seconds(),
                         .validation = run.experiment.data.validation,
                         .device = device ? device->ToJson() : Json(),
                         .epochs = trainer.Finished()};
  Json json = ResultToJson(result);
  json["identity"] = run.identity;
  WriteFile(ResultFile(run), json.dump(1) + "\n");
  run.result = result;
  fs::remove(state_file, ignored);
  return true;
}

// The threads of one call of Run.
class Sweep::Pool {
 public:
  Pool(Sweep& sweep, std::vector<SweepRun*> todo, const std::function<bool()>& stop,
       const EndFunction& ended)
      : sweep_(sweep), todo_(std::move(todo)), stop_(stop), ended_(ended) {}

  bool Run(int jobs, const TickFunction& tick) {
    double all = 0;
    for (const SweepRun* run : todo_) all += run->Work();
    const auto count = std::min<std::size_t>(jobs, todo_.size());
    std::vector<std::thread> threads;
    active_ = static_cast<int>(count);
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { Work(); });
    {
      std::unique_lock lock(mutex_);
      while (
          !idle_.wait_for(lock, std::chrono::milliseconds(200), [this] { return active_ == 0; })) {
        tick(all > 0 ? work_ / all : 1, active_);
      }
    }
    for (std::thread& thread : threads) thread.join();
    if (error_) std::rethrow_exception(error_);
    return !stopped_;
  }

 private:
  void Work() {
    while (SweepRun* run = Take()) {
      try {
        const double weight = WorkPerSample(*run);
        const bool done = sweep_.RunOne(
            *run, [this] { return Stop(); },
            [&](std::int64_t samples) {
              const std::scoped_lock lock(mutex_);
              work_ += weight * static_cast<double>(samples);
            });
        const std::scoped_lock lock(mutex_);
        if (done) {
          ended_(*run);
        } else {
          stopped_ = true;
        }
      } catch (...) {
        const std::scoped_lock lock(mutex_);
        if (!error_) error_ = std::current_exception();
        failed_ = true;
      }
    }
    const std::scoped_lock lock(mutex_);
    --active_;
    idle_.notify_one();
  }

  bool Stop() const { return failed_ || (stop_ && stop_()); }

  SweepRun* Take() {
    const std::scoped_lock lock(mutex_);
    if (next_ == todo_.size()) return nullptr;
    if (Stop()) {
      stopped_ = true;
      return nullptr;
    }
    return todo_[next_++];
  }

  Sweep& sweep_;
  std::vector<SweepRun*> todo_;
  const std::function<bool()>& stop_;
  const EndFunction& ended_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::atomic<bool> failed_ = false;
  // Under mutex_:
  std::size_t next_ = 0;
  int active_ = 0;
  double work_ = 0;
  bool stopped_ = false;
  std::exception_ptr error_;
};

bool Sweep::Run(const std::vector<int>& numbers, int jobs, const std::function<bool()>& stop,
                const EndFunction& ended, const TickFunction& tick) {
  std::vector<SweepRun*> todo;
  for (SweepRun& run : runs_) {
    const bool wanted = numbers.empty() || std::ranges::find(numbers, run.number) != numbers.end();
    if (wanted && !run.result) todo.push_back(&run);
  }
  return Pool(*this, std::move(todo), stop, ended).Run(jobs, tick);
}

}  // namespace ep::sim
