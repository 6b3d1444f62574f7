// SPDX-License-Identifier: Apache-2.0

/// An HTML page that needs nothing but itself. Its style and script carry a nonce of this one answer, and its policy
/// lets nothing else run or load.
struct Page {
  let html: [UInt8]
  let contentSecurityPolicy: String
  let language: PageLanguage

  /// `title` and `body` are HTML already; the body is bytes because source pages are long.
  init(
    title: String, language: PageLanguage, style: String = "", script: String = "", body: [UInt8],
    connects: Bool = false, submits: Bool = false
  ) {
    self.language = language
    let nonce = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    let head = """
      <!DOCTYPE html>
      <html lang="\(language.rawValue)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style nonce="\(nonce)">
      \(Page.baseStyle)\(style)</style>
      </head>
      <body>

      """
    let tail = script.isEmpty ? "" : "\n<script nonce=\"\(nonce)\">\n\(script)</script>"
    html = Array(head.utf8) + body + Array("\(tail)\n</body>\n</html>\n".utf8)
    let connect = connects ? "; connect-src 'self'" : ""
    contentSecurityPolicy =
      "default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; img-src data:\(connect); "
      + "base-uri 'none'; form-action \(submits ? "'self'" : "'none'"); frame-ancestors 'none'"
  }

  private static let baseStyle = """
    :root { --ink: #1d2320; --soft: #5b665f; --ground: #fbfbf9; --panel: #f0f1ec; --line: #d9dcd3; --accent: #2f6b4f;
      --mark: #fff3c4; --mono: ui-monospace, "SFMono-Regular", Menlo, Consolas, "Noto Sans Mono CJK JP", monospace; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #dfe4df; --soft: #97a29b; --ground: #171a18; --panel: #20251f; --line: #343b35; --accent: #7fc4a0;
        --mark: #4a4420; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.5;
      font-family: system-ui, "Hiragino Sans", "Noto Sans CJK JP", sans-serif; }
    a { color: var(--accent); }
    code, pre { font-family: var(--mono); font-size: .875rem; }

    """
}

/// The page of an error.
enum ErrorPage {
  /// The error's own words, which name what is at fault, are English; a page in another language says before them what
  /// they mean.
  static func html(status: Int, error: ErrorDocument.Body, requestID: String, _ words: PageWords) -> Page {
    let meaning = words.failure(error.code).map { "<p>\($0)</p>\n" } ?? ""
    let mark = meaning.isEmpty ? "" : " class=\"soft\" lang=\"en\""
    let lines = error.message.split(separator: "\n").map { "<p\(mark)>\(MarkupText.escaped($0))</p>" }
    let body = """
      <main class="error">
      <h1>\(status)</h1>
      \(meaning)\(lines.joined(separator: "\n"))
      <p class="soft">\(words.request) \(MarkupText.escaped(requestID))</p>
      </main>
      """
    let style = ".error { max-width: 46rem; margin: 15vh auto; padding: 0 1rem; } .soft { color: var(--soft); }\n"
    return Page(title: "\(status) · Nenrin", language: words.language, style: style, body: Array(body.utf8))
  }
}
