// SPDX-License-Identifier: Apache-2.0
internal import Glossary

extension KeptRepository {
  /// What is to be copied from one pack.
  private struct Part {
    let pack: PackFile
    /// In order of place.
    var numbers: [Int]
    /// The number of the object that each delta is spelled from.
    var bases: [Int: Int]
  }

  /// Copies objects from packs into one new pack as they lie there, without inflating them, and a delta's base with it;
  /// gives those that no pack holds. Throws `PackDamage` for a pack that is not what its index says.
  func copyRecords(of ids: Set<ObjectID>, fromPacks paths: [String]) throws -> Set<ObjectID> {
    var rest = ids
    var taken: Set<ObjectID> = []
    var parts: [Part] = []
    for path in paths where !rest.isEmpty {
      guard let pack = PackFile(path: path) else { continue }
      let part = try KeptRepository.part(of: pack, wanted: rest, taken: taken)
      for number in part.numbers {
        taken.insert(pack.id(number))
        rest.remove(pack.id(number))
      }
      if !part.numbers.isEmpty { parts.append(part) }
    }
    guard !taken.isEmpty else { return rest }
    let writer = try PackWriter(in: gitDirectory + "/objects", count: taken.count)
    for part in parts {
      for number in part.numbers { try KeptRepository.copy(number, of: part, to: writer) }
    }
    try writer.finish()
    return rest
  }

  private static func part(of pack: PackFile, wanted: Set<ObjectID>, taken: Set<ObjectID>) throws -> Part {
    var numbers: Set<Int> = []
    var bases: [Int: Int] = [:]
    var open = wanted.compactMap { pack.number(of: $0) }
    while let number = open.popLast() {
      guard !taken.contains(pack.id(number)), numbers.insert(number).inserted else { continue }
      if case .delta(let base) = try pack.form(number) {
        bases[number] = base
        open.append(base)
      }
    }
    return Part(pack: pack, numbers: numbers.sorted { pack.offset($0) < pack.offset($1) }, bases: bases)
  }

  /// Copies a record, and before it the bases that are not there yet: most lie before it, but those of a fetched pack
  /// may lie at its end.
  private static func copy(_ number: Int, of part: Part, to writer: PackWriter) throws {
    let pack = part.pack
    var chain: [Int] = []
    var next: Int? = number
    while let number = next, writer.places[pack.id(number)] == nil {
      guard chain.count <= part.numbers.count else { throw PackDamage() }
      chain.append(number)
      next = part.bases[number]
    }
    for number in chain.reversed() {
      try pack.withRecord(number) { record in
        guard record.form != .unknown else { throw PackDamage() }
        let base = part.bases[number].map { pack.id($0) }
        try writer.add(pack.id(number), head: record.head, base: base, stream: record.stream)
      }
    }
  }
}
