// SPDX-License-Identifier: Apache-2.0

/// How a file is read. A path decides it; a script without an extension is `unknown` until its first line is seen.
/// The raw values are stored: append, never renumber.
package enum Language: UInt8, CaseIterable, Sendable {
  case unknown = 0
  case c = 1
  case rust = 2
  case python = 3
  case shell = 4
  case make = 5
  case kconfig = 6
  case devicetree = 7
  case assembly = 8
  case restructuredText = 9
  case markdown = 10
  case yaml = 11
  case maintainers = 12
  case linkerScript = 13
  case text = 14
  case perl = 15
  case cpp = 16
  case swift = 17
  case other = 18

  /// The name that `--language` takes and JSON shows.
  package var name: String {
    switch self {
    case .unknown: "unknown"
    case .c: "c"
    case .rust: "rust"
    case .python: "python"
    case .shell: "shell"
    case .make: "make"
    case .kconfig: "kconfig"
    case .devicetree: "devicetree"
    case .assembly: "assembly"
    case .restructuredText: "rst"
    case .markdown: "markdown"
    case .yaml: "yaml"
    case .maintainers: "maintainers"
    case .linkerScript: "linker-script"
    case .text: "text"
    case .perl: "perl"
    case .cpp: "cpp"
    case .swift: "swift"
    case .other: "other"
    }
  }

  package init?(name: String) {
    guard let language = Language.allCases.first(where: { $0.name == name.lowercased() }) else { return nil }
    self = language
  }

  /// The language that a path alone tells; `unknown` where the first line may tell more.
  package init(path: TreePath) {
    let name = String(decoding: path.nameBytes, as: UTF8.self)
    self = Language.byName[name] ?? Language.byPattern(name)
  }

  private static let byName: [String: Language] = [
    "Makefile": .make, "GNUmakefile": .make, "makefile": .make, "Kbuild": .make, "Build": .make,
    "MAINTAINERS": .maintainers, "README": .text, "COPYING": .text, "CREDITS": .text, "LICENSE": .text,
  ]

  private static let byExtension: [String: Language] = [
    "c": .c, "h": .c, "rs": .rust, "py": .python, "sh": .shell, "bash": .shell, "mk": .make, "dts": .devicetree,
    "dtsi": .devicetree, "dtso": .devicetree, "S": .assembly, "s": .assembly, "asm": .assembly,
    "rst": .restructuredText, "md": .markdown, "yaml": .yaml, "yml": .yaml, "lds": .linkerScript, "txt": .text,
    "pl": .perl, "pm": .perl, "cc": .cpp, "cpp": .cpp, "cxx": .cpp, "hpp": .cpp, "hh": .cpp, "swift": .swift,
    "json": .other, "toml": .other, "html": .other, "css": .other, "js": .other, "svg": .other,
  ]

  private static func byPattern(_ name: String) -> Language {
    if name.hasPrefix("Kconfig") { return .kconfig }
    if name.hasPrefix("Makefile") || name.hasPrefix("Kbuild.") { return .make }
    if name.hasSuffix(".lds.S") || name.hasSuffix(".lds.h") { return .linkerScript }
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return .unknown }
    return byExtension[String(name[name.index(after: dot)...])] ?? .other
  }
}
