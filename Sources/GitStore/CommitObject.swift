// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Glossary

/// A commit object's bytes, read: `tree`, `parent`s, `author`, `committer`, further headers, an empty line, the message.
struct CommitObject {
  var tree: ObjectID
  var parents: [ObjectID] = []
  var author = ""
  var authorDate: Int64 = 0
  var date: Int64 = 0
  var message = ""
  /// Whether its text is not UTF-8.
  var isTranscoded = false

  /// Nil where it does not begin with a tree.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard let tree = CommitObject.tree(in: bytes) else { return nil }
    self.tree = tree
    var authorBytes: [UInt8] = []
    var encoding = ""
    var headers = Headers(bytes)
    while let (name, value) = headers.next() {
      switch String(decoding: name, as: UTF8.self) {
      case "parent": if let id = ObjectID(hex: String(decoding: value, as: UTF8.self)) { parents.append(id) }
      case "author": (authorBytes, authorDate) = CommitObject.person(value)
      case "committer": date = CommitObject.person(value).date
      case "encoding": encoding = String(decoding: value, as: UTF8.self)
      default: break
      }
    }
    var rest = bytes[headers.position...]
    while let last = rest.last, last == 0x0a || last == 0x20 || last == 0x0d || last == 0 { rest = rest.dropLast() }
    author = text(authorBytes[...], encoding)
    message = text(Array(rest)[...], encoding)
  }

  static func tree(in bytes: UnsafeRawBufferPointer) -> ObjectID? {
    guard bytes.count >= 45, bytes.prefix(5).elementsEqual("tree ".utf8) else { return nil }
    return ObjectID(hex: String(decoding: bytes[5..<45], as: UTF8.self))
  }

  static func parents(in bytes: UnsafeRawBufferPointer) throws -> [ObjectID] {
    var parents: [ObjectID] = []
    var position = 46
    while bytes.count >= position + 48, bytes[position..<(position + 7)].elementsEqual("parent ".utf8) {
      if let id = ObjectID(hex: String(decoding: bytes[(position + 7)..<(position + 47)], as: UTF8.self)) {
        parents.append(id)
      }
      position += 48
    }
    return parents
  }

  /// The headers one after the other; lines that go on with a space belong to the one before and are passed over.
  private struct Headers {
    let bytes: UnsafeRawBufferPointer
    /// After the last: where the message begins.
    var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() -> (name: Slice<UnsafeRawBufferPointer>, value: Slice<UnsafeRawBufferPointer>)? {
      while position < bytes.count {
        let end = bytes[position...].firstIndex(of: 0x0a) ?? bytes.count
        let line = bytes[position..<end]
        position = min(end + 1, bytes.count)
        if line.isEmpty { return nil }
        guard line.first != 0x20, let space = line.firstIndex(of: 0x20) else { continue }
        return (line[..<space], line[(space + 1)...])
      }
      return nil
    }
  }

  /// `Name <address> 1700000000 +0900`; whatever of it is missing is empty or 0.
  private static func person(_ value: Slice<UnsafeRawBufferPointer>) -> (name: [UInt8], date: Int64) {
    guard let close = value.lastIndex(of: UInt8(ascii: ">")) else { return (Array(value), 0) }
    var date: Int64 = 0
    for byte in value[(close + 1)...].drop(while: { $0 == 0x20 }).prefix(12) {
      guard (0x30...0x39).contains(byte) else { break }
      date = date * 10 + Int64(byte - 0x30)
    }
    return (Array(value[...close]), date)
  }

  private mutating func text(_ bytes: ArraySlice<UInt8>, _ encoding: String) -> String {
    if let text = String(validating: bytes, as: UTF8.self),
      encoding.isEmpty || bytes.allSatisfy({ $0 < 0x80 && $0 != 0x1b })
    {
      return text.contains("\0") ? text.replacing("\0", with: " ") : text
    }
    if !encoding.isEmpty, let converted = CommitObject.converted(Array(bytes), from: encoding) {
      isTranscoded = true
      return converted
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    isTranscoded = true
    // Latin-1: every byte is a character.
    return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0 == 0 ? 0x20 : $0) }))
  }

  /// Nil where the system does not know the encoding, or the bytes are not of it.
  private static func converted(_ bytes: [UInt8], from encoding: String) -> String? {
    guard let converter = iconv_open("UTF-8", encoding), converter != iconv_t(bitPattern: -1) else { return nil }
    defer { iconv_close(converter) }
    var output = [UInt8](repeating: 0, count: bytes.count * 4 + 16)
    var input = bytes
    let written: Int? = input.withUnsafeMutableBytes { input in
      output.withUnsafeMutableBytes { output in
        var from = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        var to = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        var (left, room) = (input.count, output.count)
        guard iconv(converter, &from, &left, &to, &room) != -1, left == 0 else { return nil }
        return output.count - room
      }
    }
    return written.flatMap { String(validating: output[..<$0], as: UTF8.self) }
  }
}
