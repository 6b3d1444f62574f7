// SPDX-License-Identifier: Apache-2.0
import Glossary
import KnowledgeDiff

/// What the pages say of their own, in either language. All of it is markup already: what is put into it must be.
struct PageWords: Sendable {
  let language: PageLanguage

  init(_ language: PageLanguage) { self.language = language }

  private func either(_ english: String, _ japanese: String) -> String {
    language == .japanese ? japanese : english
  }

  /// `1 line`, `2,048 lines`; Japanese knows no plural.
  private func counted(_ count: Int, _ one: String, _ many: String, _ japanese: String) -> String {
    let number = MarkupText.count(count)
    return either("\(number) \(count == 1 ? one : many)", "\(number) \(japanese)")
  }

  /// Between the parts of a list within a sentence.
  var comma: String { either(", ", "、") }

  // MARK: Several pages

  var symbol: String { either("Symbol", "シンボル") }
  var symbols: String { either("Symbols", "シンボル") }
  var files: String { either("Files", "ファイル") }
  var commit: String { either("commit", "コミット") }
  var snapshot: String { either("Snapshot", "スナップショット") }
  var compareSnapshots: String { either("Compare two snapshots", "スナップショットの比較") }

  func files(_ count: Int) -> String { counted(count, "file", "files", "ファイル") }

  func change(_ status: FileStatus) -> String {
    switch status {
    case .added: either("added", "追加")
    case .removed: either("removed", "削除")
    case .modified: either("modified", "変更")
    case .renamed: either("renamed", "改名")
    }
  }

  // MARK: The start page

  var question: String { either("Question", "質問") }
  var questionHint: String { either("Which file implements …?", "… を実装しているファイルは?") }
  var ask: String { either("Ask", "質問する") }
  var search: String { either("Search", "検索") }
  var snapshots: String { either("Snapshots", "スナップショット一覧") }
  var commitHeading: String { either("Commit", "コミット") }
  var date: String { either("Date", "日付") }
  var chunks: String { either("Chunks", "チャンク") }
  /// `{files}` and `{time}` stand for what the page's script puts there.
  var found: String { either("Files: {files} · {time} ms", "{files} ファイル · {time} ms") }
  var nothingFound: String { either("Nothing found.", "見つかりませんでした。") }
  var nothingIndexed: String { either("Nothing is indexed yet", "まだ何も索引されていません") }

  // MARK: The page of a file

  func lines(_ count: Int) -> String { counted(count, "line", "lines", "行") }

  func lines(_ first: Int, _ last: Int, of count: Int) -> String {
    either(
      "lines \(first)–\(last) of \(MarkupText.count(count))", "全 \(MarkupText.count(count)) 行中の \(first)–\(last) 行")
  }

  var earlierLines: String { either("earlier lines", "前の行") }
  var laterLines: String { either("later lines", "次の行") }
  var binary: String { either("This file is binary; its bytes are not shown.", "バイナリファイルのため、内容は表示しません。") }

  // MARK: The page of a commit

  var noMessage: String { either("(no message)", "(メッセージなし)") }
  func authored(_ time: String) -> String { either("authored \(time)", "作成 \(time)") }
  func committed(_ time: String) -> String { either("committed \(time)", "コミット \(time)") }

  /// The paths that a commit changed; a merge repeats nothing of what it joins.
  func paths(_ count: Int, isMerge: Bool) -> String {
    let number = MarkupText.count(count)
    let (english, japanese) = ("\(number) \(count == 1 ? "path" : "paths")", "変更されたパス: \(number) 個")
    guard isMerge else { return either(english, japanese) }
    return either("\(english), changed beside what the merge joins", "\(japanese)(マージ自体による変更)")
  }

  func more(_ count: Int) -> String {
    let count = MarkupText.count(count)
    return either("and \(count) more", "ほか \(count) 個")
  }

  func change(_ status: PathChangeStatus) -> String {
    switch status {
    case .added: either("added", "追加")
    case .removed: either("removed", "削除")
    case .modified: either("modified", "変更")
    }
  }

  func sentences(_ notes: CommitNotes) -> [String] {
    guard language == .japanese else { return notes.sentences }
    let sentences: [(CommitNotes, String)] = [
      (.pathsUnknown, "オブジェクトが足りないため、変更されたパスは不明です"), (.parentMissing, "親コミットがなく、履歴はここで途切れています"),
      (.transcoded, "メッセージは UTF-8 ではなかったため、変換して表示しています"), (.messageCut, "メッセージは途中までです"),
    ]
    return sentences.filter { notes.contains($0.0) }.map(\.1)
  }

  // MARK: The page of an error

  var request: String { either("request", "リクエスト ID") }

  /// What an error means and what helps, by the name of its code; nil where the error's own words are in the page's
  /// language already. They follow in any case, because they name what is at fault.
  func failure(_ code: String) -> String? {
    guard language == .japanese else { return nil }
    switch NenrinError.Code(rawValue: code) {
    case .snapshotNotFound, .collectionNotFound, .revisionNotFound: return "指定されたスナップショットはここにありません。"
    case .pathNotFound: return "指定されたパスは、このスナップショットにありません。"
    case .symbolNotFound: return "指定されたシンボルは見つかりません。"
    case .historyNotRead: return "指定されたコミットは、読み込まれた履歴にありません。"
    case .questionEmpty, .questionTooLong, .invalidArgument, .unsupported: return "指定された値を受け付けられません。"
    case .unauthorized: return "閲覧するには API キーが必要です。パスワードの欄にキーを入力してください。"
    case .overloaded: return "サーバーが混み合っています。しばらくしてから再度お試しください。"
    case .timedOut: return "時間内に処理が終わりませんでした。範囲を絞って再度お試しください。"
    case .homeNotFound, .indexBusy, .formatMismatch: return "索引を現在利用できません。"
    case .notARepository, .repositoryRefused, .objectUnreadable, .fileUnreadable:
      return "リポジトリから内容を読み取れませんでした。"
    default: return code == "method_not_allowed" ? "このメソッドは使えません。" : "サーバーで問題が発生しました。"
    }
  }
}

// MARK: The page of a comparison

extension PageWords {
  var compare: String { either("Compare", "比較") }
  var from: String { either("From", "比較元") }
  var to: String { either("To", "比較先") }
  var path: String { either("Path", "パス") }
  var changeHint: String { either("what took the place of …?", "… は何に置き換わった?") }
  var withLines: String { either("Lines", "行の差分") }
  var none: String { either("none", "なし") }
  var commits: String { either("Commits", "コミット") }
  /// Within a sentence.
  var directoryWord: String { either("directory", "ディレクトリ") }
  var directory: String { either("Directory", "ディレクトリ") }

  /// What a sum counts: `12 added`, `追加 12`.
  func sum(_ count: Int, _ what: String) -> String {
    let count = MarkupText.count(count)
    return either("\(count) \(what)", "\(what) \(count)")
  }

  /// A line of sums: what is counted, and the sums or none.
  func sums(_ what: String, _ sums: [String]) -> String {
    let text = sums.isEmpty ? none : sums.joined(separator: comma)
    return either("\(what): \(text).", "\(what): \(text)")
  }

  /// Where the second snapshot is the older one.
  var backward: String {
    either(
      " The second is the older one: what it has alone is shown as added.",
      "<br>比較先のほうが古いスナップショットです。比較先だけにあるものを「追加」と表示しています。")
  }

  func registerTables(_ count: Int) -> String {
    let number = MarkupText.count(count)
    return either(
      " \(number) of the files are register tables, whose macros are compared where their path is asked for.",
      "<br>うち \(number) ファイルはレジスタ定義の表です。そのマクロは、パスを指定したときだけ比較します。")
  }

  func change(_ status: SymbolStatus) -> String {
    switch status {
    case .added: either("added", "追加")
    case .removed: either("removed", "削除")
    case .changed: either("changed", "変更")
    case .signature: either("declared anew", "宣言の変更")
    case .moved: either("moved", "移動")
    case .renamed: either("renamed", "改名")
    case .linkage: either("with another linkage", "リンケージの変更")
    case .unchanged: either("unchanged", "変更なし")
    }
  }

  /// What became of symbols that are on both sides.
  var changedOrMoved: String { either("changed or moved", "変更・移動") }

  func kind(_ kind: SymbolKind) -> String {
    guard language == .japanese else { return kind.name }
    switch kind {
    case .function: return "関数"
    case .macro: return "マクロ"
    case .struct: return "構造体"
    case .union: return "共用体"
    case .enum: return "列挙型"
    case .enumerator: return "列挙子"
    case .variable: return "変数"
    case .syscall: return "システムコール"
    case .tracepoint: return "トレースポイント"
    case .config: return "設定項目"
    case .label: return "ラベル"
    case .type: return "型"
    case .trait: return "トレイト"
    case .target: return "ターゲット"
    case .node: return "ノード"
    case .section: return "節"
    case .typedef, .impl: return kind.name
    }
  }

  /// Behind a file whose code is the same; nil where it is not.
  func nature(_ nature: ChangeNature) -> String? {
    switch nature {
    case .code: nil
    case .comments: either("(comments only)", "(コメントのみ)")
    case .whitespace: either("(white space only)", "(空白のみ)")
    case .mode: either("(mode only)", "(モードのみ)")
    case .binary: either("(binary)", "(バイナリ)")
    }
  }

  /// Behind what has another name or place now; `old` is that before.
  func from(_ old: String) -> String { either("from \(old)", "← \(old)") }

  func was(_ name: String) -> String { either(", was \(name)", "(旧 \(name))") }

  /// How much of a renamed file stayed; 0 to 1.
  func similarity(_ share: Double) -> String {
    let percent = Int((share * 100).rounded())
    return either(", \(percent) % the same", "(\(percent) % 同一)")
  }

  /// To the next files and symbols of so many.
  func further(files: Int, symbols: Int) -> String {
    let symbolCount = MarkupText.count(symbols)
    return either(
      "More: \(self.files(files)), \(symbolCount) \(symbols == 1 ? "symbol" : "symbols")",
      "続きを表示(全 \(MarkupText.count(files)) ファイル、\(symbolCount) シンボル)")
  }
}
