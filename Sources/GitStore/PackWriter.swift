// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Glossary

/// Writes one pack and its index into a repository; both appear whole or not at all.
final class PackWriter {
  private let folder: String
  private let path: String
  private let descriptor: Int32
  private var hash = SHA1()
  private var buffer: [UInt8] = []
  private var offset: UInt64 = 0
  private var records: [(id: ObjectID, offset: UInt64, checksum: UInt32)] = []

  private static let bufferByteCount = 1 << 20

  /// Begins a pack of exactly `count` objects.
  init(in objectsDirectory: String, count: Int) throws {
    folder = objectsDirectory + "/pack"
    (descriptor, path) = try PackWriter.temporaryFile(in: folder)
    buffer.reserveCapacity(PackWriter.bufferByteCount + 4096)
    append(Array("PACK".utf8) + bigEndian(2) + bigEndian(UInt32(count)))
  }

  /// Takes away what was not finished.
  deinit {
    close(descriptor)
    unlink(path)
  }

  /// Where an object's record begins, nil while it has none.
  private(set) var places: [ObjectID: UInt64] = [:]

  /// Adds a whole object's record, or with `base` what differs from an object that was added before.
  func add(_ id: ObjectID, head: [UInt8], base: ObjectID?, stream: UnsafeRawBufferPointer) throws {
    let start = offset
    var front = head
    if let base {
      guard let place = places[base] else { throw PackDamage() }
      // The type bits say that a distance follows, whatever named the base before.
      front[0] = front[0] & 0x8f | 6 << 4
      front += PackWriter.distance(start - place)
    }
    var sum = front.withUnsafeBytes { checksum($0) }
    sum = checksum(stream, from: sum)
    append(front)
    buffer.append(contentsOf: stream)
    offset += UInt64(stream.count)
    if buffer.count >= PackWriter.bufferByteCount { try flush() }
    records.append((id, start, sum))
    places[id] = start
  }

  /// Writes the index and gives both files their names.
  func finish() throws {
    try flush()
    let name = hash.finish()
    try PackWriter.write(name, to: descriptor, path: path)
    let final = folder + "/pack-" + (ObjectID(bytes: name)).hex
    guard fsync(descriptor) == 0, fchmod(descriptor, 0o444) == 0 else { throw PackWriter.failure(path) }
    let (index, indexPath) = try PackWriter.temporaryFile(in: folder)
    defer {
      close(index)
      unlink(indexPath)
    }
    try PackWriter.write(indexBytes(packName: name), to: index, path: indexPath)
    guard fsync(index) == 0, fchmod(index, 0o444) == 0 else { throw PackWriter.failure(indexPath) }
    // The index comes last: a pack without one is not seen.
    guard rename(path, final + ".pack") == 0, rename(indexPath, final + ".idx") == 0 else {
      throw PackWriter.failure(final)
    }
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  private func indexBytes(packName: [UInt8]) -> [UInt8] {
    records.sort { $0.id < $1.id }
    var bytes = bigEndian(0xff74_4f63) + bigEndian(2)
    bytes.reserveCapacity(1100 + records.count * 28)
    var count = 0
    for first in 0..<256 {
      while count < records.count, Int(records[count].id.high >> 56) == first { count += 1 }
      bytes += bigEndian(UInt32(count))
    }
    for record in records { bytes += record.id.bytes }
    for record in records { bytes += bigEndian(record.checksum) }
    var large: [UInt8] = []
    for record in records {
      if record.offset < 0x8000_0000 {
        bytes += bigEndian(UInt32(record.offset))
      } else {
        bytes += bigEndian(0x8000_0000 | UInt32(large.count / 8))
        large += withUnsafeBytes(of: record.offset.bigEndian) { Array($0) }
      }
    }
    bytes += large + packName
    var hash = SHA1()
    bytes.withUnsafeBytes { hash.update($0) }
    return bytes + hash.finish()
  }

  private func append(_ bytes: [UInt8]) {
    buffer += bytes
    offset += UInt64(bytes.count)
  }

  private func flush() throws {
    buffer.withUnsafeBytes { hash.update($0) }
    try PackWriter.write(buffer, to: descriptor, path: path)
    buffer.removeAll(keepingCapacity: true)
  }

  /// How far before a record its base begins, as packs write it: seven bits a byte, each continued byte counted one up.
  static func distance(_ distance: UInt64) -> [UInt8] {
    var bytes = [UInt8(distance & 0x7f)]
    var rest = distance >> 7
    while rest > 0 {
      rest -= 1
      bytes.append(0x80 | UInt8(rest & 0x7f))
      rest >>= 7
    }
    return bytes.reversed()
  }

  private static func temporaryFile(in folder: String) throws -> (descriptor: Int32, path: String) {
    var template = Array((folder + "/tmp_pack_XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { throw failure(path) }
    return (descriptor, path)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
    try bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw failure(path) }
        done += count
      }
    }
  }

  private static func failure(_ path: String) -> NenrinError {
    let isFull = errno == ENOSPC || errno == EDQUOT
    return NenrinError(
      isFull ? .diskFull : .homeNotWritable, isFull ? "no room left for \(path)" : "\(path) cannot be written",
      reason: systemMessage(),
      remedies: [
        isFull
          ? "Free some room there and run the same command again; what was published stays."
          : "Choose another home with --home, or make this one writable."
      ])
  }
}

private func bigEndian(_ number: UInt32) -> [UInt8] {
  withUnsafeBytes(of: number.bigEndian) { Array($0) }
}

extension ObjectID {
  /// From 20 bytes.
  fileprivate init(bytes: [UInt8]) { self = bytes.withUnsafeBytes { ObjectID(bytes: $0) } }
}
