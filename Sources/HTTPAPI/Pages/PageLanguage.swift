// SPDX-License-Identifier: Apache-2.0

/// The language of what a page says of its own; what sources, commits and names say stays as it is.
enum PageLanguage: String, CaseIterable, Sendable {
  case english = "en"
  case japanese = "ja"

  /// What a browser's `Accept-Language` (RFC 9110, 12.5.4) likes best of them; of equals the first, and English where
  /// it names neither.
  init(accepting header: String?) {
    var best: (language: PageLanguage, weight: Double)?
    for part in (header ?? "").split(separator: ",").prefix(64) {
      let fields = part.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
      guard let tag = fields.first else { continue }
      let language =
        tag == "*" ? .english : PageLanguage(rawValue: String(tag.prefix { $0 != "-" }))
      let weight = fields.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      guard let language, weight > (best?.weight ?? 0) else { continue }
      best = (language, weight)
    }
    self = best?.language ?? .english
  }
}
