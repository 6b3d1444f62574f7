// SPDX-License-Identifier: Apache-2.0

/// Writes sorted byte strings, front-coded in blocks of 16, each with the length of its posting list.
///
/// A block is: for each entry `shared` (UInt8, 0 in the first), `suffix length` (UInt8), the suffix, and the posting
/// list's byte count as a varint. The index has 8 bytes a block: where its entries begin, where its postings begin.
struct TermDictionaryWriter {
  static let blockSize = 16

  private(set) var index: [UInt8] = []
  private(set) var entries: [UInt8] = []
  private(set) var count = 0
  private var previous: [UInt8] = []
  private var postingOffset = 0

  /// Adds the next string in byte order.
  mutating func append(_ term: UnsafeRawBufferPointer, postingByteCount: Int) {
    var shared = 0
    if count % TermDictionaryWriter.blockSize == 0 {
      index.appendRaw(UInt32(entries.count))
      index.appendRaw(UInt32(postingOffset))
    } else {
      shared = previous.withUnsafeBytes { $0.countInCommon(with: term) }
    }
    entries.append(UInt8(shared))
    entries.append(UInt8(term.count - shared))
    entries.append(contentsOf: term[shared...])
    entries.appendVarint(UInt64(postingByteCount))
    postingOffset += postingByteCount
    previous.removeAll(keepingCapacity: true)
    previous.append(contentsOf: term)
    count += 1
  }
}

/// Where a term stands in a dictionary and where its posting list lies.
struct TermEntry: Sendable {
  var number: Int
  var postings: Range<Int>
}

/// A term as it lies in a block: what it shares with the one before, and the rest.
private struct FrontCodedTerm {
  var shared: Int
  var suffix: UnsafeRawBufferPointer
  var postingByteCount: Int

  /// Makes the term before into this one.
  func replaceEnd(of term: inout [UInt8]) {
    term.removeLast(max(0, term.count - shared))
    term.append(contentsOf: suffix)
  }
}

extension ByteReader {
  /// The next term of a block; nil at the end.
  fileprivate mutating func frontCodedTerm() -> FrontCodedTerm? {
    guard let shared = byte(), let suffixCount = byte(), let suffix = slice(Int(suffixCount)), let count = varint()
    else {
      return nil
    }
    return FrontCodedTerm(shared: Int(shared), suffix: suffix, postingByteCount: Int(count))
  }
}

/// Reads what `TermDictionaryWriter` wrote, where it lies in a mapped file.
struct TermDictionary: Sendable {
  private let file: MappedFile
  private let index: Range<Int>
  private let entries: Range<Int>

  init(file: MappedFile, index: Range<Int>, entries: Range<Int>) {
    self.file = file
    self.index = index
    self.entries = entries
  }

  private var blockCount: Int { index.count / 8 }

  /// The entry of exactly this term.
  func find(_ term: [UInt8]) -> TermEntry? {
    guard blockCount > 0 else { return nil }
    let first = block(of: term)
    return term.withUnsafeBytes { term in
      file.withBytes { bytes in
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[entries]), at: entryOffset(first))
        var start = postingOffset(first)
        var number = first * TermDictionaryWriter.blockSize
        // How many of the wanted term's first bytes the entry before has: entries need not be put together to be compared.
        var agreed = 0
        while let entry = reader.frontCodedTerm() {
          guard entry.shared >= agreed else { return nil }
          if entry.shared == agreed {
            let rest = UnsafeRawBufferPointer(rebasing: term[agreed...])
            let common = entry.suffix.countInCommon(with: rest)
            agreed += common
            if common == entry.suffix.count, agreed == term.count {
              return TermEntry(number: number, postings: start..<(start + entry.postingByteCount))
            }
            if common < entry.suffix.count, agreed == term.count || entry.suffix[common] > rest[common] { return nil }
          }
          start += entry.postingByteCount
          number += 1
        }
        return nil
      }
    }
  }

  /// Calls `body` for each term that begins with `prefix`, in byte order, until it returns false.
  func forEach(prefix: [UInt8], _ body: (_ term: [UInt8], TermEntry) -> Bool) {
    guard blockCount > 0 else { return }
    forEach(fromBlock: block(of: prefix)) { number, bytes, postings in
      if bytes.starts(with: prefix) { return body(bytes, TermEntry(number: number, postings: postings)) }
      return bytes.withUnsafeBytes { bytes in prefix.withUnsafeBytes { bytes.order($0) } } < 0
    }
  }

  /// All entries whose term holds these bytes anywhere in it. What a term shares with the one before is not looked
  /// through again.
  func entries(containing fragment: [UInt8]) -> [TermEntry] {
    guard blockCount > 0, let first = fragment.first else { return [] }
    return file.withBytes { bytes in
      let part = UnsafeRawBufferPointer(rebasing: bytes[entries])
      var found: [TermEntry] = []
      var term = [UInt8](repeating: 0, count: 512)
      // Where the term's first match begins; none: past its end.
      var (at, number, length, match, posting) = (0, 0, 0, Int.max, postingOffset(0))
      while at + 2 <= part.count {
        let (shared, suffix) = (Int(part[at]), Int(part[at + 1]))
        at += 2
        guard at + suffix <= part.count, shared <= length, shared + suffix <= term.count else { break }
        for offset in 0..<suffix { term[shared + offset] = part[at + offset] }
        at += suffix
        length = shared + suffix
        if match == Int.max || match + fragment.count > shared {
          var start = max(0, shared - fragment.count + 1)
          match = Int.max
          while start + fragment.count <= length {
            if term[start] == first {
              var offset = 1
              while offset < fragment.count, term[start + offset] == fragment[offset] { offset += 1 }
              if offset == fragment.count {
                match = start
                break
              }
            }
            start += 1
          }
        }
        var reader = ByteReader(part, at: at)
        guard let count = reader.varint() else { break }
        at = reader.position
        if match != Int.max { found.append(TermEntry(number: number, postings: posting..<(posting + Int(count)))) }
        posting += Int(count)
        number += 1
      }
      return found
    }
  }

  /// The term with a number; empty where there is none.
  func term(at number: Int) -> [UInt8] {
    var term: [UInt8] = []
    read(number, into: &term)
    return term
  }

  /// `term(at:)` into an array that is there already.
  func read(_ number: Int, into term: inout [UInt8]) {
    term.removeAll(keepingCapacity: true)
    let block = number / TermDictionaryWriter.blockSize
    guard number >= 0, block < blockCount else { return }
    file.withBytes { bytes in
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[entries]), at: entryOffset(block))
      for _ in 0...(number % TermDictionaryWriter.blockSize) {
        guard let entry = reader.frontCodedTerm() else {
          term.removeAll(keepingCapacity: true)
          return
        }
        entry.replaceEnd(of: &term)
      }
    }
  }

  /// Walks entries from the start of a block until `body` returns false.
  private func forEach(fromBlock first: Int, _ body: (Int, [UInt8], Range<Int>) -> Bool) {
    guard first >= 0, first < blockCount else { return }
    file.withBytes { bytes in
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[entries]), at: entryOffset(first))
      var postingOffset = postingOffset(first)
      var number = first * TermDictionaryWriter.blockSize
      var term: [UInt8] = []
      while let entry = reader.frontCodedTerm() {
        entry.replaceEnd(of: &term)
        let end = postingOffset + entry.postingByteCount
        if !body(number, term, postingOffset..<end) { return }
        postingOffset = end
        number += 1
      }
    }
  }

  /// The last block whose first term is not after `term`.
  private func block(of term: [UInt8]) -> Int {
    term.withUnsafeBytes { term in
      file.withBytes { bytes in
        let entries = UnsafeRawBufferPointer(rebasing: bytes[entries])
        var low = 0
        var high = blockCount
        while high - low > 1 {
          let middle = (low + high) / 2
          var reader = ByteReader(entries, at: entryOffset(middle))
          if reader.byte() != nil, let count = reader.byte(), let first = reader.slice(Int(count)),
            first.order(term) <= 0
          {
            low = middle
          } else {
            high = middle
          }
        }
        return low
      }
    }
  }

  private func entryOffset(_ block: Int) -> Int { Int(file.load(UInt32.self, at: index.lowerBound + block * 8)) }

  private func postingOffset(_ block: Int) -> Int { Int(file.load(UInt32.self, at: index.lowerBound + block * 8 + 4)) }
}

extension TermDictionary {
  /// No term has this number or one above it.
  var room: Int { blockCount * TermDictionaryWriter.blockSize }

  /// Reads all terms in byte order.
  func cursor() -> TermCursor { TermCursor(file: file, entries: entries) }
}

/// Reads a dictionary from its first term to its last.
struct TermCursor {
  private let file: MappedFile
  private let entries: Range<Int>
  private var position = 0
  /// The term it stands at.
  private(set) var term: [UInt8] = []
  private(set) var entry = TermEntry(number: -1, postings: 0..<0)

  fileprivate init(file: MappedFile, entries: Range<Int>) {
    self.file = file
    self.entries = entries
  }

  /// Goes to the next term, or says that there is none.
  mutating func advance() -> Bool {
    file.withBytes { bytes in
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[entries]), at: position)
      guard let next = reader.frontCodedTerm() else { return false }
      next.replaceEnd(of: &term)
      let start = entry.postings.upperBound
      entry = TermEntry(number: entry.number + 1, postings: start..<(start + next.postingByteCount))
      position = reader.position
      return true
    }
  }
}
