// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Takes a question apart.
struct QueryAnalyzer {
  let weights: RankingWeights
  /// Takes Japanese words to the snapshot's; without it they are only themselves.
  var bridge: JapaneseBridge?
  /// Knows how the snapshot writes English words; without it they are only themselves.
  var forms: WordForms?
  /// What sources call what people say otherwise.
  var thesaurus = Thesaurus.empty
  /// Takes English words to those of a snapshot in Japanese; nil for other snapshots.
  var backwards: EnglishBridge?

  func analyze(_ question: String) -> Query {
    let text = JapaneseText.folding(question)
    var query = Query()
    for token in QueryAnalyzer.tokens(text) { classify(token, into: &query) }
    query.wanted = QueryAnalyzer.wantedKinds(text.lowercased(), query)
    query.terms = terms(of: text)
    return query
  }

  /// Runs of the characters that names and paths are made of; sentence punctuation at the end is cut off. What is
  /// written as a name is one: `lock()`, or `lock` between backquotes.
  private static func tokens(_ text: String) -> [(text: String, isName: Bool)] {
    var tokens: [(String, Bool)] = []
    var current: [UInt8] = []
    let bytes = Array(text.utf8)
    for index in 0...bytes.count {
      if index < bytes.count, isNameByte(bytes[index]) {
        current.append(bytes[index])
        continue
      }
      let length = current.count
      while let last = current.last, UInt8(ascii: ".") == last || UInt8(ascii: "-") == last || UInt8(ascii: "/") == last
      {
        current.removeLast()
      }
      if !current.isEmpty {
        let isCalled =
          index + 1 < bytes.count && bytes[index] == UInt8(ascii: "(") && bytes[index + 1] == UInt8(ascii: ")")
        let start = index - length
        let isQuoted =
          start > 0 && index < bytes.count && bytes[start - 1] == UInt8(ascii: "`") && bytes[index] == UInt8(ascii: "`")
        tokens.append((String(decoding: current, as: UTF8.self), isCalled || isQuoted))
      }
      current = []
    }
    return tokens
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
    default: false
    }
  }

  private func classify(_ token: (text: String, isName: Bool), into query: inout Query) {
    let text = token.text
    if text.contains("/") {
      query.paths.append(text.hasPrefix("/") ? String(text.dropFirst()) : text)
      return
    }
    if let dot = text.lastIndex(of: "."), dot != text.startIndex {
      let suffix = text[text.index(after: dot)...]
      if suffix.count <= 5, suffix.allSatisfy({ $0.isLetter }), text.count > suffix.count + 2 {
        query.fileNames.append(text)
        return
      }
    }
    let parts = text.split(whereSeparator: { ".+-".contains($0) }).map(String.init)
    for part in parts where part.count > 1 {
      if QueryAnalyzer.isIdentifier(part) || (token.isName && parts.count == 1) {
        query.identifiers.append(part)
      } else {
        query.words.append(part)
      }
    }
  }

  /// Whether a word can only be an identifier: an underscore inside it, or capitals after small letters.
  static func isIdentifier(_ word: String) -> Bool {
    let bytes = Array(word.utf8)
    guard let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    if bytes.dropFirst().dropLast().contains(UInt8(ascii: "_")) || word.hasPrefix("__") { return true }
    for index in bytes.indices.dropFirst(2)
    where bytes[index] < 0x5B && bytes[index] > 0x40 && bytes[index - 1] > 0x60 && bytes[index - 2] > 0x60 {
      return true
    }
    return false
  }

  /// The question's terms; stop words are left out where anything else is there.
  private func terms(of text: String) -> [QueryTerm] {
    let all = TermAnalyzer().terms(of: text).map(\.term)
    let said = all.filter { !StopWords.english.contains($0) }
    let bridged = bridge?.terms(of: text)
    let ideas = bridged?.ideas ?? []
    let isBridged = ideas.contains { idea in idea.forms.contains { $0.words.contains(where: isASCII) } }
    let hasWords = isBridged || said.contains(where: isASCII)
    var terms: [QueryTerm] = []
    for term in said {
      if isASCII(term) {
        terms.append(QueryTerm(text: term, weight: term.contains("_") ? weights.wholeIdentifier : 1))
      } else if bridged?.pairs.contains(term) ?? true {
        terms.append(QueryTerm(text: term, weight: hasWords ? weights.foreignPair : 1))
      }
    }
    for idea in ideas where !terms.contains(where: { $0.isSingle && $0.text == idea.forms[0].text }) {
      terms.append(idea)
    }
    forms?.add(to: &terms, of: text)
    terms += forms?.thesaurusIdeas(of: text, thesaurus) ?? []
    if let backwards { addForms(backwards.forms(of: text), to: &terms) }
    return Array((terms.isEmpty ? all.map { QueryTerm(text: $0) } : terms).prefix(128))
  }

  /// What text in Japanese calls the question's words, as further forms of them.
  private func addForms(_ found: [(terms: [String], forms: [QueryTerm.Form])], to terms: inout [QueryTerm]) {
    for (words, forms) in found {
      if words.count == 1, let place = terms.firstIndex(where: { $0.isSingle && $0.text == words[0] }) {
        terms[place].forms += forms
      } else if words.count > 1 {
        terms.append(QueryTerm(text: words.joined(separator: " "), forms: [QueryTerm.Form(words)] + forms))
      }
    }
  }

  private func isASCII(_ term: String) -> Bool { term.utf8.allSatisfy { $0 < 0x80 } }
}

extension QueryAnalyzer {
  private static let hints: [(WantedKinds, [String])] = [
    (.cSource, ["c file", "c source", "cソース", "cファイル", "c のソース", "main source", ".c file"]),
    (.header, ["header", "ヘッダ", ".h file"]),
    (.documentation, ["document", "explained", "rulebook", "guide", "text that", ".rst", "ドキュメント", "文書", "説明書"]),
    (.kconfig, ["kconfig", "config option", "configuration option", "menu entry"]),
    (.makefile, ["makefile", "kbuild"]),
    (.deviceTree, ["device tree", "devicetree", ".dts", "dtsi", "デバイスツリー"]),
    (.test, ["selftest", "self test", "kunit", "test case", "unit test", "テスト"]),
    (.tool, ["tools/", "perf tool", "userspace tool", "user space tool"]),
    (.rust, ["rust", ".rs"]),
    (.assembly, ["assembly", "assembler", "アセンブ"]),
    (.binding, ["binding", "バインディング"]),
    (.script, ["script", "スクリプト"]),
    (.defconfig, ["defconfig"]),
    (.linkerScript, ["linker script", "リンカ"]),
    (.translation, ["translation", "translated", "翻訳"]),
  ]

  /// `text` in lower case.
  fileprivate static func wantedKinds(_ text: String, _ query: Query) -> WantedKinds {
    var wanted: WantedKinds = []
    for (kind, words) in hints where words.contains(where: { text.contains($0) }) { wanted.insert(kind) }
    for path in query.paths {
      if path.hasPrefix("tools") { wanted.insert(.tool) }
      if path.hasPrefix("Documentation") { wanted.insert(.documentation) }
      if path.contains("test") { wanted.insert(.test) }
    }
    if query.identifiers.contains(where: { $0.hasPrefix("CONFIG_") }) { wanted.insert(.kconfig) }
    return wanted
  }
}
