// SPDX-License-Identifier: Apache-2.0
// The loops over vectors and their codes, in C because they must use the widest instructions of the machine that runs
// them, not of the one that built them. Every array is the caller's; nothing is kept, nothing is allocated.
#ifndef NENRIN_VECTOR_KERNELS_H
#define NENRIN_VECTOR_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/// Adds `scale · row[i]` to each of `count` sums.
void nenrin_vector_add(const int8_t *row, float scale, float *sum, size_t count);

/// The inner product of two vectors.
float nenrin_vector_dot(const float *left, const float *right, size_t count);

/// Turns a vector in place without changing any angle: fixed signs, then a Walsh-Hadamard transform. `count` is a power
/// of two. Afterwards every number says about as much as any other, which a code of few bits needs.
void nenrin_vector_rotate(float *vector, size_t count);

/// Writes two bits for each number of a rotated vector of unit length: `count` / 4 bytes, of which byte i holds the
/// numbers i, i + count/4, i + count/2, i + 3·count/4 from its low bits up, each as (level + 3) / 2 for the levels -3,
/// -1, 1, 3. Returns the inner product of the vector with its levels. `count` is a multiple of 128.
float nenrin_code_encode(const float *vector, size_t count, uint8_t *code);

/// Scores `row_count` codes of `count` numbers each against a query: scores[i] is the inner product of the levels of
/// code i with the query's numbers. Rows whose chunk is not in the view (`chunk_file[rows[i]] < 0`) score INT32_MIN.
void nenrin_code_scan(const uint8_t *codes, const uint32_t *rows, size_t row_count, size_t count, const int8_t *query,
                      const int32_t *chunk_file, int32_t *scores);
#endif
