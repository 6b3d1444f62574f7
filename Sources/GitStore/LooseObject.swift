// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2

/// A loose object as its file holds it: one zlib stream of `type SP size NUL content`, and nothing after it.
///
/// libgit2 1.5 has a reader of its own, which never returns from a file that was cut short: hence this one.
enum LooseObject {
  struct Damage: Error {}

  struct Header {
    var type: git_object_t
    var byteCount: Int
    /// Bytes of the inflated stream before the content.
    var length: Int
  }

  /// Longer than any header: a type, 20 digits, two separators.
  private static let maximumHeaderLength = 64

  /// Reads what a loose object's file begins with. Throws `Damage`.
  static func header(of file: [UInt8]) throws -> Header {
    var head = [UInt8](repeating: 0, count: maximumHeaderLength)
    let (count, _) = try head.withUnsafeMutableBytes { try inflate(file, into: $0) }
    guard let end = head[..<count].firstIndex(of: 0) else { throw Damage() }
    let words = head[..<end].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 2, let byteCount = Int(String(decoding: words[1], as: UTF8.self)),
      // zlib makes nothing more than 1,032 times smaller: a greater size is untrue, and would only cost memory.
      byteCount >= 0, byteCount <= (file.count + 1) * 1032
    else { throw Damage() }
    let type = git_object_string2type(String(decoding: words[0], as: UTF8.self))
    guard git_object_typeisloose(type) == 1 else { throw Damage() }
    return Header(type: type, byteCount: byteCount, length: end + 1)
  }

  /// Inflates a loose object's whole file into `buffer`, which must have room for header and content. Throws `Damage`
  /// for anything but exactly one stream of that length.
  static func inflateWhole(_ file: [UInt8], into buffer: UnsafeMutableRawBufferPointer) throws {
    let (count, isWhole) = try inflate(file, into: buffer)
    guard isWhole, count == buffer.count else { throw Damage() }
  }

  /// Inflates as much as `buffer` takes; says how many bytes came, and whether the stream and the file end there.
  private static func inflate(
    _ file: [UInt8], into buffer: UnsafeMutableRawBufferPointer
  ) throws -> (count: Int, isWhole: Bool) {
    guard file.count <= Int(UInt32.max), buffer.count <= Int(UInt32.max) else { throw Damage() }
    var stream = z_stream()
    guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { throw Damage() }
    defer { inflateEnd(&stream) }
    var input = file
    return try input.withUnsafeMutableBytes { input in
      stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_in = UInt32(input.count)
      stream.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_out = UInt32(buffer.count)
      // One call sees the whole input, so a stream that wants more is cut short, and one that wants room is longer.
      let status = CLibgit2.inflate(&stream, Z_SYNC_FLUSH)
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { throw Damage() }
      return (buffer.count - Int(stream.avail_out), status == Z_STREAM_END && stream.avail_in == 0)
    }
  }
}
