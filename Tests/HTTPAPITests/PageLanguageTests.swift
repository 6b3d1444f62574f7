// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import HTTPAPI
import Testing

/// The pages in either language.
@Suite struct PageLanguageTests {
  private static let commit = FakeKnowledge.commitIDs[0].hex
  private static let japanese = "Accept-Language: ja,en-US;q=0.7,en;q=0.3"
  /// Each page, and words that it must say in English and in Japanese.
  private static let pages = [
    ("/", ["Ask", "Search", "Snapshots", "Compare two snapshots"], ["質問する", "検索", "スナップショット一覧", "スナップショットの比較"]),
    ("/compare", ["From", "Compare"], ["比較元", "比較先", "比較"]),
    (
      "/compare?from=tree%40v1.0&to=v2.0&path=fs",
      [
        "Files: 1 added, 1 modified, 1 renamed.", "declared anew", "function", "from <a", ", 75 % the same", "Commits",
        "<th>changed or moved</th>", "<td>1,234</td>", "</span> directory <a", ", 2 files",
      ],
      [
        "ファイル: 追加 1、変更 1、改名 1<", "宣言の変更", "関数", "← <a", "(75 % 同一)", "コミット", "<th>変更・移動</th>", "</span> ディレクトリ <a",
        "、2 ファイル",
      ]
    ),
    ("/compare?from=tree%40v1.0&to=v2.0&about=lock&patch=1", ["Symbols", "Files"], ["シンボル", "ファイル"]),
    ("/source/tree@v2.0/fs/tree/lock.c", ["· commit <code>", "· 6 lines</p>"], ["· コミット <code>", "· 6 行</p>"]),
    (
      "/source/tree@v2.0/fs/tree/lock.c?lines=3-4", ["lines 3–4 of 6", ">earlier lines<", ">later lines<"],
      ["全 6 行中の 3–4 行", ">前の行<", ">次の行<"]
    ),
    (
      "/commit/tree@v2.0/\(commit)",
      ["authored 2023", "12,003 paths", "and 12,000 more", ">modified<", "its message is cut"],
      ["作成 2023", "変更されたパス: 12,003 個", "ほか 12,000 個", ">変更<", "メッセージは途中までです"]
    ),
    ("/source/tree@v2.0/none", ["no path", "request "], ["指定されたパスは、このスナップショットにありません。", "リクエスト ID "]),
    ("/source/tree@v9/none", ["no snapshot"], ["指定されたスナップショットはここにありません。"]),
    ("/commit/tree@v1.0/\(commit)", ["history of tree@v1.0"], ["指定されたコミットは、読み込まれた履歴にありません。"]),
    ("/source/tree@v2.0/fs/tree/lock.c?lines=x", ["lines"], ["指定された値を受け付けられません。"]),
  ]

  @Test(arguments: pages) func aPageSpeaksEitherLanguage(
    target: String, english: [String], japanese: [String]
  ) async throws {
    try await withServer { client in
      for (header, language, said, unsaid) in [
        ([Self.japanese], "ja", japanese, english), ([], "en", english, japanese),
        (["Accept-Language: en-GB,en;q=0.8,ja;q=0.5"], "en", english, japanese),
      ] {
        let reply = try await client.get(target, headers: header)
        #expect(reply.headers["content-language"] == language)
        #expect(reply.headers["vary"] == "accept-language")
        #expect(reply.headers["content-type"] == "text/html; charset=utf-8")
        #expect(reply.text.contains("<html lang=\"\(language)\">"))
        for words in said { #expect(reply.text.contains(words), "\(target) \(language): \(words)\n\(reply.text)") }
        // What names the thing at fault stays on an error's page, marked as English.
        if reply.status == 200 {
          for words in unsaid { #expect(!Self.visible(reply.text).contains(words), "\(target) \(language): \(words)") }
        }
      }
    }
  }

  /// Whatever stands in Latin letters on a Japanese page is a name or a technical word, never the page's own English.
  @Test(arguments: pages.map(\.0)) func noEnglishIsLeft(target: String) async throws {
    let names = [
      "Nenrin", "nenrin", "index", "SOURCE", "REVISION", "ID", "ms", "blob", "files", "time", "tree", "fs", "lock",
      "docs", "txt", "bush", "TREE", "help", "vfs_mkdir", "btrfs", "new", "tree_lock", "hold", "it", "Tester",
      "example", "org", "old", "none",
      "branch",
    ]
    try await withServer { client in
      let text = Self.visible(try await client.get(target, headers: [Self.japanese]).text)
      let words = text.matches(of: /[A-Za-z_]{2,}/).map { String($0.output) }
      #expect(Set(words).subtracting(names).isEmpty, "\(Set(words).subtracting(names).sorted()) in \(text)")
      // A page that says nothing would pass as well.
      #expect(text.unicodeScalars.contains { (0x3040...0x30ff).contains($0.value) })
    }
  }

  @Test(arguments: [
    ("ja", "ja"), ("ja-JP", "ja"), ("JA", "ja"), ("fr, ja;q=0.4", "ja"), ("en;q=0.5, ja;q=0.6", "ja"),
    ("ja;q=0.9,en;q=0.9", "ja"), ("ja ; q=1.0 , en", "ja"), ("en,ja", "en"), ("ja;q=0", "en"), ("*", "en"),
    ("ja;q=0.2,*;q=0.3", "en"), ("jav", "en"), ("fr-FR,de", "en"), ("", "en"), (";;,,q=ja", "en"), ("ja;q=x", "en"),
  ]) func theBrowserSaysWhich(header: String, language: String) async throws {
    try await withServer { client in
      let reply = try await client.get("/compare", headers: ["Accept-Language: \(header)"])
      #expect(reply.headers["content-language"] == language)
    }
  }

  @Test func ofLongTextsTheEndOfWhatTheyShareIsShown() async throws {
    try await withServer { client in
      let reply = try await client.get("/compare?from=tree%40v1.0&to=v2.0&path=fs")
      let shown = reply.text.matches(of: /(−|\+) help: (…[^<]*)</)
      #expect(shown.map { String($0.1) } == ["−", "+"])
      #expect(shown.map { $0.2.hasSuffix($0.1 == "+" ? "words; new." : "words; old.") } == [true, true])
      #expect(shown.allSatisfy { $0.2.count < 100 })
      // The path is not said twice.
      #expect(reply.text.contains(">fs/tree/lock.c:8</a> ← <a href=\"/source/tree@v1.0/fs/tree/lock.c#L9\">:9</a>"))
    }
  }

  @Test func aRefusalSpeaksIt() async throws {
    var configuration = ServerConfiguration()
    configuration.apiKeys = [APIKeyHash(of: "k")]
    configuration.pageSigner = PageSigner(secret: Array("0123456789abcdef".utf8), days: 1)
    try await withServer(configuration) { client in
      let reply = try await client.get("/source/tree@v2.0/fs/tree/lock.c", headers: [Self.japanese])
      #expect(reply.status == 401 && reply.text.contains("閲覧するには API キーが必要です。"))
      #expect(reply.text.contains("<p class=\"soft\" lang=\"en\">API key is missing or wrong"))
      // What programs read is the same in any language.
      let api = try await client.get("/api/snapshots", headers: [Self.japanese])
      #expect(api.status == 401 && api.headers["vary"] == nil && api.text.contains("API key is missing or wrong"))
    }
  }

  /// What a person reads of a page beside sources and what is marked as English: texts, hints and messages.
  private static func visible(_ html: String) -> String {
    let attributes = html.matches(of: /(?:placeholder|data-[a-z]+)="([^"]*)"/).map { String($0.1) }
    let rest = html.replacing(/<(style|script|pre|code)[^>]*>[\s\S]*?<\/\1>/, with: " ")
      .replacing(/<p[^>]* lang="en"[^>]*>.*<\/p>/, with: " ").replacing(/<[^>]*>/, with: " ")
      .replacing(/&[a-z]+;/, with: " ").replacing(/T[0-9:]+Z|[0-9a-f]{12,40}|[A-Z0-9]{20,}/, with: " ")
    return (attributes + [rest]).joined(separator: "\n")
  }
}
