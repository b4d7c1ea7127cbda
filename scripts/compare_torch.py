#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Equispin and PyTorch train the same network on the same number of MNIST images.

  scripts/compare_torch.py [NETWORK...] [--samples N] [--epochs E] [--rate R]

For each of sim/nets/NETWORK.toml (mnist-784-1024): accuracy on the test set, seconds of one thread
for training alone, and bits per weight and state, of `equispin train` (fast model, batch 1) and of
Equilibrium Propagation in PyTorch (scripts/bench_torch.py), batch 1 and 50, float32, the same
sweeps and nudge; the error gate, where the network has one, holds for Equispin alone. Both see N
training images an epoch, drawn anew for each; Equispin's seconds are those of the run less those
of one that trains on one image an epoch.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import time
import tomllib

import bench_torch
import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build"))


def idx(file, header):
    return np.frombuffer((ROOT / "build/data/mnist" / file).read_bytes(), np.uint8, offset=header)


def load(part, pool, bits):
    """Images as states in 0..1, as the contract encodes them, and their classes."""
    images = idx(f"{part}-images-idx3-ubyte", 16).reshape(-1, 28, 28).astype(np.int32)
    if pool == 2:
        images = images.reshape(-1, 14, 2, 14, 2).sum(axis=(2, 4)) + 2 >> 2
    top = 2**bits - 1
    states = (images * top + 127) // 255 * 255 // top
    labels = idx(f"{part}-labels-idx1-ubyte", 8).astype(np.int64)
    return torch.tensor(states.reshape(len(labels), -1) / 255, dtype=torch.float32), labels


def equispin(name, samples, epochs):
    """Accuracy and seconds of one thread."""
    def run(samples, epochs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        result = subprocess.run(
            [BUILD / "bin/equispin", "train", name, "--epochs", str(epochs), "--train-samples",
             str(samples), "--json", "-"], check=True, capture_output=True, text=True).stdout
        return json.loads(result), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before

    result, seconds = run(samples, epochs)
    _, other = run(1, epochs)  # start, data, order of the images and tests
    return result["epochs"][-1]["test_accuracy"], seconds - other


def pytorch(net, data, batch, samples, epochs, rate):
    """Accuracy and seconds of one thread."""
    (images, labels), (test_images, test_labels) = data
    spec = net["network"]
    torch.manual_seed(1)
    network = bench_torch.EquilibriumPropagation(
        spec["populations"], spec["free_sweeps"], spec["nudged_sweeps"], 2,
        beta=2.0 ** -spec["nudge_shift"], rate=rate)
    targets = torch.eye(spec["populations"][-1])[torch.from_numpy(labels)]
    seconds = 0.0
    for epoch in range(epochs):
        network.rate = rate * (1 - epoch / epochs)
        order = torch.randperm(len(images))[:samples]
        start = time.process_time()
        for chosen in order.split(batch):
            network.train(images[chosen], targets[chosen])
        seconds += time.process_time() - start
    drive = torch.addmm(network.biases[0], test_images, network.weights[0].t())
    states = [test_images] + [torch.zeros(len(test_images), len(b)) for b in network.biases]
    states = network.relax(states, drive, None, 0, network.free_sweeps)
    right = (states[-1].argmax(1).numpy() == test_labels).mean()
    return 100 * right, seconds


def main():
    parser = argparse.ArgumentParser(description="Accuracy and time of Equispin and PyTorch")
    parser.add_argument("networks", nargs="*", default=["mnist-784-1024"])
    parser.add_argument("--samples", type=int, default=10000, help="training images of an epoch")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=0.1, help="of PyTorch, falling to 0; batch 1 "
                        "takes a fifth of it")
    options = parser.parse_args()
    print(f"PyTorch {torch.__version__}, one thread, {bench_torch.gflops():.0f} GFLOP/s in a large "
          f"product; {options.epochs} epochs of {options.samples} images")
    print(f"{'network':16} {'machine':18} {'test':>8} {'seconds':>9} {'samples/s':>10}  "
          "bits: weight, state")
    for name in options.networks:
        net = tomllib.loads((ROOT / f"sim/nets/{name}.toml").read_text(encoding="utf-8"))
        encoding = net["data"].get("pool", 1), net["data"].get("pixel_bits", 8)
        data = load("train", *encoding), load("t10k", *encoding)
        count = options.epochs * options.samples

        def show(machine, found, bits, name=name, count=count):
            accuracy, seconds = found
            print(f"{name:16} {machine:18} {accuracy:6.2f} % {seconds:9.2f} {count / seconds:10.0f}"
                  f"  {bits}", flush=True)

        ours = equispin(name, options.samples, options.epochs)
        show("equispin, batch 1", ours, "8, 8")
        theirs = {}
        for batch, rate in ((1, options.rate / 5), (50, options.rate)):
            theirs[batch] = pytorch(net, data, batch, options.samples, options.epochs, rate)
            show(f"PyTorch, batch {batch}", theirs[batch], "32, 32")
        print(f"{name:16} PyTorch's seconds are {theirs[1][1] / ours[1]:.1f} (batch 1) and "
              f"{theirs[50][1] / ours[1]:.1f} (batch 50) times Equispin's")


if __name__ == "__main__":
    main()
