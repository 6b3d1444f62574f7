// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import Inference

/// What an embedding run came to.
struct EmbeddingOutcome: Sendable {
  /// Chunks that got a vector.
  var new = 0
  /// Texts that were sent for that; the others were known.
  var sent = 0
  /// Chunks that still have none, because the embedder failed.
  var missing = 0
  /// Chunks whose text no server takes, and what was said of the first.
  var refused = 0
  var refusal: String?
  /// Why it ended early.
  var failure: NenrinError?
}

/// Gives the chunks of some blobs their vectors, each once: reads their heads from git and asks the embedder.
struct EmbeddingRun {
  let embedder: any Embedder
  let writer: HomeWriter
  let gitDirectory: String
  /// Batches of blobs that are at work at once.
  let width: Int
  /// Told how many of how many blobs are done, and how many texts were sent.
  let progress: (_ done: Int, _ total: Int, _ sent: Int) -> Void

  /// Blobs in a batch: some hundred texts.
  private static let batchSize = 32

  /// What a batch of blobs came to.
  private struct Embedded {
    var made: [(head: Head, vector: [Float])] = []
    var known: [(place: HeadPlace, vector: StoredVector)] = []
    var twins: [Head] = []
    var passedOver: [HeadPlace] = []
    var refused: [(head: Head, reason: String)] = []
    var failure: NenrinError?
  }

  /// What is made is written at the latest after this time and 1/`shareAtRisk` of what is there, so that a killed run
  /// loses little and does not leave many files.
  var longestUnwritten = Duration.seconds(60)
  private static let shareAtRisk = 64

  static func space(of identity: EmbedderIdentity) -> VectorSpace {
    VectorSpace(name: identity.name, dimensions: identity.dimensions, fingerprint: identity.fingerprint)
  }

  private var space: VectorSpace { EmbeddingRun.space(of: embedder.identity) }
  /// Where texts are sent to a server, none is sent twice; where not, remembering them costs more than it saves.
  private var remembers: Bool { embedder.requestsAtOnce > 0 }

  /// Chunks that have no vector yet, those included that are not worth one.
  func missing(_ blobs: some Sequence<BlobKey>) -> Int {
    writer.unembedded(blobs, in: space).reduce(0) { $0 + $1.placeCount }
  }

  /// Embeds what has no vector yet; the blobs must be sealed. Where the embedder fails or the task is cancelled, what is
  /// finished is kept and the next run goes on from there. Throws `CancellationError`, `diskFull`, `objectUnreadable`.
  func run(_ blobs: some Sequence<BlobKey>) async throws -> EmbeddingOutcome {
    let segments = writer.unembedded(blobs, in: space)
    let total = segments.reduce(0) { $0 + $1.blobs.count }
    let ledger = InputLedger(remembers ? writer.knownInputs(in: space) : KnownInputs())
    let readers = HeadReaders(gitDirectory: gitDirectory, hashes: remembers)
    var (outcome, done, looked) = (EmbeddingOutcome(), 0, 0)
    var twins: [(segment: UnembeddedSegment, heads: [Head])] = []
    for segment in segments {
      guard outcome.failure == nil else { break }
      var batch = segment.batch()
      var (written, since) = (0, ContinuousClock.now)
      twins.append((segment, []))
      let result: Result<Void, any Error>
      do {
        outcome.failure = try await embed(segment.blobs, ledger, readers) { embedded, blobCount in
          looked += EmbeddingRun.take(embedded, into: &batch, &outcome, ledger)
          twins[twins.count - 1].heads += embedded.twins
          done += blobCount
          progress(done, total, outcome.sent)
          guard since.duration(to: .now) >= longestUnwritten, batch.count * Self.shareAtRisk >= written else { return }
          ledger.note(try writer.add(batch, to: segment))
          written += batch.count
          outcome.new += batch.count
          (batch, since) = (segment.batch(), .now)
        }
        result = .success(())
      } catch { result = .failure(error) }
      ledger.note(try writer.add(batch, to: segment))
      outcome.new += batch.count
      try result.get()
    }
    for (segment, heads) in twins where !heads.isEmpty { looked += try settle(heads, of: segment, ledger, &outcome) }
    outcome.missing = outcome.failure == nil ? 0 : segments.reduce(0) { $0 + $1.placeCount } - looked
    return outcome
  }

  /// Returns how many chunks need not be looked at again.
  private static func take(
    _ embedded: Embedded, into batch: inout VectorBatch, _ outcome: inout EmbeddingOutcome, _ ledger: InputLedger
  ) -> Int {
    for (head, vector) in embedded.made { batch.add(head.place, vector, input: head.input) }
    for (place, vector) in embedded.known { batch.add(place, copying: vector) }
    for place in embedded.passedOver { batch.add(place, nil) }
    for (head, reason) in embedded.refused {
      batch.add(head.place, nil)
      ledger.noteRefused(head)
      outcome.refusal = outcome.refusal ?? reason
    }
    outcome.sent += embedded.made.count + embedded.refused.count
    outcome.refused += embedded.refused.count
    return embedded.made.count + embedded.known.count + embedded.passedOver.count + embedded.refused.count
  }

  /// Gives chunks the vector that another one with the same text got meanwhile; returns how many have theirs.
  private func settle(
    _ heads: [Head], of segment: UnembeddedSegment, _ ledger: InputLedger, _ outcome: inout EmbeddingOutcome
  ) throws -> Int {
    var batch = segment.batch()
    var looked = 0
    for head in heads {
      let (vector, isRefused) = ledger.vector(of: head.input)
      if let vector {
        batch.add(head.place, copying: vector)
      } else if isRefused {
        batch.add(head.place, nil)
        outcome.refused += 1
      } else {
        continue
      }
      looked += 1
    }
    try writer.add(batch, to: segment)
    outcome.new += batch.count
    return looked
  }

  /// Gives back why the embedder failed, where it did.
  private func embed(
    _ blobs: [BlobHeads], _ ledger: InputLedger, _ readers: HeadReaders, take: (Embedded, Int) throws -> Void
  ) async throws -> NenrinError? {
    let starts = Array(stride(from: 0, to: blobs.count, by: EmbeddingRun.batchSize))
    return try await withThrowingTaskGroup(of: (Embedded, Int).self) { group in
      var issued = 0
      func issue() {
        let part = blobs[starts[issued]..<min(starts[issued] + EmbeddingRun.batchSize, blobs.count)]
        let embedder = embedder
        group.addTask { (try await EmbeddingRun.embed(part, embedder, ledger, readers), part.count) }
        issued += 1
      }
      while issued < min(width, starts.count) { issue() }
      // What is under way when one fails is waited for and kept: somebody's server has worked on it.
      var (failure, error): (NenrinError?, (any Error)?) = (nil, nil)
      while let result = await group.nextResult() {
        do {
          let (embedded, count) = try result.get()
          try take(embedded, count)
          failure = failure ?? embedded.failure
        } catch let thrown { error = error ?? thrown }
        if Task.isCancelled { error = error ?? CancellationError() }
        if failure == nil, error == nil, issued < starts.count { issue() }
      }
      if let error { throw error }
      return failure
    }
  }

  private static func embed(
    _ blobs: ArraySlice<BlobHeads>, _ embedder: any Embedder, _ ledger: InputLedger, _ readers: HeadReaders
  ) async throws -> Embedded {
    let (heads, passedOver) = try readers.heads(of: blobs)
    let sorted = ledger.sort(heads)
    var embedded = Embedded(known: sorted.known, twins: sorted.twins, passedOver: passedOver)
    let result: PartialEmbedding
    do {
      result = try await embedder.embedKeeping(sorted.unknown.map(\.text), as: .passage)
    } catch let failure as NenrinError {
      embedded.failure = failure
      return embedded
    }
    guard result.vectors.count == sorted.unknown.count else {
      throw NenrinError(.internalFailure, "\(result.vectors.count) vectors came for \(sorted.unknown.count) texts")
    }
    for (index, head) in sorted.unknown.enumerated() {
      if let vector = result.vectors[index] { embedded.made.append((head, vector)) }
      if let reason = result.refused[index] { embedded.refused.append((head, reason)) }
    }
    embedded.failure = result.failure
    return embedded
  }
}
