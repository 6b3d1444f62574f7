// SPDX-License-Identifier: Apache-2.0

/// The declarations of a C source with everything left out that says nothing about what is defined: comments,
/// directives, annotations, function bodies, initialisers, argument lists, members. Parsing it costs a fraction of
/// parsing the source, and what usually breaks a parse of kernel code is not in it.
struct CSkeleton {
  private(set) var text: [UInt8] = []
  /// The offset in the source of each byte of `text`.
  private(set) var origins: [Int32] = []
  var count: Int { text.count }

  mutating func removeAll() {
    text.removeAll(keepingCapacity: true)
    origins.removeAll(keepingCapacity: true)
  }

  /// Copies a range of the source.
  mutating func copy(_ source: Source, _ range: Range<Int>) {
    text.append(contentsOf: UnsafeBufferPointer(start: source.bytes + range.lowerBound, count: range.count))
    origins.append(contentsOf: range.lazy.map { Int32(truncatingIfNeeded: $0) })
  }

  /// Adds bytes of its own that stand for what begins at `origin`.
  mutating func add(_ bytes: StaticString, _ origin: Int) {
    for index in 0..<bytes.utf8CodeUnitCount { add(bytes.utf8Start[index], origin) }
  }

  @inline(__always) mutating func add(_ byte: UInt8, _ origin: Int) {
    text.append(byte)
    origins.append(Int32(truncatingIfNeeded: origin))
  }

  mutating func truncate(_ count: Int) {
    guard count < text.count else { return }
    text.removeLast(text.count - count)
    origins.removeLast(origins.count - count)
  }

  /// The range of the source that a range of the skeleton stands for.
  func origin(_ range: Range<Int>) -> Range<Int> {
    guard !range.isEmpty, range.upperBound <= origins.count else { return 0..<0 }
    let low = Int(origins[range.lowerBound])
    return low..<max(low, Int(origins[range.upperBound - 1]) + 1)
  }
}

/// A piece of C source at file scope, for laying out chunks.
struct CItem {
  enum Kind: UInt8 {
    case comment, docSection, include, conditionOpen, conditionElse, conditionClose, define, directive
    case function, type, value, declaration, macroCall, export
  }
  var kind: Kind
  var bytes: Range<Int>
}

/// What stood between braces, or after `=`, and where its mark is in the skeleton.
struct CBody {
  enum Kind: UInt8 { case function, type, enumeration, union, value }
  var kind: Kind
  /// The offset in the skeleton of the `{`, or of the `0` that stands for a value.
  var mark: Int
  /// In the source, braces included.
  var bytes: Range<Int>
  /// The name as the scanner reads it, for what the grammar does not make out; empty where there is none.
  var name: Range<Int>
  /// From the statement's first byte to the closing parenthesis (functions) or to the name (types).
  var signature: Range<Int>
  var isStatic: Bool
}

/// A statement that the skeleton holds.
struct CStatementRecord {
  /// Where it begins in the skeleton, and in the source.
  var mark: Int
  var start: Int
  var isStatic: Bool
}
