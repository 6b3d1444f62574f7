// SPDX-License-Identifier: Apache-2.0
package import Glossary
import Synchronization

/// A path of a snapshot and what the index knows of its blob.
package struct SnapshotFile: Sendable {
  /// Its place among the snapshot's paths in byte order, from 0.
  package var index: Int
  package var path: TreePath
  package var kind: EntryKind
  package var object: ObjectID
  package var language: Language
  package var skip: SkipReason
  package var byteCount: Int
  package var lineCount: Int
}

/// One chunk where it stands in a file of the snapshot.
package struct ChunkLocation: Sendable {
  /// The file's `SnapshotFile.index`.
  package var file: Int
  /// Its place among the file's chunks, from 0.
  package var ordinal: Int
  /// 1-based and inclusive.
  package var lines: ClosedRange<Int>
  /// The byte range in the blob.
  package var bytes: Range<Int>
  package var kind: SymbolKind?
  package var symbol: String?
  /// Whether it carries on the chunk before it.
  package var continues: Bool
  /// The home-wide number: equal numbers are equal text. Of no meaning across homes.
  package var number: UInt32
}

/// A definition where it stands in a file of the snapshot.
package struct SymbolLocation: Sendable {
  package var definition: Definition
  package var chunk: ChunkLocation
  package var bindings: [Binding]
}

/// One snapshot, immutable: the only way to ask the index anything.
package final class SnapshotView: Sendable {
  package let info: SnapshotInfo
  let manifest: ManifestTable
  let segments: [Segment]
  let layout: SnapshotLayout
  private let lazyPathWords = Mutex<PathWords?>(nil)
  private let lazyBuildRules = Mutex<BuildRules?>(nil)
  private let lazyCards = Mutex<FileCards?>(nil)
  private let lazyAssemblyFiles = Mutex<[Int]?>(nil)
  let vectorFolder: VectorFolder
  /// By the name of a space's folder.
  let lazyVectors = Mutex<[String: ViewVectors]>([:])

  /// - Parameter isOverlay: no catalog knows what the snapshot holds, so that it is counted here.
  init(
    info: SnapshotInfo, manifest: ManifestTable, segments: [Segment], vectorFolder: VectorFolder,
    isOverlay: Bool = false
  ) throws {
    self.vectorFolder = vectorFolder
    self.manifest = manifest
    var layout = try SnapshotLayout(manifest: manifest, segments: segments)
    self.segments = layout.dropUnneeded(segments)
    self.layout = layout
    var info = info
    if isOverlay {
      (info.files, info.chunks) = (manifest.count, layout.chunkCount)
      info.bytes = layout.byteCount(self.segments)
    }
    self.info = info
  }

  /// Paths in the snapshot, symlinks and submodules included.
  package var fileCount: Int { manifest.count }

  package func path(at index: Int) -> TreePath { manifest.path(at: index) }

  /// Whether a path's last component is this name.
  package func hasName(_ name: String, file index: Int) -> Bool {
    manifest.withPath(at: index) { path in
      let name = name.utf8
      guard path.count >= name.count, path.suffix(name.count).elementsEqual(name) else { return false }
      return path.count == name.count || path[path.count - name.count - 1] == UInt8(ascii: "/")
    }
  }

  /// The path at a place from 0 to `fileCount` - 1, with what the index knows of its blob.
  package func file(at index: Int) -> SnapshotFile {
    let entry = manifest[index]
    guard let (segment, row) = blob(at: index) else {
      return SnapshotFile(
        index: index, path: entry.path, kind: entry.kind, object: entry.object, language: .unknown,
        skip: entry.kind == .submodule ? .submodule : .symlink, byteCount: 0, lineCount: 0)
    }
    let blob = segment.blobs[row]
    return SnapshotFile(
      index: index, path: entry.path, kind: entry.kind, object: entry.object,
      language: Language(rawValue: blob.language) ?? .unknown, skip: SkipReason(rawValue: blob.skip) ?? .none,
      byteCount: Int(blob.byteCount), lineCount: Int(blob.lineCount))
  }

  package func file(_ path: TreePath) -> SnapshotFile? { manifest.index(of: path).map(file(at:)) }

  /// The places of all paths that begin with these bytes.
  package func files(under prefix: String) -> Range<Int> {
    let bytes = Array(prefix.utf8)
    let start = manifest.firstIndex(notBefore: bytes)
    var end = start
    var step = 1
    func isUnder(_ index: Int) -> Bool { manifest.withPath(at: index) { $0.starts(with: bytes) } }
    while end + step <= fileCount, isUnder(end + step - 1) {
      end += step
      step *= 2
    }
    while step > 0 {
      if end + step <= fileCount, isUnder(end + step - 1) { end += step } else { step /= 2 }
    }
    return start..<end
  }

  /// Whether a path of the snapshot lies below this directory.
  package func hasDirectory(_ path: String) -> Bool { !files(under: path.hasSuffix("/") ? path : path + "/").isEmpty }

  /// Paths of the snapshot that are like one that is not there: in the same directory those whose name begins with that
  /// one's or is nearly spelt like it, then the same file name elsewhere, then the directory's others, the nearest first.
  package func nearPaths(_ path: TreePath, limit: Int) -> [TreePath] {
    let name = Array(path.nameBytes)
    let directory = Array(path.bytes.dropLast(name.count))
    var sameName: [TreePath] = []
    var neighbours: [String] = []
    for index in 0..<fileCount {
      manifest.withPath(at: index) { bytes in
        if bytes.count > name.count, bytes.suffix(name.count).elementsEqual(name),
          bytes[bytes.count - name.count - 1] == UInt8(ascii: "/")
        {
          sameName.append(TreePath(bytes: Array(bytes)))
        } else if bytes.count > directory.count, bytes.starts(with: directory),
          !bytes[directory.count...].contains(UInt8(ascii: "/"))
        {
          neighbours.append(TreePath(bytes: Array(bytes)).text)
        }
      }
    }
    let ranked =
      directory.isEmpty
      ? [] : NearMiss.rank(neighbours, like: path.text, limit: neighbours.count).map(TreePath.init(text:))
    let stem = name.prefix { $0 != UInt8(ascii: ".") }
    func isLikely(_ neighbour: TreePath) -> Bool {
      (stem.count > 2 && neighbour.nameBytes.starts(with: stem))
        || NearMiss.distance(Array(neighbour.nameBytes), name) <= name.count / 5
    }
    let likely = ranked.filter(isLikely)
    let others = ranked.filter { !isLikely($0) }.prefix(limit)
    return Array((likely + sameName.prefix(limit) + others).prefix(limit))
  }

  /// In order of line.
  package func chunks(inFile index: Int) -> [ChunkLocation] { chunks(inFile: index) { _ in true } }

  /// Where a chunk stands in a file; more than one place where the same text stands there again.
  package func places(ofChunk number: UInt32, inFile index: Int) -> [ChunkLocation] {
    chunks(inFile: index) { $0 == number }
  }

  private func chunks(inFile index: Int, where passes: (UInt32) -> Bool) -> [ChunkLocation] {
    guard let (segment, row) = blob(at: index) else { return [] }
    var locations: [ChunkLocation] = []
    var (line, byte) = (1, 0)
    for (ordinal, place) in segment.chunks(ofBlob: row).enumerated() {
      let number = segment.blobChunks[place]
      // The name of a chunk costs more than its size, so only those that are wanted are looked at whole.
      if passes(number) {
        locations.append(location(of: number, file: index, ordinal: ordinal, line: line, byte: byte))
      }
      let holder = Segment.holding(number, among: segments)
      let local = Int(number) - holder.chunkBase
      line += max(1, Int(holder.chunkLineCounts[local]))
      byte += Int(holder.chunkByteCounts[local])
    }
    return locations
  }

  /// The home-wide numbers of a file's chunks, in order of line.
  package func chunkNumbers(inFile index: Int) -> [UInt32] {
    guard let (segment, row) = blob(at: index) else { return [] }
    return segment.chunks(ofBlob: row).map { segment.blobChunks[$0] }
  }

  /// Whether a chunk of the view begins the first file that holds it.
  package func isHead(_ number: UInt32) -> Bool {
    guard Int(number) < layout.chunkFile.count, layout.chunkFile[Int(number)] >= 0 else { return false }
    guard let (segment, row) = blob(at: Int(layout.chunkFile[Int(number)])) else { return false }
    return segment.blobChunks[segment.chunks(ofBlob: row).lowerBound] == number
  }

  /// The language of the first file that holds a chunk of the view.
  package func language(ofChunk number: UInt32) -> Language? {
    guard Int(number) < layout.chunkFile.count, layout.chunkFile[Int(number)] >= 0 else { return nil }
    guard let (segment, row) = blob(at: Int(layout.chunkFile[Int(number)])) else { return nil }
    return Language(rawValue: segment.blobs[row].language)
  }

  private func location(of number: UInt32, file: Int, ordinal: Int, line: Int, byte: Int) -> ChunkLocation {
    let segment = Segment.holding(number, among: segments)
    let local = Int(number) - segment.chunkBase
    let traits = segment.chunkTraits[local]
    return ChunkLocation(
      file: file, ordinal: ordinal, lines: line...(line + max(1, Int(segment.chunkLineCounts[local])) - 1),
      bytes: byte..<(byte + Int(segment.chunkByteCounts[local])), kind: SymbolKind(rawValue: traits.kind),
      symbol: traits.name == UInt32.max ? nil : segment.name(traits.name), continues: traits.flags & 1 != 0,
      number: number)
  }

  /// The places of a chunk in the snapshot, by path, then line.
  package func locations(ofChunk number: UInt32) -> [ChunkLocation] {
    var files = layout.files(ofChunk: number)
    if files.count > 1 { files = Array(Set(files)).sorted() }
    return files.flatMap { file in places(ofChunk: number, inFile: file) }
  }

  func blob(at index: Int) -> (Segment, Int)? {
    let segment = layout.blobSegment[index]
    return segment < 0 ? nil : (segments[Int(segment)], Int(layout.blobRow[index]))
  }

  /// Words of the snapshot's paths, worked out when first asked for.
  var pathWords: PathWords { SnapshotView.made(lazyPathWords) { PathWords(manifest) } }

  /// Which sources each option builds, worked out when first asked for.
  package var buildRules: BuildRules { SnapshotView.made(lazyBuildRules) { BuildRules(self) } }

  /// The assembly files of which the index knows what they use, worked out when first asked for.
  var assemblyFiles: [Int] {
    SnapshotView.made(lazyAssemblyFiles) {
      (0..<fileCount).filter { language(ofFile: $0) == .assembly && knowsUses(ofFile: $0) }
    }
  }

  /// What is said of each file, worked out when first asked for.
  var cards: FileCards { SnapshotView.made(lazyCards) { FileCards(self) } }

  /// Works out at once, on all cores, what a question will ask for, rather than one after the other when it is asked.
  package func prepareForQuestions() {
    let parts: [@Sendable () -> Void] = [{ _ = self.cards }, { _ = self.pathWords }]
    _ = parts.concurrentMap { $0() }
  }

  static func made<Value>(_ lazy: borrowing Mutex<Value?>, _ make: () -> Value) -> Value {
    lazy.withLock { value in
      if let value { return value }
      let new = make()
      value = new
      return new
    }
  }
}
