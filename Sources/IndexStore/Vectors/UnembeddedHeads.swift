// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What is worth a vector. Decided by the chunk and its language alone, so that it is the same in every home.
package enum Embeddable {
  static func isWorthIt(_ traits: ChunkTraits, _ language: Language) -> Bool {
    guard traits.flags & 1 == 0, traits.headCount > 0 else { return false }
    return isWorthIt(language)
  }

  static func isWorthIt(_ language: Language) -> Bool {
    switch language {
    // Addresses and wiring: numbers, and names that the words' index finds.
    case .devicetree, .linkerScript: return false
    default: return true
    }
  }

  static func isCode(_ language: Language) -> Bool {
    [.c, .cpp, .rust, .swift, .python, .shell, .perl, .assembly, .make].contains(language)
  }

  /// Whether a head is sent. A run of declarations without a word on top has nothing to say that its names do not.
  package static func isWorthIt(_ head: UnsafeRawBufferPointer, isLoose: Bool) -> Bool {
    guard isLoose else { return true }
    guard let start = head.firstIndex(where: { $0 > 0x20 }) else { return false }
    let next = start + 1 < head.count ? head[start + 1] : 0
    return head[start] == UInt8(ascii: "#") && (next == UInt8(ascii: " ") || next == UInt8(ascii: "!"))
      || head[start] == UInt8(ascii: "/") && (next == UInt8(ascii: "*") || next == UInt8(ascii: "/"))
      || head[start] == UInt8(ascii: "\"")
  }
}

/// Vectors by the text that they were made of, so that no text is sent twice, whichever chunks begin with it.
package struct KnownInputs: Sendable {
  private struct Place {
    var file: UInt32
    var row: UInt32
  }

  private var files: [VectorFile] = []
  private var places: [UInt64: Place] = [:]

  package init() {}

  /// The vector of a text; nil where none is there.
  package func vector(of input: UInt64) -> StoredVector? {
    places[input].map { files[Int($0.file)].vector(at: Int($0.row)) }
  }

  /// Takes in what was written.
  package mutating func add(_ written: WrittenVectors) {
    if let file = try? VectorFile(path: written.path, chunkCount: written.chunkCount) { add(file) }
  }

  /// A file that is damaged is not copied from.
  mutating func add(_ file: VectorFile) {
    let inputs = file.inputHashes
    guard !inputs.isEmpty, file.isWhole else { return }
    files.append(file)
    for (row, input) in inputs.enumerated() where input != 0 && places[input] == nil {
      places[input] = Place(file: UInt32(files.count - 1), row: UInt32(row))
    }
  }
}

/// A file of vectors that has just been written.
package struct WrittenVectors: Sendable {
  let path: String
  let chunkCount: Int
}

/// "Which chunks of these blobs have no vector in this space?"
struct UnembeddedHeads {
  private let segments: [Segment]
  private var looked: [[UInt8]]
  private var found: [UnembeddedSegment]

  static func of(
    _ blobs: some Sequence<BlobKey>, among segments: [Segment], in space: VectorSpace, _ folder: VectorFolder
  ) -> [UnembeddedSegment] {
    var heads = UnembeddedHeads(segments, space, folder)
    var seen = Set<BlobKey>()
    for key in blobs where seen.insert(key).inserted { heads.collect(key) }
    return heads.found.filter { !$0.blobs.isEmpty || !$0.passedOver.isEmpty }
  }

  private init(_ segments: [Segment], _ space: VectorSpace, _ folder: VectorFolder) {
    self.segments = segments
    looked = segments.map { SegmentVectors($0, space, in: folder).looked }
    found = segments.map {
      UnembeddedSegment(number: $0.number, space: space, chunkCount: $0.chunkCount, blobs: [], passedOver: [])
    }
  }

  private mutating func collect(_ key: BlobKey) {
    guard let (segment, row) = blob(key) else { return }
    let language = Language(rawValue: segment.blobs[row].language) ?? .unknown
    var byte = 0
    for place in segment.chunks(ofBlob: row) {
      let number = segment.blobChunks[place]
      guard let index = segments.firstIndex(where: { $0.chunkRange.contains(Int(number)) }) else { continue }
      let owner = segments[index]
      let local = Int(number) - owner.chunkBase
      let start = byte
      byte += Int(owner.chunkByteCounts[local])
      let bit = UInt8(1) << UInt8(local % 8)
      guard looked[index][local / 8] & bit == 0 else { continue }
      looked[index][local / 8] |= bit
      let traits = owner.chunkTraits[local]
      guard Embeddable.isWorthIt(traits, language) else {
        found[index].passedOver.append(UInt32(local))
        continue
      }
      let head = start + Int(traits.headStart)
      let place = HeadPlace(
        chunk: UInt32(local), bytes: head..<min(head + Int(traits.headCount), byte),
        isLoose: traits.kind == 255 && Embeddable.isCode(language))
      if found[index].blobs.last?.object != key.object {
        found[index].blobs.append(BlobHeads(object: key.object, places: []))
      }
      found[index].blobs[found[index].blobs.count - 1].places.append(place)
    }
  }

  private func blob(_ key: BlobKey) -> (Segment, Int)? {
    for segment in segments {
      if let row = segment.blobRow(key) { return (segment, row) }
    }
    return nil
  }
}
