// SPDX-License-Identifier: Apache-2.0
import CIndexKernels
import Glibc
import Glossary

/// A file mapped for reading. Nobody writes to a file once it is named as readers know it, so its bytes never change.
final class MappedFile: @unchecked Sendable {  // because the mapping is read-only and lives as long as the object
  let path: String
  private let bytes: UnsafeRawBufferPointer

  /// Throws `indexDamaged` where the file is missing or cannot be mapped.
  init(path: String) throws {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MappedFile.failure(path, "open") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw MappedFile.failure(path, "stat") }
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw MappedFile.failure(path, "map")
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  var count: Int { bytes.count }

  func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R { try body(bytes) }

  /// One value at a byte offset, which must lie inside the file.
  func load<Value: BitwiseCopyable>(_ type: Value.Type, at offset: Int) -> Value {
    bytes.loadUnaligned(fromByteOffset: offset, as: type)
  }

  func checksum(_ range: Range<Int>) -> UInt64 {
    let part = UnsafeRawBufferPointer(rebasing: bytes[range])
    return nenrin_checksum(part.assumingMemoryBound(to: UInt8.self).baseAddress, part.count)
  }

  private static func failure(_ path: String, _ verb: String) -> NenrinError {
    NenrinError(
      .indexDamaged, "\(path) is part of the index and cannot be \(verb == "map" ? "mapped" : "opened")",
      reason: String(cString: strerror(errno)),
      remedies: ["Run `nenrin verify` to see what else is damaged, then `nenrin index` again into a fresh home."])
  }
}

/// An array of fixed-size rows in a mapped file.
struct Column<Value: BitwiseCopyable>: @unchecked Sendable {  // because rows are plain bytes that never change
  private let file: MappedFile
  private let offset: Int
  let count: Int

  init(_ file: MappedFile, _ range: Range<Int>) {
    self.file = file
    offset = range.lowerBound
    count = range.count / MemoryLayout<Value>.stride
  }

  subscript(index: Int) -> Value {
    precondition(index >= 0 && index < count, "row \(index) of \(count) in \(file.path)")
    return file.load(Value.self, at: offset + index * MemoryLayout<Value>.stride)
  }

  /// The rows as one buffer; sections are aligned to eight bytes.
  func withBuffer<R>(_ body: (UnsafeBufferPointer<Value>) throws -> R) rethrows -> R {
    try file.withBytes { bytes in
      let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count * MemoryLayout<Value>.stride)])
      return try body(part.assumingMemoryBound(to: Value.self))
    }
  }
}
