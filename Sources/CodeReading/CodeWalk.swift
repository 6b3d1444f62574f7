// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What stands directly before a name.
package enum TokenBefore: Equatable, Sendable {
  case nothing
  case arrow
  case mark(UInt8)
  /// Another name, on the same line or not.
  case word(Range<Int>, isSameLine: Bool)
  case other
}

/// What kind of code a name stands in.
package enum CodePlace: Equatable, Sendable {
  /// The value of a `#define`.
  case macroBody
  /// Between the braces of a function.
  case function
  /// Between the braces of an initialiser.
  case initialiser
  /// Between the braces of a struct, union or enum.
  case typeBody
  /// Outside all braces.
  case fileLevel
}

/// One name of a source, and what is around it. Ranges are offsets in the text.
package struct NameUse: Sendable {
  package var range: Range<Int>
  package var place: CodePlace
  package var before: TokenBefore
  /// Whether `(` follows.
  package var isCalled: Bool
  /// The name before the innermost parenthesis that is open.
  package var argumentOf: Range<Int>?
  /// The designator that it is the value of: `read` in `.read = name`.
  package var field: Range<Int>?
  /// The name before the arrow or dot that leads to it: `f_op` in `file->f_op->read`.
  package var receiver: Range<Int>?
  /// Where the item of the file begins that holds it, and where its brace opens (both 0 outside one); for a macro, the
  /// name's range.
  package var item: Range<Int>
}

/// Passes once over a C source, and gives each name with the place in which it stands: both sides of each `#if`.
struct CodeWalk {
  private struct State {
    var depth = 0
    /// The names before the parentheses that are open; empty where there is none.
    var parentheses: [Range<Int>] = []
    var itemStart = 0
    var bodyStart: Int?
    var place = CodePlace.fileLevel
    var hasParentheses = false
    var field: Range<Int>?
    var fieldDepth = 0
  }

  private let text: UnsafeBufferPointer<UInt8>
  private var cursor: CodeCursor
  private var state = State()
  private var conditions: [State] = []
  private var macro: Range<Int>?
  private var outside = State()
  private var last = CodeToken(kind: .directiveEnd, range: 0..<0)
  /// The last name that an arrow or dot may lead from, parentheses and subscripts passed over.
  private var subject: Range<Int>?
  private var receiver: Range<Int>?
  /// The subjects before the subscripts that are open.
  private var subscripted: [Range<Int>?] = []

  init(_ text: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
    self.text = text
    cursor = CodeCursor(text, in: range)
    state.itemStart = range.lowerBound
  }

  /// Calls `found` with each name that `wants` takes, in order.
  mutating func forEachName(
    where wants: (UnsafeBufferPointer<UInt8>, Range<Int>) -> Bool, found: (NameUse) throws -> Void
  ) rethrows {
    while true {
      let token = cursor.next()
      switch token.kind {
      case .end: return
      case .identifier:
        if macro?.isEmpty == true {
          macro = token.range
        } else if wants(text, token.range) {
          try found(use(token.range))
        }
        subject = token.range
      case .mark: read(token)
      case .arrow: receiver = subject
      case .define:
        outside = state
        state = State()
        state.place = .macroBody
        macro = token.range.upperBound..<token.range.upperBound
      case .directiveEnd:
        if macro != nil {
          state = outside
          macro = nil
        }
        if state.bodyStart == nil, state.parentheses.isEmpty { state.itemStart = token.range.upperBound }
      case .conditionalStart: conditions.append(state)
      case .conditionalElse: if let before = conditions.last { state = before }
      case .conditionalEnd: _ = conditions.popLast()
      case .number, .quote: subject = nil
      }
      last = token
    }
  }

  private var isReached: Bool { last.kind == .arrow || last.kind == .mark && last.mark == UInt8(ascii: ".") }

  private func use(_ range: Range<Int>) -> NameUse {
    let next = CodeCursor.byte(after: range.upperBound, in: text)
    return NameUse(
      range: range, place: state.place, before: before(range), isCalled: next == UInt8(ascii: "("),
      argumentOf: state.parentheses.last.flatMap { $0.isEmpty ? nil : $0 }, field: state.field,
      receiver: isReached ? receiver : nil,
      item: macro ?? state.bodyStart.map { state.itemStart..<$0 } ?? state.itemStart..<state.itemStart)
  }

  private func before(_ range: Range<Int>) -> TokenBefore {
    switch last.kind {
    case .arrow: return .arrow
    case .mark: return .mark(last.mark)
    case .identifier:
      let between = text[last.range.upperBound..<range.lowerBound]
      return .word(last.range, isSameLine: !between.contains(UInt8(ascii: "\n")))
    case .number, .quote, .define: return .other
    default: return .nothing
    }
  }

  private mutating func read(_ token: CodeToken) {
    switch token.mark {
    case UInt8(ascii: "{"): open(token)
    case UInt8(ascii: "}"): close(token)
    case UInt8(ascii: "("):
      if state.bodyStart == nil { state.hasParentheses = true }
      state.parentheses.append(last.kind == .identifier ? last.range : token.range.lowerBound..<token.range.lowerBound)
    case UInt8(ascii: ")"):
      let name = state.parentheses.popLast()
      if let name, !name.isEmpty { subject = name }
    case UInt8(ascii: "["): subscripted.append(subject)
    case UInt8(ascii: "]"): subject = subscripted.popLast() ?? nil
    case UInt8(ascii: "."): receiver = subject
    case UInt8(ascii: ";"):
      if state.place == .fileLevel, state.parentheses.isEmpty { beginItem(token.range.upperBound) }
      if state.place == .function { state.parentheses.removeAll(keepingCapacity: true) }
      state.field = nil
      subscripted.removeAll(keepingCapacity: true)
    case UInt8(ascii: ","):
      if state.parentheses.count <= state.fieldDepth { state.field = nil }
    case UInt8(ascii: "="):
      if last.kind == .identifier, state.place == .initialiser || state.place == .function, isDesignator(last.range) {
        state.field = last.range
        state.fieldDepth = state.parentheses.count
      }
    default: break
    }
  }

  /// Whether `.` and, before it, `{` or `,` stand before a name (a comment there hides it, which costs little).
  private func isDesignator(_ name: Range<Int>) -> Bool {
    var at = name.lowerBound - 1
    guard at >= 0, text[at] == UInt8(ascii: ".") else { return false }
    at -= 1
    while at >= 0, text[at] <= 0x20 { at -= 1 }
    guard at >= 0 else { return false }
    return !NameBytes.isPart(text[at]) && text[at] != UInt8(ascii: ")") && text[at] != UInt8(ascii: "]")
  }

  private mutating func beginItem(_ offset: Int) {
    state.itemStart = offset
    state.hasParentheses = false
  }

  private mutating func open(_ token: CodeToken) {
    if macro != nil { return }
    if state.bodyStart != nil {
      state.depth += 1
    } else if state.parentheses.isEmpty, last.kind != .quote {
      state.depth = 1
      state.bodyStart = token.range.lowerBound
      let isValue = last.kind == .mark && last.mark == UInt8(ascii: "=")
      state.place = isValue ? .initialiser : state.hasParentheses ? .function : .typeBody
    }
    state.field = nil
  }

  /// A brace in the first column ends the item, whatever the branches of conditionals opened.
  private mutating func close(_ token: CodeToken) {
    guard macro == nil, state.bodyStart != nil else { return }
    state.depth -= 1
    state.field = nil
    let offset = token.range.lowerBound
    if state.depth <= 0 || offset > 0 && text[offset - 1] == UInt8(ascii: "\n") {
      state.depth = 0
      state.bodyStart = nil
      state.place = .fileLevel
      state.parentheses.removeAll(keepingCapacity: true)
      beginItem(token.range.upperBound)
    }
  }
}
