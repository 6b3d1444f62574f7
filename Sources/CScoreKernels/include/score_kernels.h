// SPDX-License-Identifier: Apache-2.0
// The loops that every query runs over posting lists, in C because they must not depend on what an optimiser makes of
// a Swift collection.
#ifndef NENRIN_SCORE_KERNELS_H
#define NENRIN_SCORE_KERNELS_H
#include <stddef.h>
#include <stdint.h>
#endif
