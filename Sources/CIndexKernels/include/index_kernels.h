// SPDX-License-Identifier: Apache-2.0
// The loops that every query runs over posting lists, in C because their speed must not depend on what an optimiser
// makes of a collection type. Every array is the caller's; nothing is kept, nothing is allocated.
#ifndef NENRIN_INDEX_KERNELS_H
#define NENRIN_INDEX_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/// A posting list is a run of varints, each `gap << 1 | (frequency > 1)`, followed by one byte with the frequency where
/// the low bit is set. Gaps count from the chunk before (from -1 at the start). Reads at most `capacity` postings;
/// returns how many were read, or SIZE_MAX where the bytes end inside a posting or reach `limit` chunks.
size_t nenrin_postings_decode(const uint8_t *bytes, size_t byte_count, uint32_t limit, uint32_t *chunks,
                              uint8_t *frequencies, size_t capacity);

/// Keeps the postings whose chunk has a file in the view (`chunk_file[chunk] >= 0`), in place; returns how many.
size_t nenrin_postings_restrict(uint32_t *chunks, uint8_t *frequencies, size_t count, const int32_t *chunk_file);

/// Adds BM25 of one term to `scores` for each posting: weight · f · (k1 + 1) / (f + k1 · (1 − b + b · length / mean)).
void nenrin_score_chunks(const uint32_t *chunks, const uint8_t *frequencies, size_t count, const uint16_t *lengths,
                         float weight, float k1, float b, float mean_length, float *scores);

/// Adds each posting's frequency to its file's count, noting in `touched` the files that had none; returns the new
/// number of touched files.
size_t nenrin_count_in_files(const uint32_t *chunks, const uint8_t *frequencies, size_t count,
                             const int32_t *chunk_file, uint32_t *file_frequency, uint32_t *touched,
                             size_t touched_count);

/// Turns the touched files' counts, each taken times `unit`, into BM25 added to `scores`, and sets the counts back to
/// zero.
void nenrin_score_files(const uint32_t *touched, size_t touched_count, uint32_t *file_frequency, float unit,
                        const uint32_t *lengths, float weight, float k1, float b, float mean_length, float *scores);

/// Keeps the chunks that stand in both lists (in order of chunk), each with the lower frequency, in place of the first;
/// returns how many.
size_t nenrin_postings_intersect(uint32_t *chunks, uint8_t *frequencies, size_t count, const uint32_t *other_chunks,
                                 const uint8_t *other_frequencies, size_t other_count);

/// Merges a list into those merged before, all in order of chunk: where a chunk stands in both, its frequencies are
/// added, the new one times `factor`, and `worth` is the higher factor. The sums are of integers, so that they do not
/// depend on the order of merging. The output has room for `merged_count + count`; returns how many there are.
size_t nenrin_postings_merge(const uint32_t *merged_chunks, const uint32_t *merged_frequencies,
                             const uint16_t *merged_worth, size_t merged_count, const uint32_t *chunks,
                             const uint8_t *frequencies, size_t count, uint16_t factor, uint32_t *out_chunks,
                             uint32_t *out_frequencies, uint16_t *out_worth);

/// `nenrin_score_chunks` over merged postings, each frequency taken times `unit`.
void nenrin_score_merged_chunks(const uint32_t *chunks, const uint32_t *frequencies, size_t count, float unit,
                                const uint16_t *lengths, float weight, float k1, float b, float mean_length,
                                float *scores);

/// `nenrin_count_in_files` over merged postings; `file_worth` has the highest worth seen in each file.
size_t nenrin_count_merged_in_files(const uint32_t *chunks, const uint32_t *frequencies, const uint16_t *worth,
                                    size_t count, const int32_t *chunk_file, uint32_t *file_frequency,
                                    uint16_t *file_worth, uint32_t *touched, size_t touched_count);

/// Adds each posting's frequency, times the units of each of its chunk's entries, to the entry's slot; entries of chunk c
/// are those from `starts[c]` to before `starts[c + 1]`. Frequencies are `small` or, where that is NULL, `large` with
/// `worth`. Notes in `touched` the slots that had none; returns the new number of touched slots.
size_t nenrin_count_in_cards(const uint32_t *chunks, const uint8_t *small, const uint32_t *large, const uint16_t *worth,
                             size_t count, const uint32_t *starts, const uint32_t *slots, const uint16_t *units,
                             uint32_t *slot_frequency, uint16_t *slot_worth, uint32_t *touched, size_t touched_count);

/// Notes in `held` for each of these places that it holds a term, which is one bit.
void nenrin_hold(const uint32_t *places, size_t count, uint64_t term, uint64_t *held);

/// The indices of the `wanted` highest scores above zero and of some that come near the last of them, in order of index;
/// returns how many. `indices` has room for `count`.
size_t nenrin_top_scores(const float *scores, size_t count, size_t wanted, uint32_t *indices);

/// A 64-bit checksum of bytes on disk (not a cryptographic one).
uint64_t nenrin_checksum(const uint8_t *bytes, size_t count);
#endif
