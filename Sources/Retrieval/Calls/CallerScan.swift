// SPDX-License-Identifier: Apache-2.0
import CodeReading
import Glossary
import IndexStore

/// Reads files for the uses of a name until a page of callers is full. A file's other uses come with the page in which
/// its first caller would stand, so that pages that follow each other list everything once.
struct CallerScan {
  let choice: TargetChoice
  let names: [String]
  /// Which callers are wanted, counted from 0 in order of path and line.
  let page: Range<Int>
  private(set) var hits: [CallerHit] = []
  /// How far it came: files passed over or read, and the callers in them.
  private(set) var reached: CallCheckpoint
  private(set) var checkpoints: [CallCheckpoint] = []
  /// Whether nothing is left out behind the page.
  private(set) var isComplete = true
  /// Whether callers may follow the page.
  private(set) var hasMoreCallers = false
  private var useCount = 0
  private let callFingerprints: [UInt16]
  private var unknownCount = 0
  /// Of the file that is being read: the place among `hits`, or nil where the hit is of another page.
  private var places: [Key: Int?] = [:]

  private struct Key: Hashable {
    var owner: UseOwner?
    var kind: NameUseKind
    var via: String?
  }

  /// - Parameter start: at or before the page's first caller.
  init(choice: TargetChoice, names: [String], page: Range<Int>, from start: CallCheckpoint) {
    self.choice = choice
    self.names = names
    callFingerprints = names.map { UsedNames.fingerprint(of: $0, as: .call) }
    self.page = page
    reached = start
  }

  var callers: [CallerHit] { hits.filter(\.isCall) }
  var uses: [CallerHit] { hits.filter { !$0.isCall } }

  mutating func read(_ files: [Int], view: SnapshotView, texts: inout BlobTexts) throws {
    while reached.position < files.count {
      try Cancellation.check()
      let file = files[reached.position]
      if reached.callers >= page.upperBound {
        (isComplete, hasMoreCallers) = (false, true)
        break
      }
      if !view.knowsUses(ofFile: file) { unknownCount += 1 }
      guard unknownCount <= CallGraph.mostUnknownFiles else {
        isComplete = false
        break
      }
      keepPlace()
      if useCount >= page.count, !view.mayUse(callFingerprints, file: file) {
        // It mentions the name, which nobody sees any more.
        isComplete = false
      } else {
        guard try read(view.file(at: file), view, &texts) else { break }
      }
      reached.position += 1
    }
    keepPlace()
  }

  /// So that the pages that follow need not begin at the beginning. Of files with as many callers before them the first
  /// is kept.
  private mutating func keepPlace() {
    guard reached.callers >= (checkpoints.last?.callers ?? 0) + 50 else { return }
    checkpoints.append(reached)
  }

  /// False where callers of the file stand behind the page.
  private mutating func read(_ entry: SnapshotFile, _ view: SnapshotView, _ texts: inout BlobTexts) throws -> Bool {
    let bytes = try texts.bytes(of: entry.object)
    let definitions = view.definitions(inFile: entry.index)
    let uses =
      entry.language == .assembly
      ? AssemblyCalls(bytes, definitions: definitions).uses(of: names)
      : SourceUses(bytes, definitions: definitions).uses(of: names)
    let shown = uses.filter { !($0.kind == .address && names.contains($0.owner?.name ?? "")) }
    guard !shown.isEmpty else { return true }
    places.removeAll(keepingCapacity: true)
    let targets = choice.targets(from: entry.path, bytes: bytes)
    let first = reached.callers
    var isWhole = true
    for use in shown {
      let key = Key(owner: use.owner, kind: use.kind, via: use.via)
      if let place = places[key] {
        if let place, hits[place].lines.last != use.line { hits[place].lines.append(use.line) }
        continue
      }
      let isWanted: Bool
      if use.kind.isCall {
        isWanted = page.contains(reached.callers)
        if reached.callers >= page.upperBound {
          isWhole = false
          continue
        }
        reached.callers += 1
      } else {
        isWanted = page.contains(first) && useCount < page.count
        if page.contains(first), !isWanted { isComplete = false }
        if isWanted { useCount += 1 }
      }
      places[key] = isWanted ? hits.count : Int?.none
      if isWanted { hits.append(CallerHit(use, path: entry.path, bytes: bytes, targets: targets)) }
    }
    if !isWhole {
      (isComplete, hasMoreCallers) = (false, true)
      reached.callers = first
    }
    return isWhole
  }
}

extension NameUseKind {
  fileprivate var isCall: Bool { self == .call || self == .assembly }
}

extension CallerHit {
  fileprivate var isCall: Bool { kind.isCall }

  fileprivate init(_ use: FoundUse, path: TreePath, bytes: [UInt8], targets: [CallTarget]) {
    self.init(
      path: path, lines: [use.line], symbol: use.owner?.name, symbolKind: use.owner?.kind,
      symbolLine: use.owner?.line ?? 0, kind: use.kind, text: Retriever.oneLine(bytes[use.lineRange]), via: use.via,
      targets: targets)
  }
}
