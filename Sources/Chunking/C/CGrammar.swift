// SPDX-License-Identifier: Apache-2.0
import CTreeSitter

/// What the reader of C knows of the C grammar: its node types and fields, by number. The one place that names them.
struct CGrammar {
  enum Role: UInt8 {
    case other
    /// Not worth looking into.
    case closed
    case function, declaration, typedef
    case structure, union, enumeration
    /// Declarators around a name, and names.
    case functionDeclarator, pointerDeclarator, arrayDeclarator, groupDeclarator, valueDeclarator
    case identifier
    /// A type of the language or of stdint.h, which a typedef may name.
    case builtinType
  }

  private static let nodeTypes: [(Role, [String])] = [
    (.function, ["function_definition"]),
    (.declaration, ["declaration"]),
    (.typedef, ["type_definition"]),
    (.structure, ["struct_specifier"]), (.union, ["union_specifier"]), (.enumeration, ["enum_specifier"]),
    (.functionDeclarator, ["function_declarator", "abstract_function_declarator"]),
    (.pointerDeclarator, ["pointer_declarator", "abstract_pointer_declarator"]),
    (.arrayDeclarator, ["array_declarator"]),
    (.groupDeclarator, ["parenthesized_declarator", "attributed_declarator"]),
    (.valueDeclarator, ["init_declarator"]),
    (.identifier, ["identifier", "type_identifier", "field_identifier"]),
    (.builtinType, ["primitive_type"]),
    (.closed, ["compound_statement", "parameter_list", "argument_list", "enumerator_list"]),
  ]

  let language: OpaquePointer
  let declarator: TSFieldId
  let name: TSFieldId
  let body: TSFieldId
  private let roles: [Role]

  init(_ language: OpaquePointer) {
    self.language = language
    func field(_ name: String) -> TSFieldId { ts_language_field_id_for_name(language, name, UInt32(name.utf8.count)) }
    declarator = field("declarator")
    name = field("name")
    body = field("body")
    var byName: [String: Role] = [:]
    for (role, names) in CGrammar.nodeTypes { for name in names { byName[name] = role } }
    roles = (0..<ts_language_symbol_count(language)).map { symbol in
      guard ts_language_symbol_type(language, TSSymbol(symbol)) != TSSymbolTypeAuxiliary,
        let name = ts_language_symbol_name(language, TSSymbol(symbol))
      else { return .other }
      return byName[String(cString: name)] ?? .other
    }
  }

  /// The part a node plays. The error node, whose number lies outside the table, plays none.
  @inline(__always) func role(_ node: TSNode) -> Role {
    let symbol = Int(node.symbol)
    return symbol < roles.count ? roles[symbol] : .other
  }
}
