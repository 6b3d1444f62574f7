// SPDX-License-Identifier: Apache-2.0
import Glossary
import KnowledgeDiff

/// The sentences around what changed, in the question's language.
struct DifferenceWords {
  let isJapanese: Bool
  let from: String
  let to: String

  var nothing: String {
    isJapanese
      ? "\(from) から \(to) までの変更に、この質問に当てはまるものは見つかりませんでした。関数名やパス、別の言葉で質問してみてください。"
      : "Nothing that changed between \(from) and \(to) matches this question. Try an identifier, a path, or other words."
  }

  var named: String { isJapanese ? "質問にある名前" : "What the question names" }

  var files: String { isJapanese ? "関係するファイル" : "Files that bear on it" }

  var commits: String { isJapanese ? "関係するコミット" : "Commits that bear on it" }

  var closing: String {
    isJapanese
      ? "(チャットモデルは使わず、索引どうしの比較から作った回答です。コメントと空白だけの違いは数えていません。)"
      : "(Made from the comparison of both indexes, without a chat model; differences in comments and white space alone "
        + "are not counted.)"
  }

  func opening(_ result: DiffResult) -> String {
    if result.files.isEmpty, result.symbols.isEmpty {
      return isJapanese
        ? "\(from) から \(to) までに、この質問に関わるファイルやシンボルの変更は見つかりませんが、次のコミットが関わります。"
        : "From \(from) to \(to), no file and no symbol that changed bears on the question, but these commits do."
    }
    let paths = result.files.prefix(3).map { "`\($0.path.text)`" }
    let counts = SymbolStatus.allCases.compactMap { status -> String? in
      let count = result.symbols.count { $0.status == status }
      return count == 0 ? nil : isJapanese ? "\(heading(status)) \(count)" : "\(count) \(short(status))"
    }
    if isJapanese {
      let symbols = counts.isEmpty ? "" : "。シンボル: \(counts.joined(separator: "、"))"
      let place = paths.isEmpty ? "次のシンボル" : paths.joined(separator: "、")
      return "\(from) から \(to) までで、この質問に最も近い変更は \(place) にあります\(symbols)。"
    }
    let all =
      paths.count > 1 ? paths.dropLast().joined(separator: ", ") + " and " + (paths.last ?? "") : paths.joined()
    let symbols = counts.isEmpty ? "" : "; of the symbols nearest to it \(counts.joined(separator: ", "))"
    let place = all.isEmpty ? "are these symbols" : "are in \(all)"
    return "From \(from) to \(to), the changes nearest to the question \(place)\(symbols)."
  }

  private func short(_ status: SymbolStatus) -> String {
    switch status {
    case .added: "are new"
    case .removed: "are gone"
    case .changed: "have another body"
    case .signature: "are declared anew"
    case .moved: "moved"
    case .renamed: "have another name"
    case .linkage: "have another linkage"
    case .unchanged: "are unchanged"
    }
  }

  func heading(_ status: SymbolStatus) -> String {
    switch status {
    case .added: isJapanese ? "追加" : "New in \(to)"
    case .removed: isJapanese ? "削除" : "Gone since \(from)"
    case .changed: isJapanese ? "本体の変更" : "Changed inside"
    case .signature: isJapanese ? "宣言の変更" : "Declared anew"
    case .moved: isJapanese ? "移動" : "Moved to another file"
    case .renamed: isJapanese ? "改名" : "Renamed, the body kept"
    case .linkage: isJapanese ? "リンケージの変更" : "Static, global or exported otherwise"
    case .unchanged: isJapanese ? "変更なし" : "Unchanged"
    }
  }

  func directory(_ change: DirectoryChange) -> String {
    let count = isJapanese ? "\(change.files) ファイル" : "\(change.files) \(change.files == 1 ? "file" : "files")"
    switch change.status {
    case .added:
      return isJapanese
        ? "ディレクトリ `\(change.path)` は新規です(\(count))。" : "The directory `\(change.path)` is new (\(count))."
    case .removed:
      return isJapanese
        ? "ディレクトリ `\(change.path)` は削除されました(\(count))。" : "The directory `\(change.path)` was removed (\(count))."
    case .renamed, .modified:
      let old = change.fromPath ?? ""
      return isJapanese
        ? "ディレクトリ `\(old)` は `\(change.path)` になりました。" : "The directory `\(old)` is now `\(change.path)` (\(count))."
    }
  }

  /// `old` and `new` are the citations of each side.
  func symbol(_ symbol: SymbolEntry, old: String, new: String) -> String {
    let name = "\(symbol.kind.name) `\(symbol.name)`"
    let oldPath = "`\(symbol.from?.path.text ?? "")`"
    let newPath = "`\(symbol.to?.path.text ?? "")`"
    let declaration = { (text: String?) in text.map { "`\(DifferenceWords.bounded($0))`" } ?? "" }
    switch symbol.status {
    case .added: return "\(name) (\(newPath)) \(new): \(declaration(symbol.to?.signature))"
    case .removed: return "\(name) (\(oldPath)) \(old): \(declaration(symbol.from?.signature))"
    case .changed, .unchanged: return "\(name) (\(newPath)): \(from) \(old) → \(to) \(new)"
    case .signature:
      return "\(name) (\(newPath)): \(declaration(symbol.from?.signature)) \(old) → "
        + "\(declaration(symbol.to?.signature)) \(new)"
    case .moved: return "\(name): \(oldPath) \(old) → \(newPath) \(new)"
    case .renamed: return "`\(symbol.fromName ?? "")` \(old) → \(name) \(new) (\(newPath))"
    case .linkage:
      let (before, after) = (symbol.from?.linkage?.rawValue ?? "", symbol.to?.linkage?.rawValue ?? "")
      return "\(name) (\(newPath)): \(before) \(old) → \(after) \(new)"
    }
  }

  func member(_ member: MemberChange) -> String {
    switch (member.fromText, member.toText) {
    case (nil, let new?): isJapanese ? "メンバー追加: `\(new)`" : "gained `\(new)`"
    case (let old?, nil): isJapanese ? "メンバー削除: `\(old)`" : "lost `\(old)`"
    default: "`\(member.fromText ?? "")` → `\(member.toText ?? "")`"
    }
  }

  func property(_ property: PropertyChange) -> String {
    let none = isJapanese ? "なし" : "none"
    return "\(property.property): \(DifferenceWords.bounded(property.from ?? none)) → "
      + DifferenceWords.bounded(property.to ?? none)
  }

  func file(_ file: FileEntry) -> String {
    switch file.status {
    case .added: isJapanese ? "`\(file.path.text)` は新規です" : "`\(file.path.text)` is new"
    case .removed: isJapanese ? "`\(file.path.text)` は削除されました" : "`\(file.path.text)` was removed"
    case .modified: isJapanese ? "`\(file.path.text)` は変更されました" : "`\(file.path.text)` changed"
    case .renamed:
      isJapanese
        ? "`\(file.fromPath?.text ?? "")` は `\(file.path.text)` になりました"
        : "`\(file.fromPath?.text ?? "")` is now `\(file.path.text)`"
    }
  }

  private static func bounded(_ text: String) -> String {
    text.count > 220 ? text.prefix(219) + "…" : text
  }
}
