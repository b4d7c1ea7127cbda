#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Equilibrium Propagation in PyTorch on one thread: what the fast model is compared with.

A fully connected network as usual research code has it, float32 on the CPU, by hand-derived matrix
products (autograd of the energy is slower still); the input's contribution is computed once a
batch. With layers 0..L, W[i] from layer i to i + 1, the input clamped:

  p_i = s_(i-1) W[i-1]' + b[i-1] + s_(i+1) W[i]      the last term is absent at the output
  p_L = p_L + beta (y - s_L)                         in the nudged phases
  s_i = clamp(p_i, 0, 1)                             all layers at once
  free phase: T sweeps from 0; nudged phases: K sweeps each from the free states, +beta and -beta
  dW[i] ~ (s+_(i+1)' s+_i - s-_(i+1)' s-_i) / (2 beta batch), likewise the biases; plain SGD

With one nudged phase (--nudges 1) the free states take the place of the second.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when the library is loaded

try:
    import torch
except ImportError:
    sys.exit("bench_torch: no PyTorch: run `make bench`, which installs it")

torch.set_num_threads(1)
torch.set_grad_enabled(False)
torch.manual_seed(1)

# name, sizes, T, K, nudged phases: first those of the fast model, then a usual recipe of papers.
NETWORKS = [
    ("mnist-256", [196, 256, 10], 4, 4, 2),
    ("mnist-784-256", [784, 256, 10], 4, 4, 2),
    ("mnist-784-1024", [784, 1024, 10], 4, 4, 2),
    ("784-512-10, T = 30, K = 10", [784, 512, 10], 30, 10, 1),
]


class EquilibriumPropagation:
    """A network and its training step on one batch."""

    def __init__(self, sizes, free_sweeps, nudged_sweeps, nudges, beta=0.5, rate=0.05):
        self.free_sweeps, self.nudged_sweeps, self.nudges = free_sweeps, nudged_sweeps, nudges
        self.beta, self.rate = beta, rate
        self.weights = [
            torch.empty(out, into).uniform_(-1, 1).div_(into**0.5)
            for into, out in itertools.pairwise(sizes)
        ]
        self.biases = [torch.zeros(size) for size in sizes[1:]]

    def sweep(self, states, drive, target, beta):
        last = len(self.weights)
        result = [states[0]]
        for i in range(1, last + 1):
            if i > 1:
                p = torch.addmm(self.biases[i - 1], states[i - 1], self.weights[i - 1].t())
            else:
                p = drive.clone()
            if i < last:
                p.addmm_(states[i + 1], self.weights[i])
            elif beta:
                p.add_(target - states[i], alpha=beta)
            result.append(p.clamp_(0, 1))
        return result

    def relax(self, states, drive, target, beta, sweeps):
        for _ in range(sweeps):
            states = self.sweep(states, drive, target, beta)
        return states

    def train(self, x, target):
        drive = torch.addmm(self.biases[0], x, self.weights[0].t())
        zeros = [x] + [torch.zeros(len(x), len(b)) for b in self.biases]
        free = self.relax(zeros, drive, None, 0, self.free_sweeps)
        plus = self.relax(free, drive, target, self.beta, self.nudged_sweeps)
        minus = free
        if self.nudges == 2:
            minus = self.relax(free, drive, target, -self.beta, self.nudged_sweeps)
        scale = self.rate / (self.nudges * self.beta * len(x))
        for i, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            if i == 0:  # the input is the same in both phases: one product
                w.addmm_((plus[1] - minus[1]).t(), x, alpha=scale)
            else:
                w.addmm_(plus[i + 1].t(), plus[i], alpha=scale)
                w.addmm_(minus[i + 1].t(), minus[i], alpha=-scale)
            b.add_((plus[i + 1] - minus[i + 1]).sum(0), alpha=scale)
        return free[-1].argmax(1)


def gflops():
    """Rate of a large product: tells which BLAS PyTorch found."""
    a, b = torch.randn(256, 784), torch.randn(784, 512)
    times = []
    for _ in range(20):
        start = time.process_time()
        torch.mm(a, b)
        times.append(time.process_time() - start)
    return 2 * 256 * 784 * 512 / min(times) / 1e9


def rate(sizes, free_sweeps, nudged_sweeps, nudges, batch, seconds):
    """Median samples/s, in seconds of the process, of five stretches after one to warm up."""
    network = EquilibriumPropagation(sizes, free_sweeps, nudged_sweeps, nudges)
    images = torch.rand(5000, sizes[0]) * (torch.rand(5000, sizes[0]) < 0.2)
    targets = torch.eye(sizes[-1])[torch.randint(sizes[-1], (5000,))]
    rates = []
    position = 0
    for _ in range(6):
        start, samples = time.process_time(), 0
        while time.process_time() - start < seconds:
            network.train(images[position : position + batch], targets[position : position + batch])
            samples += batch
            position = (position + batch) % (5000 - batch + 1)
        rates.append(samples / (time.process_time() - start))
    return statistics.median(rates[1:])


def main():
    parser = argparse.ArgumentParser(description="Training speed of PyTorch beside the fast model")
    parser.add_argument("--fast", help="result of fast_benchmark --json, for the ratios")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each timed stretch")
    options = parser.parse_args()
    fast = {}
    if options.fast:
        with open(options.fast, encoding="utf-8") as file:
            fast = json.load(file)

    speed = gflops()
    print(f"PyTorch {torch.__version__}, one thread, float32, matrix product {speed:.0f} GFLOP/s")
    if speed < 20:
        print("  That is slow: is it linked to the reference BLAS? (libopenblas0-openmp)")
    for name, sizes, free_sweeps, nudged_sweeps, nudges in NETWORKS:
        for batch in (1, 50):
            found = rate(sizes, free_sweeps, nudged_sweeps, nudges, batch, options.seconds)
            line = f"  {name:28} batch {batch:2}  {found:8.0f} samples/s"
            if name in fast:
                line += f"   fast model, batch 1: {fast[name]['mean'] / found:.0f} times as many"
            print(line, flush=True)


if __name__ == "__main__":
    main()
