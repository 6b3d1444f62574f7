// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Glossary

/// A pack's index (version 2), mapped into memory.
final class PackIndex {
  private let bytes: UnsafeRawBufferPointer
  private(set) var count = 0

  init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size >= 8 + 1024 + 40,
      let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { return nil }
    bytes = UnsafeRawBufferPointer(start: start, count: Int(status.st_size))
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  /// Checks what later reads rely on: version, length, and a table of first bytes that only grows.
  var isPackIndex: Bool {
    guard word(0) == 0xff74_4f63, word(4) == 2 else { return false }
    var last: UInt32 = 0
    for byte in 0..<256 {
      guard fanout(byte) >= last else { return false }
      last = fanout(byte)
    }
    guard last < Int32.max, bytes.count >= 8 + 1024 + Int(last) * 28 + 40 else { return false }
    count = Int(last)
    return (0..<count).allSatisfy { number in
      let offset = word(8 + 1024 + count * 24 + number * 4)
      return offset & 0x8000_0000 == 0 || largeOffsets + Int(offset & 0x7fff_ffff) * 8 + 8 <= bytes.count - 40
    }
  }

  func number(of id: ObjectID) -> Int? {
    let first = Int(id.high >> 56)
    var low = first == 0 ? 0 : Int(fanout(first - 1))
    var high = Int(fanout(first))
    while low < high {
      let middle = (low + high) / 2
      let found = self.id(middle)
      if found == id { return middle }
      if found < id { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  func id(_ number: Int) -> ObjectID {
    ObjectID(bytes: UnsafeRawBufferPointer(rebasing: bytes[(8 + 1024 + number * 20)...]))
  }

  func checksum(_ number: Int) -> UInt32 { word(8 + 1024 + count * 20 + number * 4) }

  func offset(_ number: Int) -> UInt64 {
    let offset = word(8 + 1024 + count * 24 + number * 4)
    guard offset & 0x8000_0000 != 0 else { return UInt64(offset) }
    let at = largeOffsets + Int(offset & 0x7fff_ffff) * 8
    return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  private var largeOffsets: Int { 8 + 1024 + count * 28 }

  private func fanout(_ byte: Int) -> UInt32 { word(8 + byte * 4) }

  private func word(_ offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}
