// SPDX-License-Identifier: Apache-2.0
import CTreeSitter
import Glossary

/// Reads the definitions out of a skeleton's tree; what the grammar does not make out is taken as the scanner saw it.
struct CTreeReader {
  let grammar: CGrammar
  private var isClaimed: [Bool] = []
  private var definitions: [Definition] = []

  /// Where the piece that is read begins in the skeleton.
  private var base = 0

  init(_ grammar: CGrammar, bodyCount: Int) {
    self.grammar = grammar
    isClaimed = [Bool](repeating: false, count: bodyCount)
  }

  /// Takes the definitions out of the tree of a piece of the skeleton that begins at `base`.
  mutating func read(_ scanner: borrowing CScanner, tree: OpaquePointer, from base: Int) {
    self.base = base
    walk(scanner, ts_tree_root_node(tree))
  }

  /// All definitions of the skeleton, in no order.
  mutating func finish(_ scanner: borrowing CScanner) -> [Definition] {
    for place in scanner.bodies.indices where !isClaimed[place] { addUnclaimed(scanner, scanner.bodies[place]) }
    return definitions
  }

  /// Depth first with one cursor, so that no nesting of the source is a nesting of calls.
  private mutating func walk(_ scanner: borrowing CScanner, _ root: TSNode) {
    var cursor = ts_tree_cursor_new(root)
    defer { ts_tree_cursor_delete(&cursor) }
    var parents: [CGrammar.Role] = []
    guard ts_tree_cursor_goto_first_child(&cursor) else { return }
    while true {
      let node = ts_tree_cursor_current_node(&cursor)
      let role = grammar.role(node)
      let isDeclarator = ts_tree_cursor_current_field_id(&cursor) == grammar.declarator
      if isDeclarator, let parent = parents.last {
        if parent == .declaration { addVariable(scanner, node) }
        if parent == .typedef { addTypedef(scanner, node) }
      }
      switch role {
      case .function: addFunction(scanner, node)
      case .structure: addType(scanner, node, .struct)
      case .union: addType(scanner, node, .union)
      case .enumeration: addType(scanner, node, .enum)
      default: break
      }
      if role != .closed, !isDeclarator, ts_tree_cursor_goto_first_child(&cursor) {
        parents.append(role)
        continue
      }
      while !ts_tree_cursor_goto_next_sibling(&cursor) {
        guard parents.popLast() != nil, ts_tree_cursor_goto_parent(&cursor) else { return }
      }
    }
  }

  // MARK: Definitions

  private mutating func addFunction(_ scanner: borrowing CScanner, _ node: TSNode) {
    let block = ts_node_child_by_field_id(node, grammar.body)
    guard !block.isNull, let place = body(scanner, at: base + block.start) else { return }
    let found = scanner.bodies[place]
    guard found.kind == .function, !isClaimed[place],
      let name = self.name(ts_node_child_by_field_id(node, grammar.declarator)),
      grammar.role(name.node) == .identifier
    else { return }
    isClaimed[place] = true
    add(scanner, origin(scanner, name.node), .function, found.signature, found.bytes, found.isStatic)
  }

  private mutating func addType(_ scanner: borrowing CScanner, _ node: TSNode, _ kind: SymbolKind) {
    let block = ts_node_child_by_field_id(node, grammar.body)
    let name = ts_node_child_by_field_id(node, grammar.name)
    guard !block.isNull, !name.isNull, let place = body(scanner, at: base + block.start), !isClaimed[place] else {
      return
    }
    isClaimed[place] = true
    let found = scanner.bodies[place]
    add(scanner, origin(scanner, name), kind, found.signature, found.bytes, false)
  }

  private mutating func addVariable(_ scanner: borrowing CScanner, _ declarator: TSNode) {
    guard let name = self.name(declarator), !name.isFunction, grammar.role(name.node) == .identifier,
      let statement = statement(scanner, at: base + name.node.start)
    else { return }
    var value = 0..<0
    if let mark = name.valueMark, let place = body(scanner, at: mark) { value = scanner.bodies[place].bytes }
    let origin = origin(scanner, name.node)
    let signature = min(statement.start, origin.lowerBound)..<origin.upperBound
    add(scanner, origin, .variable, signature, value, statement.isStatic)
  }

  private mutating func addTypedef(_ scanner: borrowing CScanner, _ declarator: TSNode) {
    guard let name = self.name(declarator), let statement = statement(scanner, at: base + name.node.start) else {
      return
    }
    let origin = origin(scanner, name.node)
    let signature = min(statement.start, origin.lowerBound)..<origin.upperBound
    add(scanner, origin, .typedef, signature, 0..<0, false)
  }

  private mutating func addUnclaimed(_ scanner: borrowing CScanner, _ body: CBody) {
    guard !body.name.isEmpty else { return }
    switch body.kind {
    case .function: add(scanner, body.name, .function, body.signature, body.bytes, body.isStatic)
    case .type: add(scanner, body.name, .struct, body.signature, body.bytes, false)
    case .union: add(scanner, body.name, .union, body.signature, body.bytes, false)
    case .enumeration: add(scanner, body.name, .enum, body.signature, body.bytes, false)
    case .value: break
    }
  }

  private mutating func add(
    _ scanner: borrowing CScanner, _ name: Range<Int>, _ kind: SymbolKind, _ signature: Range<Int>, _ body: Range<Int>,
    _ isStatic: Bool
  ) {
    guard !name.isEmpty else { return }
    let source = scanner.source
    definitions.append(
      Definition(
        name: source.text(name), kind: kind, line: source.lines.line(of: name.lowerBound) + 1, signature: signature,
        signatureHash: CodeHash.signature(source, signature),
        bodyHash: body.isEmpty ? 0 : CodeHash.body(source, body), isStatic: isStatic))
  }

  // MARK: Looking up

  private struct DeclaredName {
    var node: TSNode
    /// Whether it names a function, not a pointer to one or an object.
    var isFunction: Bool
    /// Where the value that is assigned stands in the skeleton.
    var valueMark: Int?
  }

  /// The name that a declarator declares: down through what stands around it.
  private func name(_ declarator: TSNode) -> DeclaredName? {
    var node = declarator
    var isFunction = false
    var valueMark: Int?
    for _ in 0..<64 where !node.isNull {
      switch grammar.role(node) {
      case .identifier, .builtinType: return DeclaredName(node: node, isFunction: isFunction, valueMark: valueMark)
      case .functionDeclarator:
        isFunction = true
        node = ts_node_child_by_field_id(node, grammar.declarator)
      case .pointerDeclarator, .arrayDeclarator:
        isFunction = false
        node = ts_node_child_by_field_id(node, grammar.declarator)
      case .valueDeclarator:
        valueMark = base + max(0, node.end - 1)
        node = ts_node_child_by_field_id(node, grammar.declarator)
      case .groupDeclarator: node = ts_node_named_child(node, 0)
      default: return nil
      }
    }
    return nil
  }

  private func origin(_ scanner: borrowing CScanner, _ node: TSNode) -> Range<Int> {
    scanner.skeleton.origin(base + node.start..<base + max(node.start, node.end))
  }

  private func body(_ scanner: borrowing CScanner, at mark: Int) -> Int? {
    var low = 0
    var high = scanner.bodies.count
    while low < high {
      let middle = (low + high) / 2
      if scanner.bodies[middle].mark < mark { low = middle + 1 } else { high = middle }
    }
    return low < scanner.bodies.count && scanner.bodies[low].mark == mark ? low : nil
  }

  private func statement(_ scanner: borrowing CScanner, at mark: Int) -> CStatementRecord? {
    var low = 0
    var high = scanner.statements.count
    while low < high {
      let middle = (low + high) / 2
      if scanner.statements[middle].mark <= mark { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? scanner.statements[low - 1] : nil
  }
}
