// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C as a question: long work asks between chunks and leaves in good order.

#pragma once

#include <csignal>

namespace ep::sim {

// While one of these lives, the first SIGINT or SIGTERM only makes Requested true; the second one
// ends the program at once. Signals that were ignored stay ignored. At most one lives at a time.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  bool Requested() const;

 private:
  struct sigaction old_int_{};
  struct sigaction old_term_{};
};

}  // namespace ep::sim
