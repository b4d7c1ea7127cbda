// SPDX-License-Identifier: Apache-2.0

#include "sim/run/interrupt.h"

namespace ep::sim {
namespace {

// A signal handler can reach nothing but static data.
volatile std::sig_atomic_t requested = 0;

void Request(int) { requested = 1; }

void Install(int signal, struct sigaction& old) {
  struct sigaction action{};
  action.sa_handler = Request;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, &old);
  if (old.sa_handler == SIG_IGN) sigaction(signal, &old, nullptr);
}

}  // namespace

Interrupt::Interrupt() {
  requested = 0;
  Install(SIGINT, old_int_);
  Install(SIGTERM, old_term_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
}

bool Interrupt::Requested() const { return requested != 0; }

}  // namespace ep::sim
