// SPDX-License-Identifier: Apache-2.0
import CIndexKernels
package import Glossary

/// A manifest as flat arrays: the paths of a commit in byte order, what each is, and the object it holds.
package struct ManifestTable: Sendable, Equatable {
  private var pathBytes: [UInt8] = []
  private var pathEnds: [UInt32] = []
  /// For each path `EntryKind.rawValue`, and above its three bits the `Language.rawValue` that the path tells.
  private var codes: [UInt8] = []
  private(set) var objects: [ObjectID] = []

  package init() {}

  /// `entries` in order of path, each path once.
  package init(_ entries: [ManifestEntry]) {
    for entry in entries {
      append(entry.path.bytes, ManifestTable.code(of: entry), entry.object)
    }
  }

  package var count: Int { objects.count }

  package subscript(index: Int) -> ManifestEntry {
    ManifestEntry(path: path(at: index), kind: kind(at: index), object: objects[index])
  }

  package func kind(at index: Int) -> EntryKind { EntryKind(rawValue: codes[index] & 7) ?? .file }

  /// What makes the blob of a path one to index; of no meaning for symlinks and submodules.
  package func blobKey(at index: Int) -> BlobKey {
    BlobKey(object: objects[index], language: Language(rawValue: codes[index] >> 3) ?? .unknown)
  }

  package func path(at index: Int) -> TreePath { TreePath(bytes: Array(pathBytes[pathRange(index)])) }

  /// Calls `body` with the path's bytes.
  func withPath<R>(at index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let range = pathRange(index)
    return pathBytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Where a path stands.
  package func index(of path: TreePath) -> Int? {
    let place = firstIndex(notBefore: path.bytes)
    return place < count && pathBytes[pathRange(place)].elementsEqual(path.bytes) ? place : nil
  }

  /// The first path that is not before these bytes.
  func firstIndex(notBefore bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { bytes in
      var low = 0
      var high = count
      while low < high {
        let middle = (low + high) / 2
        if withPath(at: middle, { $0.order(bytes) < 0 }) { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private func pathRange(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : Int(pathEnds[index - 1]))..<Int(pathEnds[index])
  }

  /// Room for as much as there can be: what is not used is never touched.
  private mutating func reserve(entries: Int, pathBytes byteCount: Int) {
    pathBytes.reserveCapacity(byteCount)
    pathEnds.reserveCapacity(entries)
    codes.reserveCapacity(entries)
    objects.reserveCapacity(entries)
  }

  private mutating func append(_ path: some Collection<UInt8>, _ code: UInt8, _ object: ObjectID) {
    pathBytes.append(contentsOf: path)
    pathEnds.append(UInt32(pathBytes.count))
    codes.append(code)
    objects.append(object)
  }
}

extension ManifestTable {
  /// Marks a removed path in a delta, where the code of kind and language would stand.
  private static let removed: UInt8 = 255

  /// This manifest as a keyframe: front-coded paths with kind and object.
  package func encoded() -> [UInt8] {
    var encoder = Encoder()
    for index in 0..<count { encoder.append(pathBytes[pathRange(index)], codes[index], objects[index]) }
    return encoder.bytes
  }

  /// What turns `base` into this manifest, encoded, and how many paths it names.
  package func delta(from base: ManifestTable) -> (bytes: [UInt8], count: Int) {
    var encoder = Encoder()
    var (mine, theirs, changes) = (0, 0, 0)
    while mine < count || theirs < base.count {
      let order = ManifestTable.order(self, mine, base, theirs)
      if order == 0 {
        if codes[mine] != base.codes[theirs] || objects[mine] != base.objects[theirs] {
          encoder.append(pathBytes[pathRange(mine)], codes[mine], objects[mine])
          changes += 1
        }
        mine += 1
        theirs += 1
      } else if order < 0 {
        encoder.append(pathBytes[pathRange(mine)], codes[mine], objects[mine])
        changes += 1
        mine += 1
      } else {
        encoder.append(base.pathBytes[base.pathRange(theirs)], ManifestTable.removed, .zero)
        changes += 1
        theirs += 1
      }
    }
    return (encoder.bytes, changes)
  }

  /// Reads a keyframe; nil where the bytes are not one.
  package init?(decoding bytes: [UInt8]) {
    self.init()
    reserve(entries: bytes.count / Decoder.leastBytes, pathBytes: bytes.count + bytes.count / 4)
    let isWhole = Decoder.forEach(bytes) { path, kind, object in
      guard kind != ManifestTable.removed else { return false }
      append(path, kind, object)
      return true
    }
    guard isWhole else { return nil }
  }

  /// This manifest with a delta applied; nil where the bytes are not one.
  package func applying(delta: [UInt8]) -> ManifestTable? {
    var result = ManifestTable()
    result.reserve(entries: count + delta.count / Decoder.leastBytes, pathBytes: pathBytes.count + delta.count)
    var next = 0
    func copy(before path: [UInt8]) {
      while next < count, pathBytes[pathRange(next)].lexicographicallyPrecedes(path) {
        result.append(pathBytes[pathRange(next)], codes[next], objects[next])
        next += 1
      }
    }
    let isWhole = Decoder.forEach(delta) { path, kind, object in
      copy(before: path)
      if next < count, pathBytes[pathRange(next)].elementsEqual(path) { next += 1 }
      if kind == ManifestTable.removed { return true }
      result.append(path, kind, object)
      return true
    }
    guard isWhole else { return nil }
    while next < count {
      result.append(pathBytes[pathRange(next)], codes[next], objects[next])
      next += 1
    }
    return result
  }

  /// This manifest with changes applied, which are in order of path.
  package func applying(_ changes: [ManifestChange]) -> ManifestTable {
    guard let result = applying(delta: ManifestTable.encoded(changes)) else {
      preconditionFailure("a delta just written is whole")
    }
    return result
  }

  /// Changes in order of path, as a delta.
  static func encoded(_ changes: [ManifestChange]) -> [UInt8] {
    var encoder = Encoder()
    for change in changes {
      switch change {
      case .added(let entry), .modified(_, let entry):
        encoder.append(entry.path.bytes[...], code(of: entry), entry.object)
      case .removed(let entry): encoder.append(entry.path.bytes[...], removed, .zero)
      }
    }
    return encoder.bytes
  }

  /// What turns `base` into this manifest.
  package func changes(from base: ManifestTable) -> [ManifestChange] {
    var changes: [ManifestChange] = []
    var (mine, theirs) = (0, 0)
    while mine < count || theirs < base.count {
      let order = ManifestTable.order(self, mine, base, theirs)
      if order == 0, codes[mine] != base.codes[theirs] || objects[mine] != base.objects[theirs] {
        changes.append(.modified(from: base[theirs], to: self[mine]))
      } else if order < 0 {
        changes.append(.added(self[mine]))
      } else if order > 0 {
        changes.append(.removed(base[theirs]))
      }
      if order <= 0 { mine += 1 }
      if order >= 0 { theirs += 1 }
    }
    return changes
  }

  private static func code(of entry: ManifestEntry) -> UInt8 {
    entry.kind.rawValue | Language(path: entry.path).rawValue << 3
  }

  /// One delta that does what several do, oldest first; nil where one of them is not whole.
  static func combined(_ deltas: [[UInt8]]) -> [UInt8]? {
    if deltas.count == 1 { return deltas[0] }
    var changes: [[UInt8]: (UInt8, ObjectID)] = [:]
    for delta in deltas {
      let isWhole = Decoder.forEach(delta) { path, code, object in
        changes[path] = (code, object)
        return true
      }
      guard isWhole else { return nil }
    }
    var encoder = Encoder()
    for path in changes.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      guard let (code, object) = changes[path] else { continue }
      encoder.append(path[...], code, object)
    }
    return encoder.bytes
  }

  /// Less than zero where the first table's path comes first (or the second has none left).
  static func order(_ left: ManifestTable, _ i: Int, _ right: ManifestTable, _ j: Int) -> Int {
    guard i < left.count else { return 1 }
    guard j < right.count else { return -1 }
    return left.withPath(at: i) { a in right.withPath(at: j) { a.order($0) } }
  }

  private struct Encoder {
    var bytes: [UInt8] = []
    private var previous: [UInt8] = []

    mutating func append(_ path: ArraySlice<UInt8>, _ kind: UInt8, _ object: ObjectID) {
      let shared = zip(previous, path).prefix { $0 == $1 }.count
      bytes.appendVarint(UInt64(shared))
      bytes.appendVarint(UInt64(path.count - shared))
      bytes.append(contentsOf: path.dropFirst(shared))
      bytes.append(kind)
      if kind != ManifestTable.removed {
        bytes.appendRaw(object.high)
        bytes.appendRaw(object.middle)
        bytes.appendRaw(object.low)
      }
      previous = Array(path)
    }
  }

  private enum Decoder {
    /// What an entry with an object takes at least: two lengths, a kind, and the object's name.
    static let leastBytes = 23

    /// False where the bytes end inside an entry or `body` refuses one.
    static func forEach(_ bytes: [UInt8], _ body: ([UInt8], UInt8, ObjectID) -> Bool) -> Bool {
      bytes.withUnsafeBytes { bytes in
        var reader = ByteReader(bytes)
        var path: [UInt8] = []
        while !reader.isAtEnd {
          guard let shared = reader.varint(), shared <= path.count, let count = reader.varint(),
            let suffix = reader.slice(Int(truncatingIfNeeded: count)), let kind = reader.byte()
          else { return false }
          path.removeLast(path.count - Int(shared))
          path.append(contentsOf: suffix)
          var object = ObjectID.zero
          if kind != ManifestTable.removed {
            guard let raw = reader.slice(20) else { return false }
            object = ObjectID(
              high: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
              middle: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
              low: raw.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
          }
          if !body(path, kind, object) { return false }
        }
        return true
      }
    }
  }
}

extension ManifestTable {
  /// The checksum that is stored beside a payload.
  static func checksum(_ payload: [UInt8]) -> Int64 {
    Int64(bitPattern: payload.withUnsafeBufferPointer { nenrin_checksum($0.baseAddress, $0.count) })
  }
}
