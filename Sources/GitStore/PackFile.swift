// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
internal import Glossary

/// One pack of a repository with its index, read so that its records can be copied as they lie, without inflating them.
///
/// The formats are git's: gitformat-pack(5).
final class PackFile {
  /// How a record's object is spelled.
  enum Form: Equatable {
    case whole(type: UInt8)
    /// As what differs from another object of the same pack.
    case delta(base: Int)
    case unknown
  }

  struct Record {
    var form: Form
    /// Type and inflated size, as the record begins, without what names a delta's base.
    var head: [UInt8]
    /// The rest: a zlib stream, still deflated.
    var stream: UnsafeRawBufferPointer
    /// The whole record, which the index has a checksum of.
    var raw: UnsafeRawBufferPointer
  }

  /// Objects in the pack.
  let count: Int
  private let index: PackIndex
  private let descriptor: Int32
  private let byteCount: Int
  /// Where records begin, in order, and each one's number in the index.
  private lazy var order: [(offset: UInt64, number: Int32)] =
    (0..<count).map { (index.offset($0), Int32($0)) }.sorted { $0.0 < $1.0 }
  private var buffer: [UInt8] = []

  /// Nil for a pack that is not as this reader knows it: the caller then reads its objects one by one.
  init?(path: String) {
    guard let index = PackIndex(path: String(path.dropLast(5)) + ".idx"), index.isPackIndex else { return nil }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size >= 32 else {
      close(descriptor)
      return nil
    }
    self.index = index
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
    count = index.count
  }

  deinit { close(descriptor) }

  /// An object's number in the index, which is in order of name.
  func number(of id: ObjectID) -> Int? { index.number(of: id) }

  func id(_ number: Int) -> ObjectID { index.id(number) }

  func offset(_ number: Int) -> UInt64 { index.offset(number) }

  /// What a record is, read from its first bytes alone. Throws `PackDamage`.
  func form(_ number: Int) throws -> Form {
    let start = index.offset(number)
    guard start >= 12, start < UInt64(byteCount - 20) else { throw PackDamage() }
    // Longer than a size, a distance or a base's name can be.
    var first = [UInt8](repeating: 0, count: min(64, byteCount - 20 - Int(start)))
    let got = first.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, Int(start)) }
    guard got == first.count else { throw PackDamage() }
    return try first.withUnsafeBytes { try record($0, at: start).form }
  }

  /// Lends a record for the length of the call. Throws `PackDamage` where it is not what the index says.
  func withRecord<R>(_ number: Int, _ body: (Record) throws -> R) throws -> R {
    let start = index.offset(number)
    let place = position(of: start)
    let end = place + 1 < order.count ? order[place + 1].offset : UInt64(byteCount - 20)
    guard start >= 12, end > start, end <= UInt64(byteCount - 20) else { throw PackDamage() }
    let length = Int(end - start)
    if buffer.count < length { buffer = [UInt8](repeating: 0, count: length * 2) }
    return try buffer.withUnsafeMutableBytes { buffer in
      guard pread(descriptor, buffer.baseAddress, length, Int(start)) == length else { throw PackDamage() }
      let raw = UnsafeRawBufferPointer(rebasing: buffer[..<length])
      guard checksum(raw) == index.checksum(number) else { throw PackDamage() }
      return try body(try record(raw, at: start))
    }
  }

  /// The index of the record that begins at `offset`, among all in order of place.
  private func position(of offset: UInt64) -> Int {
    var low = 0
    var high = order.count
    while low < high {
      let middle = (low + high) / 2
      if order[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func record(_ raw: UnsafeRawBufferPointer, at start: UInt64) throws -> Record {
    var at = 0
    while at < raw.count, raw[at] & 0x80 != 0 { at += 1 }
    at += 1
    guard at < raw.count, at < 12 else { throw PackDamage() }
    let head = Array(raw[..<at])
    let type = head[0] >> 4 & 7
    let form: Form
    switch type {
    case 1...4: form = .whole(type: type)
    case 6:
      let distance = try PackFile.distance(raw, &at)
      guard distance > 0, distance < start else { throw PackDamage() }
      let place = position(of: start - distance)
      guard place < order.count, order[place].offset == start - distance else { throw PackDamage() }
      form = .delta(base: Int(order[place].number))
    case 7:
      guard at + 20 < raw.count else { throw PackDamage() }
      let base = ObjectID(bytes: UnsafeRawBufferPointer(rebasing: raw[at..<(at + 20)]))
      at += 20
      form = number(of: base).map { .delta(base: $0) } ?? .unknown
    default: form = .unknown
    }
    return Record(form: form, head: head, stream: UnsafeRawBufferPointer(rebasing: raw[at...]), raw: raw)
  }

  /// How far before a record its base begins: seven bits a byte, each continued byte counted one up.
  private static func distance(_ raw: UnsafeRawBufferPointer, _ at: inout Int) throws -> UInt64 {
    guard at < raw.count else { throw PackDamage() }
    var value = UInt64(raw[at] & 0x7f)
    while raw[at] & 0x80 != 0 {
      at += 1
      guard at < raw.count, value < 1 << 56 else { throw PackDamage() }
      value = (value + 1) << 7 | UInt64(raw[at] & 0x7f)
    }
    at += 1
    return value
  }
}

/// A pack or its index is not what git's format says.
struct PackDamage: Error {}

/// zlib's checksum, which a pack's index keeps of every record.
func checksum(_ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0) -> UInt32 {
  UInt32(truncatingIfNeeded: crc32_z(UInt(start), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
}
