// SPDX-License-Identifier: Apache-2.0
import Glossary

/// The sentences around passages, in the question's language.
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

  /// After the search.
  package func found(passages: Int, files: Int) -> String {
    if isJapanese { return "\(files) 個のファイルから \(passages) 箇所が見つかりました" }
    let passageWord = passages == 1 ? "passage" : "passages"
    return "Found \(passages) \(passageWord) in \(files) \(files == 1 ? "file" : "files")"
  }

  /// The first sentence: the best files, and that no model wrote this.
  func opening(_ files: [(path: String, id: Int?)], snapshot: String) -> String {
    let names = files.map { file in "`\(file.path)`" + (file.id.map { " [\($0)]" } ?? "") }
    guard let first = names.first else { return "" }
    let others = names.dropFirst()
    if isJapanese {
      let next = others.isEmpty ? "" : "、次いで \(others.joined(separator: "、"))"
      return "最も近いのは \(first)\(next) です(チャットモデルが設定されていないため、\(snapshot) の該当箇所をそのまま引用します)。"
    }
    let next = others.isEmpty ? "" : ", then \(others.joined(separator: " and "))"
    return "The best match is \(first)\(next) "
      + "(no chat model is configured: these are the best passages of \(snapshot), quoted as they are)."
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

  func nothingFound(_ snapshot: String) -> String {
    if isJapanese {
      return "\(snapshot) には、この質問に当てはまる箇所が見つかりませんでした(チャットモデルは設定されていません)。"
        + "関数名やファイル名、`CONFIG_` の名前、または別の言葉で質問してみてください。"
    }
    return "Nothing in \(snapshot) matches this question (no chat model is configured). "
      + "Try an identifier, a file name, the name of an option, or other words."
  }
}
