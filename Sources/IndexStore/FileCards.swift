// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// What is said of a file, and where: the fields of its card. The raw values index arrays; they are not stored.
package enum CardField: Int, CaseIterable, Sendable {
  /// The comment at its head, or the first lines of a document.
  case head
  /// `MODULE_DESCRIPTION`, sections of documentation in its comments.
  case description
  /// Prompt and help of the options that build it.
  case option
  /// The titles of the MAINTAINERS entries over it.
  case maintainers
  /// Documents that mention it.
  case documents
}

/// The cards of a snapshot's files: for each chunk, the files of whose card it is a part. A card is never written down:
/// it is joined from chunks when a view is first asked, so that a commit that touches one Kconfig or MAINTAINERS changes
/// the right cards and no others. A slot is a file in a field: `field * fileCount + file`.
struct FileCards: Sendable {
  let fileCount: Int
  /// For each chunk of the home, where its entries begin in `slots` and `units`; one more at the end.
  private(set) var starts: [UInt32]
  private(set) var slots: [UInt32] = []
  /// How much the chunk's words count in the slot, in 64ths.
  private(set) var units: [UInt16] = []
  /// For each slot, its tokens in 64ths.
  private(set) var lengths: [UInt32]
  /// For each field, how many files have it, and its mean length in 64ths.
  private(set) var fileCounts: [Int] = []
  private(set) var meanLengths: [Float] = []

  var slotCount: Int { lengths.count }

  init(_ view: SnapshotView) {
    fileCount = view.fileCount
    let chunkCount = view.layout.chunkFile.count
    let links = CardJoiner.links(view).sorted { ($0.chunk, $0.slot) < ($1.chunk, $1.slot) }
    starts = [UInt32](repeating: 0, count: chunkCount + 1)
    lengths = [UInt32](repeating: 0, count: fileCount * CardField.allCases.count)
    slots.reserveCapacity(links.count)
    units.reserveCapacity(links.count)
    let tokens = Segment.chunkLengths(of: view.segments)
    for link in links {
      slots.append(link.slot)
      units.append(link.units)
      starts[Int(link.chunk) + 1] += 1
      lengths[Int(link.slot)] += UInt32(tokens[Int(link.chunk)]) * UInt32(link.units)
    }
    for chunk in 0..<chunkCount { starts[chunk + 1] += starts[chunk] }
    for field in CardField.allCases {
      let part = lengths[(field.rawValue * fileCount)..<((field.rawValue + 1) * fileCount)]
      let count = part.count { $0 > 0 }
      fileCounts.append(count)
      meanLengths.append(Float(part.reduce(UInt64(0)) { $0 + UInt64($1) }) / Float(max(1, count)))
    }
  }
}

extension FileCards {
  /// For each file the highest cosine of the chunks elsewhere that speak of it, each the less the more files it speaks
  /// of; nothing below 0.
  ///
  /// A card so needs no vector of its own, whoever makes the vectors: what it joins has them already, and a rename, or a
  /// commit that moves an entry from one file to another, sends nothing to a server.
  ///
  /// - Parameter cosines: by chunk number.
  func nearest(_ cosines: [Float]) -> [Float] {
    var files = [Float](repeating: 0, count: fileCount)
    let own = UInt32(fileCount)
    for chunk in cosines.indices where cosines[chunk] > 0 {
      for link in Int(starts[chunk])..<Int(starts[chunk + 1]) where slots[link] >= own {
        let file = Int(slots[link]) % fileCount
        files[file] = max(files[file], cosines[chunk] * (Float(units[link]) / 64).squareRoot())
      }
    }
    return files
  }
}

/// Finds which chunks speak of which files.
private struct CardJoiner {
  struct Link: Sendable {
    var chunk: UInt32
    var slot: UInt32
    var units: UInt16
  }

  let view: SnapshotView
  private(set) var links: [Link] = []

  /// A whole chunk, in the units of `FileCards`.
  private static let whole = 64.0
  /// An entry of MAINTAINERS over more files says nothing of any one.
  private static let mostMaintained = 600

  init(_ view: SnapshotView) { self.view = view }

  /// All links, in no order that means anything. The fields are joined at the same time.
  static func links(_ view: SnapshotView) -> [Link] {
    let parts: [@Sendable (inout CardJoiner) -> Void] = [
      { $0.joinOptions() }, { $0.joinMaintainers() }, { $0.joinHeads() }, { $0.joinDocuments() },
    ]
    return parts.concurrentMap { join -> [Link] in
      var joiner = CardJoiner(view)
      join(&joiner)
      return joiner.links
    }.flatMap(\.self)
  }

  private mutating func joinHeads() {
    for file in 0..<view.fileCount {
      if let first = view.firstChunk(ofFile: file) { add(first, file, .head, 1) }
    }
    joinDescriptions()
  }

  private mutating func add(_ chunk: UInt32, _ file: Int, _ field: CardField, _ weight: Double) {
    links.append(
      Link(
        chunk: chunk, slot: UInt32(field.rawValue * view.fileCount + file),
        units: UInt16(max(1, weight * CardJoiner.whole))))
  }

  private mutating func joinDescriptions() {
    for chunk in view.chunks(withTerm: "module_description") {
      for file in Set(view.layout.files(ofChunk: chunk)) where view.firstChunk(ofFile: file) != chunk {
        add(chunk, file, .description, 1)
      }
    }
    view.forEachSection { chunk in
      for file in Set(view.layout.files(ofChunk: chunk))
      where view.firstChunk(ofFile: file) != chunk && view.file(at: file).language == .c {
        add(chunk, file, .description, 1)
      }
    }
  }

  /// The fewer sources an option builds, the more its help says of each.
  private mutating func joinOptions() {
    let rules = view.buildRules
    view.forEachOption { option, chunk in
      let parts = rules.sources(ofOption: option)
      for part in parts.prefix(40) {
        let share = part.distance == 0 ? 1 : 1 / (1 + log2(Double(parts.count)) / 3)
        add(chunk, part.file, .option, share)
      }
    }
  }

  private mutating func joinMaintainers() {
    let paths = PatternPaths(view)
    for index in view.files(withName: "MAINTAINERS") {
      var patterns: [(chunk: UInt32, isOver: Bool, pattern: String)] = []
      view.forEachBinding(inFile: index) { field, target, chunk in patterns.append((chunk, field == "F", target)) }
      let byChunk = Dictionary(grouping: patterns, by: \.chunk)
      for (chunk, patterns) in byChunk {
        var files = Set<Int>()
        for entry in patterns where entry.isOver && files.count <= CardJoiner.mostMaintained {
          files.formUnion(paths.matching(entry.pattern, limit: CardJoiner.mostMaintained + 1))
        }
        guard files.count <= CardJoiner.mostMaintained else { continue }
        for entry in patterns where !entry.isOver {
          files.subtract(paths.matching(entry.pattern, limit: Int.max))
        }
        let share = 1 / (1 + log2(Double(max(1, files.count))) / 3)
        for file in files { add(chunk, file, .maintainers, share) }
      }
    }
  }

  private mutating func joinDocuments() {
    for index in 0..<view.fileCount where view.isDocument(index) {
      var mentions: [UInt32: Set<Int>] = [:]
      view.forEachBinding(inFile: index) { field, target, chunk in
        guard field == "path", let file = view.manifest.index(of: TreePath(text: target)) else { return }
        mentions[chunk, default: []].insert(file)
      }
      for (chunk, files) in mentions where files.count <= 16 {
        for file in files { add(chunk, file, .documents, 1 / Double(files.count).squareRoot()) }
      }
    }
  }
}

extension SnapshotView {
  /// The home-wide number of a file's first chunk.
  func firstChunk(ofFile index: Int) -> UInt32? {
    guard let (segment, row) = blob(at: index) else { return nil }
    let places = segment.chunks(ofBlob: row)
    return places.isEmpty ? nil : segment.blobChunks[places.lowerBound]
  }

  fileprivate func isDocument(_ index: Int) -> Bool {
    manifest.kind(at: index).isFile && manifest.blobKey(at: index).language == .restructuredText
  }

  /// The paths whose last component is this name.
  fileprivate func files(withName name: String) -> [Int] { (0..<fileCount).filter { hasName(name, file: $0) } }

  /// Every definition of an option in the snapshot's Kconfig files, with its chunk; one that stands in several files, once.
  fileprivate func forEachOption(_ body: (String, UInt32) -> Void) {
    for file in 0..<fileCount where manifest.kind(at: file).isFile && manifest.blobKey(at: file).language == .kconfig {
      for number in Set(chunkNumbers(inFile: file)) where layout.chunkFile[Int(number)] == file {
        let segment = Segment.holding(number, among: segments)
        for row in segment.definitionRows(ofChunk: Int(number) - segment.chunkBase) {
          let definition = segment.definitions[row]
          if definition.kind == SymbolKind.config.rawValue { body(segment.name(definition.name), number) }
        }
      }
    }
  }

  /// Chunks of the snapshot that are sections.
  fileprivate func forEachSection(_ body: (UInt32) -> Void) {
    for segment in segments {
      segment.chunkTraits.withBuffer { traits in
        for local in traits.indices where traits[local].kind == SymbolKind.section.rawValue {
          let number = segment.chunkBase + local
          if layout.chunkFile[number] >= 0 { body(UInt32(number)) }
        }
      }
    }
  }
}
