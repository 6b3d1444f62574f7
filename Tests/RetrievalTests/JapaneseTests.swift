// SPDX-License-Identifier: Apache-2.0
import Foundation
import GitStore
import Glossary
import IndexStore
import TestSupport
import Testing

@testable import Retrieval

@Suite struct JapaneseTextTests {
  @Test(arguments: [
    ("Ｂｔｒｆｓ　ロック？", "Btrfs ロック?"), ("ｶｰﾈﾙ", "カーネル"), ("ﾊﾞｯﾌｧ", "バッファ"), ("ﾌﾟﾛｾｽ", "プロセス"), ("ｳﾞｧ", "ヴァ"),
    ("か\u{3099}ぎ", "がぎ"), ("メモリ−不足", "メモリー不足"), ("x−y", "x-y"),
  ]) func widthsAndMarksAreFolded(text: String, folded: String) {
    #expect(JapaneseText.folding(text) == folded)
  }

  @Test func aLongVowelAtTheEndIsAMatterOfStyle() {
    func key(_ word: String) -> String { String(decoding: JapaneseText.key(word.unicodeScalars), as: UTF8.self) }
    #expect(key("サーバー") == key("サーバ") && key("スケジューラー") == key("スケジューラ"))
    #expect(key("キー") == "キー" && key("ファイル・システム") == "ファイルシステム")
  }

  @Test(arguments: [
    ("ロック", "rokku"), ("キャッシュ", "kyasshu"), ("ジョブ", "jobu"), ("ファイル", "fairu"), ("マッチ", "matchi"),
    ("しんにょう", "shinnyou"),
    ("ウィンドウ", "windou"), ("サーバー", "saba"),
  ]) func kanaAreWrittenInLatinLetters(kana: String, latin: String) {
    #expect(Romaji.text(kana) == latin)
    #expect(Romaji.text("漢字") == nil)
  }

  @Test func longVowelsAreShortInNames() {
    #expect(Romaji.short("koubou") == "kobo" && Romaji.short("nyuumon") == "nyumon" && Romaji.short("kei") == "kei")
  }
}

/// A lexicon of a few words, in files as the tools write them.
private final class SmallLexicon {
  let folder: String
  let lexicon: JapaneseLexicon

  init() throws {
    folder = try TestRepository.temporaryFolder()
    let glossary = """
      # words
      ロック 錠\tlock; latch
      割り当てる\tallocate; assign
      書庫\tarchive
      """
    let words = [
      "ふた\t-\tふた\t75 lid|56 cover", "ロック\t-\tロック\t75 rock", "圧縮\t+\tあっしゅく\t75 compression",
      "動作\t+\tどうさ\t75 movement", "動作周波数\t-\tどうさしゅうはすう\t90 clock speed", "周波数\t-\tしゅうはすう\t75 frequency",
      "木\t-\tき\t75 tree|68 wood", "書き出す\ts\tかきだす\t68 write out|60 export", "遅い\ti\tおそい\t75 slow",
      "集める\t1\tあつめる\t75 collect",
    ]
    try Data(glossary.utf8).write(to: URL(fileURLWithPath: folder + "/glossary.tsv"))
    let table = words.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.joined(separator: "\n") + "\n"
    try Data(table.utf8).write(to: URL(fileURLWithPath: folder + "/japanese.tsv"))
    lexicon = JapaneseLexicon(glossary: folder + "/glossary.tsv", tables: folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func words(_ text: String) -> [String] {
    Segmenter(lexicon: lexicon.reader()).words(of: Array(text.unicodeScalars)).map { word in
      "\(word.text)=\(word.entry?.glosses.first?.text ?? "?")"
    }
  }
}

@Suite struct SegmenterTests {
  @Test(arguments: [
    ("ロックを割り当てているのはどこですか", ["ロック=lock", "割り当て=allocate"]),
    ("書き出されようとしているふたの圧縮", ["書き出さ=write out", "ふた=lid", "圧縮=compression"]),
    ("遅くなった木", ["遅=slow", "木=tree"]), ("集められた書庫", ["集め=collect", "書庫=archive"]),
    ("動作周波数を決める", ["動作周波数=clock speed", "決=?"]), ("ブロードコムの木", ["ブロードコム=?", "木=tree"]),
    ("このファイルの実装を教えてください。", []), ("tg3 の ロック", ["ロック=lock"]),
  ]) func sentencesAreCutIntoWords(text: String, words: [String]) throws {
    let small = try SmallLexicon()
    #expect(small.words(text) == words)
  }

  @Test func theGlossaryComesBeforeTheDictionary() throws {
    let small = try SmallLexicon()
    let entry = try #require(small.lexicon.reader().find(Array("ロック".unicodeScalars)[...]).entry)
    #expect(entry.isTechnical && entry.glosses.map(\.text) == ["lock", "latch"])
  }

  @Test func withoutTablesKatakanaAreNames() {
    let words = Segmenter(lexicon: JapaneseLexicon.empty.reader()).words(of: Array("ロックの木".unicodeScalars))
    #expect(words.map(\.text) == ["ロック", "木"] && words.allSatisfy { $0.entry == nil })
  }
}

@Suite struct JapaneseQuestionTests {
  private static let files: [String: TestFile] = [
    "fs/tree/latch.c": "/* Latches of the nodes. */\nint latch(struct node *n)\n{\n\treturn n->m;\n}\n",
    "fs/tree/writer.c": "/* Writes the nodes out to disk. */\nint write_nodes(void)\n{\n\treturn export();\n}\n",
    "drivers/brodcom.c": "int probe(void)\n{\n\treturn 0;\n}\n",
    "drivers/samsung/pll.c": "int clock_speed(void)\n{\n\treturn frequency;\n}\n",
    "Documentation/lock.txt": "錠について。ロックを取る順番。\n",
  ]

  private final class Fixture {
    let home: TestHome
    let repository: TestRepository
    let small: SmallLexicon
    let retriever: Retriever

    init() async throws {
      repository = try TestRepository()
      try repository.commit(JapaneseQuestionTests.files, tag: "v1")
      home = try TestHome()
      try await home.index(repository, "v1")
      small = try SmallLexicon()
      retriever = Retriever(
        view: try home.view("v1"), source: try Repository(opening: repository.path),
        lexicons: Lexicons(japanese: small.lexicon))
    }

    func first(_ question: String) throws -> String? {
      try retriever.search(SearchRequest(question: question)).files.first?.path.text
    }
  }

  @Test(arguments: [
    ("ノードを書き出している処理はどのファイルですか?", "fs/tree/writer.c"), ("サムスンの動作周波数", "drivers/samsung/pll.c"),
    ("ブロドコムのドライバ", "drivers/brodcom.c"), ("fs/tree の錠の実装", "fs/tree/latch.c"), ("順番について", "Documentation/lock.txt"),
  ]) func questionsFindWhatTheyMean(question: String, path: String) async throws {
    #expect(try await Fixture().first(question) == path)
  }

  @Test func translationsOfOneWordAreOneIdea() async throws {
    let fixture = try await Fixture()
    let bridge = JapaneseBridge(
      view: fixture.retriever.view, lexicon: fixture.small.lexicon.reader(), weights: RankingWeights())
    let terms = bridge.terms(of: "錠とロックの動作周波数").ideas
    #expect(terms.map(\.text) == ["錠", "動作周波数", "動作", "周波数"])
    #expect(terms[0].forms.map(\.text).contains("latch"))
    #expect(terms[1].forms.first?.words == ["clock", "speed"])
    #expect(terms[2].weight < terms[1].weight)
  }

  @Test func nothingChangesForOtherLanguages() async throws {
    let fixture = try await Fixture()
    let plain = Retriever(view: fixture.retriever.view, source: fixture.retriever.source)
    for question in ["who takes the latch", "clock_speed()", "drivers/samsung"] {
      let request = SearchRequest(question: question)
      #expect(try plain.search(request).files.map(\.score) == fixture.retriever.search(request).files.map(\.score))
    }
  }
}

@Suite struct JapaneseCorpusTests {
  private static let files: [String: TestFile] = [
    "2026-01-10_kobo_asshuku.txt": "今日の話です。容量を減らした方法を紹介します。\n",
    "2026-01-17_kobo_jo.txt": "ロックの話をします。取る順番が大事です。\n", "2026-01-24_kobo_ki.txt": "書庫の話です。遅くなりました。\n",
    "2026-01-31_den_locks.txt": "Doors and windows are the matter of today.\n",
  ]

  @Test(arguments: [
    ("In what order is the latch taken?", "2026-01-17_kobo_jo.txt"), ("圧縮の回", "2026-01-10_kobo_asshuku.txt"),
    ("書庫はどうなりましたか", "2026-01-24_kobo_ki.txt"), ("doors", "2026-01-31_den_locks.txt"),
  ]) func textInJapaneseIsFound(question: String, path: String) async throws {
    let repository = try TestRepository()
    try repository.commit(Self.files, tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    let small = try SmallLexicon()
    let retriever = Retriever(
      view: try home.view("v1"), source: try Repository(opening: repository.path),
      lexicons: Lexicons(japanese: small.lexicon))
    #expect(try retriever.search(SearchRequest(question: question)).files.first?.path.text == path)
  }

  @Test func endingsAreTakenOff() {
    #expect(EnglishBridge.variants(of: "latches") == ["latches", "latch", "latche", "latche"])
    #expect(EnglishBridge.variants(of: "entries").contains("entry"))
    #expect(EnglishBridge.variants(of: "bus") == ["bus"])
  }
}

@Suite struct SoundsTests {
  @Test(arguments: [
    ("サムスン", "samsung"), ("ブロードコム", "broadcom"), ("スケジューラ", "schedul"), ("メラノックス", "mellanox"), ("リアルテック", "realtek"),
  ]) func namesSoundAlike(kana: String, spelling: String) throws {
    let heard = Sounds(romaji: try #require(Romaji.text(kana)))
    let likeness = heard.likeness(to: Sounds(spelling: Array(spelling.utf8)))
    #expect(likeness >= 0.7, "\(kana), \(spelling): \(likeness)")
  }

  @Test(arguments: [("サムスン", "summary"), ("ブロードコム", "button"), ("メラノックス", "maxim"), ("カメラ", "kernel")])
  func othersDoNot(kana: String, spelling: String) throws {
    let heard = Sounds(romaji: try #require(Romaji.text(kana)))
    #expect(heard.likeness(to: Sounds(spelling: Array(spelling.utf8))) < 0.7)
  }
}

@Suite struct JapaneseGlossaryTests {
  @Test func everyLineIsAWordAndItsEnglish() throws {
    let text = try String(contentsOfFile: TestHome.checkout + "/glossaries/japanese.tsv", encoding: .utf8)
    var seen: Set<String> = []
    var count = 0
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      #expect(columns.count == 2, "\(line)")
      for word in columns[0].split(separator: " ") {
        #expect(seen.insert(String(word)).inserted, "\(word) stands there twice")
        #expect(JapaneseText.isPresent(in: String(word)) && word.unicodeScalars.count <= 16, "\(word)")
        count += 1
      }
      for english in columns[1].split(separator: ";") {
        #expect(english.utf8.allSatisfy { $0 < 0x80 } && english.contains { $0 != " " }, "\(line)")
      }
    }
    #expect(count > 1000)
  }
}
