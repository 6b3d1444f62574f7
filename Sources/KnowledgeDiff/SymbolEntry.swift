// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A definition on one side, as it is shown.
package struct SymbolPlace: Hashable, Sendable {
  package var path: TreePath
  /// 1-based.
  package var line: Int
  /// The declaration on one line; a macro's with its value. Empty where the blob could not be placed.
  package var signature: String
  package var linkage: Linkage?

  package init(path: TreePath, line: Int, signature: String, linkage: Linkage?) {
    self.path = path
    self.line = line
    self.signature = signature
    self.linkage = linkage
  }
}

/// A property of a symbol that changed: a Kconfig entry's prompt, a macro's value.
package struct PropertyChange: Hashable, Sendable {
  package var property: String
  /// Nil where that side lacks it.
  package var from: String?
  package var to: String?

  package init(property: String, from: String?, to: String?) {
    self.property = property
    self.from = from
    self.to = to
  }
}

/// A symbol's change, with its words.
package struct SymbolEntry: Hashable, Sendable {
  package var status: SymbolStatus
  package var kind: SymbolKind
  /// In the newer snapshot; in the older where it is gone.
  package var name: String
  /// Where the name differs.
  package var fromName: String?
  package var from: SymbolPlace?
  package var to: SymbolPlace?
  package var isBodyChanged: Bool
  package var isSignatureChanged: Bool
  /// Members of a struct or union that were gained, lost or declared anew, in order of line; properties of an option.
  package var members: [MemberChange] = []
  package var properties: [PropertyChange] = []
  /// The question spells its name.
  package var isNamed = false

  package init(
    status: SymbolStatus, kind: SymbolKind, name: String, fromName: String? = nil, from: SymbolPlace?,
    to: SymbolPlace?, isBodyChanged: Bool, isSignatureChanged: Bool
  ) {
    self.status = status
    self.kind = kind
    self.name = name
    self.fromName = fromName
    self.from = from
    self.to = to
    self.isBodyChanged = isBodyChanged
    self.isSignatureChanged = isSignatureChanged
  }

  /// The path it is listed under.
  package var path: TreePath { (to ?? from)?.path ?? TreePath(bytes: []) }
}

/// A member of a struct or union that one side has, or that each declares in its own way.
package struct MemberChange: Hashable, Sendable {
  package var status: SymbolStatus
  package var name: String
  /// 1-based lines and declarations; nil where that side lacks it.
  package var fromLine: Int?
  package var toLine: Int?
  package var fromText: String?
  package var toText: String?

  package init(
    status: SymbolStatus, name: String, fromLine: Int?, toLine: Int?, fromText: String?, toText: String?
  ) {
    self.status = status
    self.name = name
    self.fromLine = fromLine
    self.toLine = toLine
    self.fromText = fromText
    self.toText = toText
  }
}
