// SPDX-License-Identifier: Apache-2.0

/// Reads the dates that a question names, in digits, in Japanese and in English.
struct AskedDates {
  /// What "last month" is counted from.
  let newest: NamedDate

  /// Whether a question may name a date at all; costs little.
  static func mayBeNamed(in question: String) -> Bool {
    question.unicodeScalars.contains { "年月昨先今".unicodeScalars.contains($0) }
      || question.contains(/\b(?:19|20|21)\d\d\b/)
      || question.contains(/(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|last|this)/)
  }

  /// The dates of a question that was folded by `JapaneseText.folding`.
  func dates(in question: String) -> [AskedDate] {
    var text = AskedDates.withDigits(question)
    var found: [AskedDate] = []
    takeNumeric(&text, &found)
    takeJapanese(&text, &found)
    takeEnglish(&text, &found)
    return found
  }

  /// 2026-01-17, 2026/1/17, 2026-01.
  private func takeNumeric(_ text: inout String, _ found: inout [AskedDate]) {
    for match in text.matches(of: /\b((?:19|20|21)\d\d)[-\/.](\d{1,2})(?:[-\/.](\d{1,2}))?\b/) {
      found.append(AskedDate(year: Int(match.1), month: Int(match.2), day: match.3.flatMap { Int($0) }))
    }
    text.replace(/\b(?:19|20|21)\d\d[-\/.]\d{1,2}(?:[-\/.]\d{1,2})?\b/, with: " ")
  }

  /// 2026年1月17日, 去年の11月, 先月, 1月.
  private func takeJapanese(_ text: inout String, _ found: inout [AskedDate]) {
    let pattern = /(?:(\d{4})年|(一昨年|おととし|去年|昨年|今年|来年)の?)?(?:(\d{1,2})月(?!間)(?:(\d{1,2})日)?)?/
    for match in text.matches(of: pattern) where !match.0.isEmpty {
      let year = match.1.flatMap { Int($0) } ?? match.2.map { newest.year + (Self.years[String($0)] ?? 0) }
      let month = match.3.flatMap { Int($0) }
      if let month, !(1...12).contains(month) { continue }
      found.append(AskedDate(year: year, month: month, day: match.4.flatMap { Int($0) }))
    }
    text.replace(pattern, with: "")
    for (word, months) in [("先々月", -2), ("先月", -1), ("今月", 0)] where text.contains(word) {
      found.append(month(months))
      break
    }
  }

  private static let years = ["一昨年": -2, "おととし": -2, "去年": -1, "昨年": -1, "今年": 0, "来年": 1]

  private func month(_ offset: Int) -> AskedDate {
    let months = newest.year * 12 + newest.month - 1 + offset
    return AskedDate(year: months / 12, month: months % 12 + 1)
  }

  /// "17 January 2026", "January 17", "in January", "last November", "last month", "in 2025". A month needs a
  /// preposition, a day or a year beside it: "may" and "march" are words too.
  private func takeEnglish(_ text: inout String, _ found: inout [AskedDate]) {
    let months =
      /(?i)\b(in|of|on|from|since|during|last|this|the|\d{1,2}(?:st|nd|rd|th)?(?: of)?) (jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b(?: (\d{1,2})(?:st|nd|rd|th)?\b)?,?(?: ((?:19|20|21)\d\d))?/
    for match in text.matches(of: months) {
      guard let month = Self.month(named: match.2) else { continue }
      let day = Int(match.1.prefix { $0.isNumber }) ?? match.3.flatMap { Int($0) }
      var year = match.4.flatMap { Int($0) }
      if match.1.lowercased() == "last" { year = month < newest.month ? newest.year : newest.year - 1 }
      if match.1.lowercased() == "this" { year = newest.year }
      found.append(AskedDate(year: year, month: month, day: day))
    }
    text.replace(months, with: " ")
    let bare =
      /\b(January|February|March|April|May|June|July|August|September|October|November|December) (?:(\d{1,2})(?:st|nd|rd|th)?\b,? ?)?((?:19|20|21)\d\d)?/
    for match in text.matches(of: bare) where match.2 != nil || match.3 != nil {
      guard let month = Self.month(named: match.1) else { continue }
      found.append(
        AskedDate(year: match.3.flatMap { Int($0) }, month: month, day: match.2.flatMap { Int($0) }))
    }
    text.replace(bare, with: " ")
    if text.contains(/(?i)\blast month\b/) { found.append(month(-1)) }
    if text.contains(/(?i)\bthis month\b/) { found.append(month(0)) }
    if text.contains(/(?i)\blast year\b/) { found.append(AskedDate(year: newest.year - 1)) }
    for match in text.matches(of: /(?i)\b(?:in|of|from|during) ((?:19|20|21)\d\d)\b/) {
      found.append(AskedDate(year: Int(match.1)))
    }
  }

  private static func month(named name: Substring) -> Int? {
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    return names.firstIndex(of: String(name.prefix(3)).lowercased()).map { $0 + 1 }
  }

  /// Numbers in kanji before 年, 月 and 日 as digits: 十一月 is 11月.
  static func withDigits(_ text: String) -> String {
    text.replacing(/([〇一二三四五六七八九十]{1,4})(?=[年月日])/) { match in number(match.1).map(String.init) ?? String(match.1) }
  }

  private static func number(_ kanji: Substring) -> Int? {
    let digits = Array("〇一二三四五六七八九")
    if !kanji.contains("十") {
      return kanji.count == 1 || kanji.count == 4
        ? Int(kanji.compactMap { digits.firstIndex(of: $0) }.map(String.init).joined()) : nil
    }
    let parts = kanji.split(separator: "十", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count <= 1 }) else { return nil }
    let tens = parts[0].first.flatMap { digits.firstIndex(of: $0) } ?? 1
    return tens * 10 + (parts[1].first.flatMap { digits.firstIndex(of: $0) } ?? 0)
  }
}
