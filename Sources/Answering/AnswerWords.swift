// SPDX-License-Identifier: Apache-2.0
import Glossary

/// The sentences around passages, in the question's language. In Markdown a snapshot's name is code, because readers
/// take `linux@v6.12.117` for an address of mail otherwise.
package struct AnswerWords: Sendable {
  package let isJapanese: Bool

  /// Japanese where the question holds kana or kanji, else English.
  package init(for question: String) {
    isJapanese = question.unicodeScalars.contains { scalar in
      switch scalar.value {
      case 0x3040...0x30ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0xff66...0xff9f: true
      default: false
      }
    }
  }

  /// While a snapshot is searched.
  package func searching(_ snapshot: String) -> String {
    isJapanese ? "\(snapshot) を検索しています…" : "Searching \(snapshot) …"
  }

  /// What a chat model proposed to search for, too.
  package func planned(_ searches: [String]) -> String {
    let list = searches.joined(separator: isJapanese ? "、" : "; ")
    return isJapanese ? "あわせて検索: \(list)" : "Also searched for: \(list)"
  }

  /// After the search.
  package func found(passages: Int, files: Int) -> String {
    if isJapanese { return "\(files) 個のファイルから \(passages) 箇所が見つかりました" }
    let passageWord = passages == 1 ? "passage" : "passages"
    return "Found \(passages) \(passageWord) in \(files) \(files == 1 ? "file" : "files")"
  }

  /// While a tool runs.
  package func calling(_ call: String) -> String { isJapanese ? "\(call) を実行しています…" : "Calling \(call) …" }

  /// After that.
  package func called(_ call: String, failed: Bool) -> String {
    if isJapanese { return failed ? "\(call) は失敗しました" : "\(call) を実行しました" }
    return failed ? "\(call) failed" : "Called \(call)"
  }

  /// The first sentence: the best files, and that no model wrote this.
  func opening(_ files: [(path: String, id: Int?)], snapshot: String, _ reason: ExtractReason) -> String {
    let names = files.map { file in "`\(file.path)`" + (file.id.map { " [\($0)]" } ?? "") }
    guard let first = names.first else { return "" }
    let others = names.dropFirst()
    if isJapanese {
      let next = others.isEmpty ? "" : "、次いで \(others.joined(separator: "、"))"
      return "最も近いのは \(first)\(next) です(\(without(reason))ため、`\(snapshot)` の該当箇所をそのまま引用します)。"
    }
    let next = others.isEmpty ? "" : ", then \(others.joined(separator: " and "))"
    return "The best match is \(first)\(next) "
      + "(\(without(reason)): these are the best passages of `\(snapshot)`, quoted as they are)."
  }

  /// One line for each name that the snapshot does not hold.
  func unverified(_ names: [UnverifiedName], in subject: String) -> String {
    names.map { name in
      if isJapanese {
        let near = name.nearest.map { "(近いもの: `\($0)`)" } ?? ""
        return "⚠ `\(name.name)` は `\(subject)` にありません\(near)。"
      }
      let near = name.nearest.map { "; there is `\($0)`" } ?? ""
      return "⚠ `\(name.name)` is not in `\(subject)`\(near)."
    }.joined(separator: "  \n")
  }

  /// Where a model cited nothing: what it was given.
  func given(_ citations: [Citation]) -> String {
    let list = citations.map { "`\($0.path.text)` [\($0.id)]" }.joined(separator: isJapanese ? "、" : ", ")
    return isJapanese ? "参照した箇所: \(list)" : "Passages at hand: \(list)"
  }

  /// A revision that a follow-up asks for and that is not indexed.
  package func notIndexed(_ version: String, _ snapshots: [String], instead: String) -> String {
    let list = snapshots.joined(separator: ", ")
    if isJapanese { return "\(version) は索引にありません(あるもの: \(list))。以下は `\(instead)` についてです。\n\n" }
    return "\(version) is not indexed here (there is \(list)); this is about `\(instead)`.\n\n"
  }

  /// "lines 12–40, function `vfs_read`".
  func place(_ lines: ClosedRange<Int>, symbol: String?, kind: SymbolKind?) -> String {
    let single = lines.count == 1
    let range = single ? "\(lines.lowerBound)" : "\(lines.lowerBound)–\(lines.upperBound)"
    let place = isJapanese ? "\(range) 行" : (single ? "line \(range)" : "lines \(range)")
    guard let symbol else { return place }
    let thing = kind.map { isJapanese ? AnswerWords.japanese($0) : $0.name }.map { "\($0) " } ?? ""
    return "\(place)\(isJapanese ? "、" : ", ")\(thing)`\(symbol)`"
  }

  private static func japanese(_ kind: SymbolKind) -> String {
    switch kind {
    case .function: "関数"
    case .macro: "マクロ"
    case .struct: "構造体"
    case .union: "共用体"
    case .enum: "列挙型"
    case .enumerator: "列挙子"
    case .typedef, .type: "型"
    case .variable: "変数"
    case .syscall: "システムコール"
    case .tracepoint: "トレースポイント"
    case .config: "設定項目"
    case .label: "ラベル"
    case .section: "節"
    case .node: "ノード"
    case .target: "ターゲット"
    case .trait, .impl: kind.name
    }
  }

  private func without(_ reason: ExtractReason) -> String {
    switch reason {
    case .noModel: isJapanese ? "チャットモデルが設定されていない" : "no chat model is configured"
    case .modelFailed: isJapanese ? "チャットモデルが応答しない" : "the chat model does not answer"
    }
  }

  func nothingFound(_ snapshot: String, _ reason: ExtractReason) -> String {
    if isJapanese {
      let hint = reason == .noModel ? "(チャットモデルは設定されていません)" : ""
      return "`\(snapshot)` には、この質問に当てはまる箇所が見つかりませんでした\(hint)。"
        + "関数名やファイル名、`CONFIG_` の名前、または別の言葉で質問してみてください。"
    }
    let hint = reason == .noModel ? " (no chat model is configured)" : ""
    return "Nothing in `\(snapshot)` matches this question\(hint). "
      + "Try an identifier, a file name, the name of an option, or other words."
  }
}
