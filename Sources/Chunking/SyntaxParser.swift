// SPDX-License-Identifier: Apache-2.0
import CTreeSitter

/// A tree-sitter parser, one for each worker, that is lent from grammar to grammar.
///
/// Texts must be handed over in pieces of fewer than `tokenLimit` tokens: libtree-sitter 0.20 counts what is open on its
/// stack in 16 bits, and a text that opens more brackets than that makes it write beyond its memory. Small pieces also
/// bound what recovery from errors costs, which grows with the square of their length.
final class SyntaxParser {
  static let tokenLimit = 60_000
  /// After so long a piece is given up. Far above what any piece takes, so that a slow machine does not read a file
  /// otherwise than a fast one.
  static let timeoutMicroseconds: UInt64 = 60_000_000

  private let parser: OpaquePointer

  init() {
    parser = ts_parser_new()
    ts_parser_set_timeout_micros(parser, SyntaxParser.timeoutMicroseconds)
  }

  deinit { ts_parser_delete(parser) }

  /// Parses the text and lends the tree; nil where the parser gave up or doesn't take the grammar.
  @discardableResult
  func parse<Result>(
    _ text: UnsafePointer<UInt8>, _ count: Int, language: OpaquePointer, _ read: (OpaquePointer) -> Result
  ) -> Result? {
    guard ts_parser_set_language(parser, language) else { return nil }
    let tree = UnsafeRawPointer(text).withMemoryRebound(to: CChar.self, capacity: count) {
      ts_parser_parse_string(parser, nil, $0, UInt32(count))
    }
    guard let tree else {
      ts_parser_reset(parser)
      return nil
    }
    defer { ts_tree_delete(tree) }
    return read(tree)
  }
}

extension TSNode {
  var start: Int { Int(ts_node_start_byte(self)) }
  var end: Int { Int(ts_node_end_byte(self)) }
  var symbol: TSSymbol { ts_node_symbol(self) }
  var isNull: Bool { ts_node_is_null(self) }
}
