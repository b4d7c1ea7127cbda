// SPDX-License-Identifier: Apache-2.0
//
// Functions of the device models that give the same bits on every machine: made of additions,
// multiplications, divisions and integer steps alone, which IEEE 754 rounds in one way. (Standard
// libraries differ in the last bit of exp and log. The build keeps compilers from fusing a product
// and a sum: -ffp-contract=off.)

#pragma once

namespace ep::device {

// e^x, relative error below 1e-15; 0 below -700, e^700 above 700.
double Exp(double x);

// ln x for normal x > 0, relative error below 1e-15 beyond rounding of the result.
double Log(double x);

// Probability that a standard normal variable exceeds x: relative error below 1e-7 for x < 37.
double NormalTail(double x);

// x with NormalTail(x) = 1 - p, for 0 < p < 1; relative error below 2e-9.
double NormalQuantile(double p);

}  // namespace ep::device
