// SPDX-License-Identifier: Apache-2.0
//
// What a machine accepts: the checks that every backend makes of weights and samples.

#pragma once

#include "model/common/machine.h"

namespace ep {

// Throws UserError unless there is one array of rows x lanes weights in [-W, W] per projection.
void CheckWeights(const Network& network, const Weights& weights);

// Throws UserError unless the learning rate multiplier is 0..31.
void CheckLearningRate(int learning_rate);

// Throws UserError unless the sample has one code per input, no code is above Q where codes are
// summed, and, in training, the output has the class.
void CheckSample(const Network& network, Mode mode, const Sample& sample);

}  // namespace ep
