// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// Which names a source uses, as `CodeText` and `AssemblyText` find them, in 16 bits a name and role: whoever looks for
/// a name passes over sources that do not have its fingerprint, and reads the others to be sure.
package enum UsedNames {
  /// Of what is found and how it is hashed; from 1. Fingerprints of another version tell nothing.
  package static let version: UInt8 = 1

  /// What a source does with a name.
  package enum Role: UInt64, CaseIterable, Sendable {
    /// It calls it by its name.
    case call = 0
    /// It takes its address, exports or registers it.
    case mention = 0x5bd1_e995
    /// It calls through a field of that name, `->name(…)`.
    case field = 0x1b87_3593

    init(_ kind: NameUseKind) {
      self = kind == .call || kind == .assembly ? .call : kind == .possible ? .field : .mention
    }
  }

  package static func fingerprint(of name: String, as role: Role) -> UInt16 { fingerprint(hash(name.utf8), role) }

  /// The fingerprints of a source's names, ascending, each once; nil where the language's uses are not read.
  package static func fingerprints(in bytes: UnsafeRawBufferPointer, language: Language) -> [UInt16]? {
    switch language {
    case .c, .cpp, .rust: bytes.withMemoryRebound(to: UInt8.self, code)
    case .assembly: assembly(bytes)
    default: nil
    }
  }

  private static func code(_ text: UnsafeBufferPointer<UInt8>) -> [UInt16] {
    var set = FingerprintSet()
    // Names that are declared in the item that is being read: there they are no function's address.
    var shadowing: Set<UInt64> = []
    var item = -1
    var walk = CodeWalk(text, in: 0..<text.count)
    walk.forEachName { _, _ in
      true
    } found: { use in
      if use.isMember {
        if use.isCalled { set.insert(fingerprint(hash(text[use.range]), .field)) }
        return
      }
      if use.item.lowerBound != item {
        item = use.item.lowerBound
        shadowing.removeAll(keepingCapacity: true)
      }
      let isDeclared = !use.isCalled && UseJudgement.isDeclared(use, in: text)
      let kind = UseJudgement.kind(of: use, in: text)
      guard isDeclared || kind != nil else { return }
      let hash = hash(text[use.range])
      if isDeclared { shadowing.insert(hash) }
      guard let kind else { return }
      if kind == .address, use.place == .function, shadowing.contains(hash) { return }
      set.insert(fingerprint(hash, Role(kind)))
    }
    return set.sorted()
  }

  private static func assembly(_ bytes: UnsafeRawBufferPointer) -> [UInt16] {
    var set = FingerprintSet()
    for use in AssemblyText(Array(bytes)).uses { set.insert(fingerprint(of: use.name, as: Role(use.kind))) }
    return set.sorted()
  }

  /// FNV-1a.
  private static func hash(_ name: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }

  private static func fingerprint(_ hash: UInt64, _ role: Role) -> UInt16 {
    let mixed = (hash ^ role.rawValue) &* 0x9e37_79b9_7f4a_7c15
    return UInt16(truncatingIfNeeded: (mixed ^ mixed >> 32) >> 16)
  }
}

private struct FingerprintSet {
  private var bits = [UInt64](repeating: 0, count: 1 << 10)
  private var found: [UInt16] = []

  mutating func insert(_ fingerprint: UInt16) {
    let (word, bit) = (Int(fingerprint >> 6), UInt64(1) << UInt64(fingerprint & 63))
    guard bits[word] & bit == 0 else { return }
    bits[word] |= bit
    found.append(fingerprint)
  }

  func sorted() -> [UInt16] { found.sorted() }
}
