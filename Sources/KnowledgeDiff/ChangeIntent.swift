// SPDX-License-Identifier: Apache-2.0

/// What sort of change a question asks for.
struct ChangeIntent: OptionSet, Sendable {
  let rawValue: Int
  static let added = ChangeIntent(rawValue: 1)
  static let removed = ChangeIntent(rawValue: 2)
  static let moved = ChangeIntent(rawValue: 4)
  static let declaration = ChangeIntent(rawValue: 8)
  /// One thing stands where another stood.
  static let replaced = ChangeIntent(rawValue: 16)
  /// A whole directory is asked for.
  static let directory = ChangeIntent(rawValue: 32)

  private static let words: [(ChangeIntent, [String])] = [
    (
      .added,
      [
        "new", "added", "adds", "add", "introduced", "introduces", "gained", "gains", "appeared", "appears", "created",
        "newly",
      ]
    ),
    (
      .removed,
      [
        "removed", "removes", "gone", "dropped", "drops", "drop", "deleted", "disappeared", "lost", "lose", "loses",
        "vanished", "retired", "eliminated",
      ]
    ),
    (
      .moved,
      ["moved", "moves", "renamed", "rename", "relocated", "went", "split", "happened", "called", "became", "become"]
    ),
    (.declaration, ["argument", "arguments", "parameter", "parameters", "signature", "prototype", "type"]),
    (.replaced, ["replaced", "replaces", "replacement", "instead", "successor", "superseded", "supersedes", "place"]),
    (.directory, ["directory", "directories", "folder", "subdirectory"]),
  ]

  /// Words that say that two snapshots are compared and nothing of what is looked for.
  private static let comparing: Set<String> = [
    "newer", "older", "old", "recent", "tree", "trees", "release", "releases", "version", "versions", "between",
    "change", "changed", "changes", "differ", "different", "difference", "differences", "missing", "kernel", "point",
    "since", "now", "took", "has", "have", "was", "were",
  ]

  private static let phrases: [(ChangeIntent, [String])] = [
    (
      .added,
      [
        "missing from the old", "missing in the old", "not in the old", "absent from the old", "追加", "新しい", "新たに", "新規",
        "導入", "増え",
      ]
    ),
    (
      .removed,
      [
        "no longer", "missing from the new", "missing in the new", "not in the new", "absent from the new", "削除", "廃止",
        "なくな", "消え", "取り除",
      ]
    ),
    (.moved, ["where has", "where did", "is now", "are now", "移動", "移さ", "改名", "名前が変", "分割", "どこへ", "どこに"]),
    (.declaration, ["引数", "宣言", "の型"]),
    (.replaced, ["took the place", "takes the place", "in place of", "置き換え", "代わり", "後継"]),
    (.directory, ["ディレクトリ"]),
  ]

  /// The sorts of change that a question asks for; none where it does not say.
  init(_ question: String) {
    self = []
    let lowered = question.lowercased()
    let words = Set(lowered.split { !$0.isLetter }.map(String.init))
    for (intent, signs) in ChangeIntent.words where signs.contains(where: words.contains) { insert(intent) }
    for (intent, signs) in ChangeIntent.phrases where signs.contains(where: { lowered.contains($0) }) { insert(intent) }
  }

  init(rawValue: Int) { self.rawValue = rawValue }

  /// The question without the words that say how things changed, for asking either snapshot what it is about.
  static func subject(of question: String) -> String {
    let all = comparing.union(words.filter { $0.0 != .declaration && $0.0 != .directory }.flatMap(\.1))
    let kept = question.split(separator: " ").filter { token in
      !all.contains(String(token.lowercased().filter(\.isLetter)))
        || token.contains { "_/.()".contains($0) && $0 != "." }
    }
    return kept.isEmpty ? question : kept.joined(separator: " ")
  }

  /// What a file's status is worth.
  func factor(_ status: FileStatus) -> Double {
    let isAsked: Bool
    switch status {
    case .added: isAsked = !isDisjoint(with: [.added, .replaced])
    case .removed: isAsked = !isDisjoint(with: [.removed, .replaced, .moved])
    case .renamed: isAsked = !isDisjoint(with: [.moved, .replaced])
    case .modified: isAsked = contains(.declaration)
    }
    if isAsked { return 1.6 }
    if isEmpty || self == .directory { return status == .modified ? 0.9 : 1 }
    return status == .modified ? 0.8 : 0.7
  }

  /// What a symbol's status is worth.
  func factor(_ status: SymbolStatus) -> Double {
    let isAsked: Bool
    switch status {
    case .added: isAsked = !isDisjoint(with: [.added, .replaced])
    case .removed: isAsked = !isDisjoint(with: [.removed, .replaced])
    case .moved, .renamed: isAsked = contains(.moved)
    case .signature: isAsked = contains(.declaration)
    case .changed, .linkage, .unchanged: isAsked = false
    }
    if isAsked { return 1.5 }
    return status == .changed || status == .linkage ? 0.75 : 0.95
  }
}
