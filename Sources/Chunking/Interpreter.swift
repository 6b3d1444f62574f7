// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What a script without an extension is read as, by its first line.
enum Interpreter {
  static func language(_ source: Source) -> Language {
    guard source.matches("#!", at: 0) else { return .text }
    let line = source.text(source.line(0)).split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "/" })
    for word in line.dropFirst() {
      if word.hasPrefix("python") { return .python }
      if word.hasPrefix("perl") { return .perl }
      if word == "make" { return .make }
      if ["sh", "bash", "dash", "ash", "ksh", "zsh"].contains(word) { return .shell }
    }
    return .text
  }
}
