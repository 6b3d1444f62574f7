// SPDX-License-Identifier: Apache-2.0
#include "index_kernels.h"

#include <string.h>

size_t nenrin_postings_decode(const uint8_t *bytes, size_t byte_count, uint32_t limit, uint32_t *chunks,
                              uint8_t *frequencies, size_t capacity) {
  const uint8_t *end = bytes + byte_count;
  uint64_t next = 0;
  size_t count = 0;
  while (bytes < end && count < capacity) {
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
      if (bytes == end || shift > 35) return SIZE_MAX;
      byte = *bytes++;
      value |= (uint64_t)(byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    uint8_t frequency = 1;
    if (value & 1) {
      if (bytes == end) return SIZE_MAX;
      frequency = *bytes++;
    }
    next += value >> 1;
    if (next >= limit) return SIZE_MAX;
    chunks[count] = (uint32_t)next;
    frequencies[count] = frequency;
    next += 1;
    count += 1;
  }
  return count;
}

size_t nenrin_postings_restrict(uint32_t *chunks, uint8_t *frequencies, size_t count, const int32_t *chunk_file) {
  size_t kept = 0;
  for (size_t index = 0; index < count; index++) {
    uint32_t chunk = chunks[index];
    uint8_t frequency = frequencies[index];
    chunks[kept] = chunk;
    frequencies[kept] = frequency;
    kept += chunk_file[chunk] >= 0;
  }
  return kept;
}

void nenrin_score_chunks(const uint32_t *chunks, const uint8_t *frequencies, size_t count, const uint16_t *lengths,
                         float weight, float k1, float b, float mean_length, float *scores) {
  float scale = k1 * b / mean_length;
  float constant = k1 * (1 - b);
  float factor = weight * (k1 + 1);
  for (size_t index = 0; index < count; index++) {
    uint32_t chunk = chunks[index];
    float frequency = frequencies[index];
    scores[chunk] += factor * frequency / (frequency + constant + scale * (float)lengths[chunk]);
  }
}

size_t nenrin_count_in_files(const uint32_t *chunks, const uint8_t *frequencies, size_t count,
                             const int32_t *chunk_file, uint32_t *file_frequency, uint32_t *touched,
                             size_t touched_count) {
  for (size_t index = 0; index < count; index++) {
    uint32_t file = (uint32_t)chunk_file[chunks[index]];
    if (file_frequency[file] == 0) touched[touched_count++] = file;
    file_frequency[file] += frequencies[index];
  }
  return touched_count;
}

void nenrin_score_files(const uint32_t *touched, size_t touched_count, uint32_t *file_frequency, float unit,
                        const uint32_t *lengths, float weight, float k1, float b, float mean_length, float *scores) {
  float scale = k1 * b / mean_length;
  float constant = k1 * (1 - b);
  float factor = weight * (k1 + 1);
  for (size_t index = 0; index < touched_count; index++) {
    uint32_t file = touched[index];
    float frequency = (float)file_frequency[file] * unit;
    file_frequency[file] = 0;
    scores[file] += factor * frequency / (frequency + constant + scale * (float)lengths[file]);
  }
}

size_t nenrin_postings_intersect(uint32_t *chunks, uint8_t *frequencies, size_t count, const uint32_t *other_chunks,
                                 const uint8_t *other_frequencies, size_t other_count) {
  size_t kept = 0, other = 0;
  for (size_t index = 0; index < count; index++) {
    uint32_t chunk = chunks[index];
    while (other < other_count && other_chunks[other] < chunk) other++;
    if (other == other_count) break;
    if (other_chunks[other] != chunk) continue;
    uint8_t first = frequencies[index], second = other_frequencies[other];
    chunks[kept] = chunk;
    frequencies[kept] = first < second ? first : second;
    kept++;
  }
  return kept;
}

size_t nenrin_postings_merge(const uint32_t *merged_chunks, const uint32_t *merged_frequencies,
                             const uint16_t *merged_worth, size_t merged_count, const uint32_t *chunks,
                             const uint8_t *frequencies, size_t count, uint16_t factor, uint32_t *out_chunks,
                             uint32_t *out_frequencies, uint16_t *out_worth) {
  size_t a = 0, b = 0, written = 0;
  while (a < merged_count || b < count) {
    int takes_a = a < merged_count && (b == count || merged_chunks[a] <= chunks[b]);
    int takes_b = b < count && (a == merged_count || chunks[b] <= merged_chunks[a]);
    uint32_t frequency = 0;
    uint16_t worth = 0;
    if (takes_b) {
      out_chunks[written] = chunks[b];
      frequency = (uint32_t)frequencies[b] * factor;
      worth = factor;
      b++;
    }
    if (takes_a) {
      out_chunks[written] = merged_chunks[a];
      frequency += merged_frequencies[a];
      if (merged_worth[a] > worth) worth = merged_worth[a];
      a++;
    }
    out_frequencies[written] = frequency;
    out_worth[written] = worth;
    written++;
  }
  return written;
}

void nenrin_score_merged_chunks(const uint32_t *chunks, const uint32_t *frequencies, size_t count, float unit,
                                const uint16_t *lengths, float weight, float k1, float b, float mean_length,
                                float *scores) {
  float scale = k1 * b / mean_length;
  float constant = k1 * (1 - b);
  float factor = weight * (k1 + 1);
  for (size_t index = 0; index < count; index++) {
    uint32_t chunk = chunks[index];
    float frequency = (float)frequencies[index] * unit;
    scores[chunk] += factor * frequency / (frequency + constant + scale * (float)lengths[chunk]);
  }
}

size_t nenrin_count_merged_in_files(const uint32_t *chunks, const uint32_t *frequencies, const uint16_t *worth,
                                    size_t count, const int32_t *chunk_file, uint32_t *file_frequency,
                                    uint16_t *file_worth, uint32_t *touched, size_t touched_count) {
  for (size_t index = 0; index < count; index++) {
    uint32_t file = (uint32_t)chunk_file[chunks[index]];
    if (file_frequency[file] == 0) touched[touched_count++] = file;
    file_frequency[file] += frequencies[index];
    if (file_worth[file] < worth[index]) file_worth[file] = worth[index];
  }
  return touched_count;
}

size_t nenrin_count_in_cards(const uint32_t *chunks, const uint8_t *small, const uint32_t *large, const uint16_t *worth,
                             size_t count, const uint32_t *starts, const uint32_t *slots, const uint16_t *units,
                             uint32_t *slot_frequency, uint16_t *slot_worth, uint32_t *touched, size_t touched_count) {
  // Frequencies are bounded so that a slot that sums thousands of them does not wrap.
  const uint32_t most = 1u << 14;
  for (size_t index = 0; index < count; index++) {
    uint32_t end = starts[chunks[index] + 1];
    for (uint32_t entry = starts[chunks[index]]; entry < end; entry++) {
      uint32_t slot = slots[entry];
      uint32_t frequency = small ? small[index] : large[index];
      uint16_t value = small ? 256 : worth[index];
      if (slot_frequency[slot] == 0) touched[touched_count++] = slot;
      slot_frequency[slot] += (frequency < most ? frequency : most) * units[entry];
      if (slot_worth[slot] < value) slot_worth[slot] = value;
    }
  }
  return touched_count;
}

void nenrin_hold(const uint32_t *places, size_t count, uint64_t term, uint64_t *held) {
  for (size_t index = 0; index < count; index++) held[places[index]] |= term;
}

/// The bits of a non-negative float order as the float does.
static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// The highest of some scores, as bits; 0 where none is above zero.
static uint32_t top_of(const float *scores, size_t count) {
  int32_t top = 0;
  for (size_t index = 0; index < count; index++) {
    int32_t bits;
    memcpy(&bits, scores + index, sizeof bits);
    top = bits > top ? bits : top;
  }
  return (uint32_t)top;
}

/// The highest bucket that, with those above it, holds `wanted`; 0 where all hold fewer.
static uint32_t threshold_of(const uint32_t *histogram, size_t wanted) {
  size_t reached = 0;
  for (uint32_t bucket = 65535; bucket > 0; bucket--) {
    reached += histogram[bucket];
    if (reached >= wanted) return bucket;
  }
  return 0;
}

size_t nenrin_top_scores(const float *scores, size_t count, size_t wanted, uint32_t *indices) {
  // A histogram over the upper 16 bits of the scores finds a threshold that at least `wanted` scores reach. What `wanted`
  // stretches reach with their best is a first one, below which nobody need look: most stretches are passed over.
  enum { stretch = 64 };
  static _Thread_local uint32_t histogram[65536];
  memset(histogram, 0, sizeof histogram);
  for (size_t start = 0; start < count; start += stretch) {
    histogram[top_of(scores + start, count - start < stretch ? count - start : stretch) >> 16]++;
  }
  uint32_t threshold = threshold_of(histogram, wanted);
  memset(histogram, 0, sizeof histogram);
  size_t found = 0;
  for (size_t start = 0; start < count; start += stretch) {
    size_t length = count - start < stretch ? count - start : stretch;
    if (top_of(scores + start, length) >> 16 < threshold) continue;
    for (size_t index = start; index < start + length; index++) {
      if (!(scores[index] > 0) || bits_of(scores[index]) >> 16 < threshold) continue;
      histogram[bits_of(scores[index]) >> 16]++;
      indices[found++] = (uint32_t)index;
    }
  }
  threshold = threshold_of(histogram, wanted);
  size_t kept = 0;
  for (size_t place = 0; place < found; place++) {
    if (bits_of(scores[indices[place]]) >> 16 >= threshold) indices[kept++] = indices[place];
  }
  return kept;
}

static uint64_t mixed(uint64_t hash, uint64_t lane) {
  hash ^= lane * 0x9e3779b97f4a7c15u;
  hash = (hash << 27) | (hash >> 37);
  return hash * 0xbf58476d1ce4e5b9u + 0x94d049bb133111ebu;
}

uint64_t nenrin_checksum(const uint8_t *bytes, size_t count) {
  uint64_t a = count, b = ~(uint64_t)count, lane;
  size_t index = 0;
  for (; index + 16 <= count; index += 16) {
    memcpy(&lane, bytes + index, 8);
    a = mixed(a, lane);
    memcpy(&lane, bytes + index + 8, 8);
    b = mixed(b, lane);
  }
  for (; index < count; index++) a = mixed(a, bytes[index]);
  return mixed(mixed(a, b), count);
}
