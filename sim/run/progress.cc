// SPDX-License-Identifier: Apache-2.0

#include "sim/run/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ep::sim {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kLineSeconds = 10;
constexpr double kMemorySeconds = 10;
constexpr int kBarWidth = 12;  // the whole line fits 80 columns

std::string RateText(double rate) {
  return rate >= 10000 ? fmt::format("{:.0f}k", rate / 1000)
         : rate >= 100 ? fmt::format("{:.0f}", rate)
                       : fmt::format("{:.1f}", rate);
}

}  // namespace

std::string ClockText(double seconds) {
  const auto total = static_cast<std::int64_t>(std::ceil(std::max(0.0, seconds)));
  const std::int64_t hours = total / 3600;
  const std::int64_t minutes = total / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60)
                   : fmt::format("{}:{:02}", minutes, total % 60);
}

void Progress::Pace::Add(double seconds, std::int64_t samples) {
  const double keep = std::exp(-seconds / kMemorySeconds);
  seconds_ = seconds_ * keep + seconds;
  samples_ = samples_ * keep + static_cast<double>(samples);
}

void Progress::Plan(int epochs, std::int64_t train_samples, std::int64_t test_samples) {
  epochs_ = epochs;
  train_samples_ = train_samples;
  test_samples_ = test_samples;
}

void Progress::StartEpoch(int epoch) {
  epoch_ = epoch;
  mode_ = Mode::kTrain;
  seen_ = correct_ = 0;
}

void Progress::OnChunk(const ChunkReport& report) {
  if (report.mode != mode_) seen_ = correct_ = 0;
  mode_ = report.mode;
  seen_ += report.chunk;
  correct_ += report.correct;
  (mode_ == Mode::kTrain ? train_pace_ : test_pace_).Add(report.seconds, report.chunk);
  since_shown_ += report.seconds;
  if (since_shown_ < (terminal_ ? kRedrawSeconds : kLineSeconds)) return;
  since_shown_ = 0;
  if (terminal_) {
    stream_ << "\r\x1b[K" << Text(report) << std::flush;
    drawn_ = true;
  } else {
    stream_ << Text(report) << '\n' << std::flush;
  }
}

double Progress::SecondsLeft(const ChunkReport& report) const {
  const double train = (train_pace_.Known() ? train_pace_ : test_pace_).SecondsPerSample();
  const double test = (test_pace_.Known() ? test_pace_ : train_pace_).SecondsPerSample();
  const auto here = static_cast<double>(report.end - report.position);
  const int later = std::max(0, epochs_ - epoch_);
  double left = later * (train * static_cast<double>(train_samples_) +
                         test * static_cast<double>(test_samples_));
  if (report.mode == Mode::kInfer) return left + test * here;
  return left + train * here + test * static_cast<double>(test_samples_);
}

std::string Progress::Text(const ChunkReport& report) const {
  const bool train = report.mode == Mode::kTrain;
  const double part = static_cast<double>(report.position) / static_cast<double>(report.end);
  const int full = static_cast<int>(part * kBarWidth);
  const double pace = (train ? train_pace_ : test_pace_).SecondsPerSample();
  std::string text = epochs_ > 0 ? fmt::format("epoch {}/{} ", epoch_, epochs_) : "";
  text += train ? "train " : "test  ";
  if (terminal_) text += fmt::format("[{:#<{}}{:.<{}}] ", "", full, "", kBarWidth - full);
  text += fmt::format("{:3.0f} %, {:.2f} % correct, ", 100 * part,
                      100.0 * static_cast<double>(correct_) / static_cast<double>(seen_));
  return text + fmt::format("{}{}, {} left", pace > 0 ? RateText(1 / pace) : "-",
                            terminal_ ? "/s" : " samples/s", ClockText(SecondsLeft(report)));
}

void Progress::Line(const std::string& text) {
  Clear();
  stream_ << text << '\n' << std::flush;
}

void Progress::Clear() {
  if (drawn_) stream_ << "\r\x1b[K";
  drawn_ = false;
}

}  // namespace ep::sim
