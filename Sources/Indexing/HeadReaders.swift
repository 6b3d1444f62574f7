// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import Synchronization

/// The text that a chunk is embedded by.
struct Head: Sendable {
  var place: HeadPlace
  var text: String
  /// The hash of the text, never 0; 0 where nobody will ask for it.
  var input: UInt64
}

/// Repository handles for reading heads; as many are opened as are in use at once.
final class HeadReaders: Sendable {
  private let gitDirectory: String
  /// Whether texts are told apart by a hash.
  private let hashes: Bool
  private let idle = Mutex<[Handle]>([])

  private final class Handle: @unchecked Sendable {  // because `idle` lends each to one task at a time
    let repository: Repository
    init(_ repository: Repository) { self.repository = repository }
  }

  init(gitDirectory: String, hashes: Bool) {
    self.gitDirectory = gitDirectory
    self.hashes = hashes
  }

  /// The text of each head that is worth a vector, and the places of those that are not.
  func heads(
    of blobs: ArraySlice<BlobHeads>
  ) throws -> (heads: [Head], passedOver: [HeadPlace]) {
    let handle = try idle.withLock { $0.popLast() } ?? Handle(try Repository(opening: gitDirectory))
    defer { idle.withLock { $0.append(handle) } }
    var heads: [Head] = []
    var passedOver: [HeadPlace] = []
    for blob in blobs {
      try handle.repository.withBytes(of: blob.object) { bytes in
        for place in blob.places {
          let head = UnsafeRawBufferPointer(rebasing: bytes[place.bytes.clamped(to: 0..<bytes.count)])
          if Embeddable.isWorthIt(head, isLoose: place.isLoose) {
            let input = hashes ? Repository.hash16(head).0 | 1 : 0
            heads.append(Head(place: place, text: String(decoding: head, as: UTF8.self), input: input))
          } else {
            passedOver.append(place)
          }
        }
      }
    }
    return (heads, passedOver)
  }
}
