// SPDX-License-Identifier: Apache-2.0
#include "vector_kernels.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

WIDE void nenrin_vector_add(const int8_t *row, float scale, float *sum, size_t count) {
  for (size_t i = 0; i < count; i++) sum[i] += scale * (float)row[i];
}

float nenrin_vector_dot(const float *left, const float *right, size_t count) {
  // Eight sums side by side: one alone would have to be added in order.
  float sums[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (size_t lane = 0; lane < 8; lane++) sums[lane] += left[i + lane] * right[i + lane];
  for (; i < count; i++) sums[0] += left[i] * right[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

WIDE void nenrin_vector_rotate(float *vector, size_t count) {
  uint32_t state = 0x9e3779b9u;
  for (size_t i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    if (state & 0x10000u) vector[i] = -vector[i];
  }
  for (size_t half = 1; half < count; half *= 2) {
    for (size_t start = 0; start < count; start += 2 * half) {
      for (size_t i = start; i < start + half; i++) {
        float a = vector[i], b = vector[i + half];
        vector[i] = a + b;
        vector[i + half] = a - b;
      }
    }
  }
  float scale = 1 / sqrtf((float)count);
  for (size_t i = 0; i < count; i++) vector[i] *= scale;
}

WIDE float nenrin_code_encode(const float *vector, size_t count, uint8_t *code) {
  // Max (1960): the best thresholds for two bits of a normal distribution lie at 0 and 0.98 deviations.
  const float edge = 0.9816f / sqrtf((float)count);
  const size_t quarter = count / 4;
  float product = 0;
  for (size_t i = 0; i < quarter; i++) code[i] = 0;
  for (size_t part = 0; part < 4; part++) {
    for (size_t i = 0; i < quarter; i++) {
      float value = vector[part * quarter + i];
      int level = (value >= -edge) + (value >= 0) + (value >= edge);
      code[i] |= (uint8_t)(level << (2 * part));
      product += value * (float)(2 * level - 3);
    }
  }
  return product;
}

static int32_t sum_of(const int8_t *query, size_t count) {
  int32_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += query[i];
  return sum;
}

static int32_t scan_one(const uint8_t *code, size_t quarter, const int8_t *query) {
  int32_t sum = 0;
  for (size_t part = 0; part < 4; part++) {
    const int8_t *numbers = query + part * quarter;
    for (size_t i = 0; i < quarter; i++) sum += ((code[i] >> (2 * part)) & 3) * numbers[i];
  }
  return sum;
}

#if defined(__x86_64__)
// Products of a level (0 to 3) and a number (-127 to 127) add up pairwise to at most 762, so that 42 of them fit into
// 16 bits; wider sums are taken every 1,024 numbers.
__attribute__((target("avx2"))) static int32_t scan_one_avx2(const uint8_t *code, size_t quarter, const int8_t *query) {
  const __m256i low = _mm256_set1_epi8(3), ones = _mm256_set1_epi16(1);
  __m256i total = _mm256_setzero_si256();
  for (size_t start = 0; start < quarter; start += 256) {
    size_t end = start + 256 < quarter ? start + 256 : quarter;
    __m256i sums = _mm256_setzero_si256();
    for (size_t i = start; i < end; i += 32) {
      __m256i bits = _mm256_loadu_si256((const __m256i *)(code + i));
      const int8_t *numbers = query + i;
      __m256i q0 = _mm256_loadu_si256((const __m256i *)numbers);
      __m256i q1 = _mm256_loadu_si256((const __m256i *)(numbers + quarter));
      __m256i q2 = _mm256_loadu_si256((const __m256i *)(numbers + 2 * quarter));
      __m256i q3 = _mm256_loadu_si256((const __m256i *)(numbers + 3 * quarter));
      __m256i c0 = _mm256_and_si256(bits, low);
      __m256i c1 = _mm256_and_si256(_mm256_srli_epi16(bits, 2), low);
      __m256i c2 = _mm256_and_si256(_mm256_srli_epi16(bits, 4), low);
      __m256i c3 = _mm256_and_si256(_mm256_srli_epi16(bits, 6), low);
      __m256i first = _mm256_add_epi16(_mm256_maddubs_epi16(c0, q0), _mm256_maddubs_epi16(c1, q1));
      __m256i second = _mm256_add_epi16(_mm256_maddubs_epi16(c2, q2), _mm256_maddubs_epi16(c3, q3));
      sums = _mm256_add_epi16(sums, _mm256_add_epi16(first, second));
    }
    total = _mm256_add_epi32(total, _mm256_madd_epi16(sums, ones));
  }
  int32_t lanes[8];
  _mm256_storeu_si256((__m256i *)lanes, total);
  int32_t sum = 0;
  for (int lane = 0; lane < 8; lane++) sum += lanes[lane];
  return sum;
}
#endif

void nenrin_code_scan(const uint8_t *codes, const uint32_t *rows, size_t row_count, size_t count, const int8_t *query,
                      const int32_t *chunk_file, int32_t *scores) {
  const size_t quarter = count / 4;
  const int32_t offset = 3 * sum_of(query, count);
  int32_t (*scan)(const uint8_t *, size_t, const int8_t *) = scan_one;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) scan = scan_one_avx2;
#endif
  for (size_t i = 0; i < row_count; i++)
    scores[i] = chunk_file[rows[i]] < 0 ? INT32_MIN : 2 * scan(codes + i * quarter, quarter, query) - offset;
}
