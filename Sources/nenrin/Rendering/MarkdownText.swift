// SPDX-License-Identifier: Apache-2.0

/// Text as GitHub's Markdown takes it literally.
enum MarkdownText {
  /// Prose: what Markdown, or the HTML in it, would read as markup is escaped; line ends become spaces.
  static func escaped(_ text: some StringProtocol) -> String {
    var out = ""
    for character in oneLine(text) {
      if "\\`*_{}[]()<>#+!|~&".contains(character) { out.append("\\") }
      out.append(character)
    }
    return out
  }

  /// A code span that holds any text, one line of it; nothing where there is no text.
  static func code(_ text: some StringProtocol) -> String {
    let text = oneLine(text)
    guard !text.allSatisfy({ $0 == " " }) else { return "" }
    let fence = String(repeating: "`", count: longestRun(of: "`", in: text) + 1)
    let pad = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
    return fence + pad + text + pad + fence
  }

  /// The same for a cell of a table, which a bar would end even inside a code span.
  static func cellCode(_ text: some StringProtocol) -> String {
    code(text).split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  /// Lines in a fence that none of them ends.
  static func block(_ lines: [String], language: String) -> [String] {
    let longest = lines.map { longestRun(of: "`", in: $0) }.max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return [fence + language] + lines + [fence]
  }

  private static func oneLine(_ text: some StringProtocol) -> String {
    String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  private static func longestRun(of wanted: Character, in text: String) -> Int {
    var (run, longest) = (0, 0)
    for character in text {
      run = character == wanted ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}
