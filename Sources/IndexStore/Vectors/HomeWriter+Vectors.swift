// SPDX-License-Identifier: Apache-2.0
import Glibc
package import Glossary

/// Where the text lies that a chunk is embedded by.
package struct HeadPlace: Sendable {
  /// The chunk, from the segment's first.
  var chunk: UInt32
  /// The byte range in the blob.
  package var bytes: Range<Int>
  /// Whether it is nothing in particular: a file's head, a run of declarations.
  package var isLoose: Bool
}

/// One blob's chunks that have not been looked at.
package struct BlobHeads: Sendable {
  package var object: ObjectID
  package var places: [HeadPlace]
}

/// The chunks of one segment that have no vector in a space yet.
package struct UnembeddedSegment: Sendable {
  let number: Int64
  let space: VectorSpace
  let chunkCount: Int
  /// Blobs to read, in the order of their first path.
  package var blobs: [BlobHeads]
  /// Chunks that are looked at without being embedded.
  var passedOver: [UInt32]

  /// Chunks that may get one.
  package var placeCount: Int { blobs.reduce(0) { $0 + $1.places.count } }

  /// The batch to add the vectors to.
  package func batch() -> VectorBatch {
    var batch = VectorBatch(codeLength: space.codeLength, chunkCount: chunkCount)
    for chunk in passedOver { batch.look(chunk) }
    return batch
  }
}

extension VectorBatch {
  /// Takes the vector of a head; nil where it got none. `input` is the hash of its text, 0 where nobody will ask for it.
  package mutating func add(_ place: HeadPlace, _ vector: [Float]?, input: UInt64 = 0) {
    guard let vector else { return look(place.chunk) }
    add(place.chunk, vector, input: input)
  }

  /// Takes a vector that was made before of the same text.
  package mutating func add(_ place: HeadPlace, copying vector: StoredVector) { add(place.chunk, vector) }
}

extension HomeWriter {
  /// Whether all that is sealed was looked at.
  package func isEmbedded(in space: VectorSpace) -> Bool {
    let folder = VectorFolder(path: layout.vectors)
    return segments.allSatisfy { segment in
      let vectors = SegmentVectors(segment, space, in: folder)
      return (0..<segment.chunkCount).allSatisfy { vectors.hasLooked(at: $0) }
    }
  }

  /// What has no vector yet of some blobs, all of which must be sealed, segment by segment. What an earlier run got
  /// through is not named again.
  package func unembedded(_ blobs: some Sequence<BlobKey>, in space: VectorSpace) -> [UnembeddedSegment] {
    UnembeddedHeads.of(blobs, among: segments, in: space, VectorFolder(path: layout.vectors))
  }

  /// The vectors that are there, by the text that they were made of.
  package func knownInputs(in space: VectorSpace) -> KnownInputs {
    var known = KnownInputs()
    let folder = VectorFolder(path: layout.vectors)
    for segment in segments {
      for file in SegmentVectors(segment, space, in: folder).files { known.add(file) }
    }
    return known
  }

  /// Makes vectors durable; from here on they are never made again. Throws `diskFull`.
  @discardableResult package func add(_ batch: VectorBatch, to segment: UnembeddedSegment) throws -> WrittenVectors {
    let folder = VectorFolder(path: layout.vectors)
    try HomeWriter.makeFolder(layout.vectors)
    try HomeWriter.makeFolder(folder.path(of: segment.space))
    let path = folder.nextFile(segment.space.folder, segment: segment.number)
    _ = try VectorFile.write(batch, into: path)
    return WrittenVectors(path: path, chunkCount: segment.chunkCount)
  }

  /// Which share of the chunks that were looked at has a vector.
  package func embeddedShare(in space: VectorSpace) -> Double {
    let folder = VectorFolder(path: layout.vectors)
    var (looked, embedded) = (0, 0)
    for segment in segments {
      let vectors = SegmentVectors(segment, space, in: folder)
      looked += vectors.looked.reduce(0) { $0 + $1.nonzeroBitCount }
      embedded += vectors.files.reduce(0) { $0 + $1.rowCount }
    }
    return looked > 0 ? Double(embedded) / Double(looked) : 0
  }

  /// Copies the vectors of what is live into files of new segments. `numbers` gives for each old chunk its new number.
  func copyVectors(from old: [Segment], to new: [Segment], numbers: [UInt32]) throws {
    let folder = VectorFolder(path: layout.vectors)
    for space in folder.spaces {
      for segment in new {
        try copyVectors(space, from: old, to: segment, numbers: numbers, folder)
      }
    }
  }

  private func copyVectors(
    _ space: String, from old: [Segment], to segment: Segment, numbers: [UInt32], _ folder: VectorFolder
  ) throws {
    var batch: VectorBatch?
    for source in old {
      let chunks = source.chunkRange.filter {
        numbers[$0] != UInt32.max && segment.chunkRange.contains(Int(numbers[$0]))
      }
      guard !chunks.isEmpty else { continue }
      for path in folder.files(space, segment: source.number) {
        // What is damaged is not copied: the next index run makes it again.
        guard let file = try? VectorFile(path: path, chunkCount: source.chunkCount), file.isWhole else { continue }
        var into = batch ?? VectorBatch(codeLength: file.code.length, chunkCount: segment.chunkCount)
        var looked = [UInt8](repeating: 0, count: (source.chunkCount + 7) / 8)
        file.addLooked(to: &looked)
        for chunk in chunks {
          let local = chunk - source.chunkBase
          if looked[local / 8] & (1 << UInt8(local % 8)) != 0 {
            into.look(numbers[chunk] - UInt32(segment.chunkBase))
          }
        }
        file.forEachRow { chunk, vector in
          let number = numbers[source.chunkBase + Int(chunk)]
          guard number != UInt32.max, segment.chunkRange.contains(Int(number)) else { return }
          into.add(number - UInt32(segment.chunkBase), vector)
        }
        batch = into
      }
    }
    guard let batch else { return }
    _ = try VectorFile.write(batch, into: folder.nextFile(space, segment: segment.number))
  }
}
