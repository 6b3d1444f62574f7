// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// What a file's sort is worth before anything is asked, unless the question asks for the sort.
struct FilePriors {
  let weights: RankingWeights
  let wanted: WantedKinds
  /// Directories of the snapshot that the question names, with a slash at the end.
  let namedDirectories: [String]

  /// The factors that apply to a path, each with its name.
  func factors(_ path: TreePath) -> [(name: String, factor: Double)] {
    let text = path.text
    let name = path.name
    var factors: [(String, Double)] = []
    if let directory = namedDirectories.first(where: { text.hasPrefix($0) }) {
      factors.append(("below \(directory)", weights.namedDirectory))
    }
    if let kind = wantedKind(text, name) { factors.append(("is a \(kind)", weights.wantedKind)) }
    let isNamed = !factors.isEmpty && factors[0].0.hasPrefix("below")
    func lower(_ kind: WantedKinds, _ label: String, _ factor: Double) {
      if wanted.isDisjoint(with: kind) { factors.append((label, factor)) }
    }
    if !isNamed, FilePriors.isTest(text) { lower(.test, "test", weights.test) }
    let isTool = text.hasPrefix("tools/") || text.hasPrefix("scripts/") || text.hasPrefix("samples/")
    if isTool, !isNamed {
      lower([.tool, .test, .script], "tool", weights.tool)
    }
    if text.hasPrefix("tools/"), FilePriors.contains(text, anyOf: ["/uapi/"]) {
      factors.append(("copy", weights.uapiCopy))
    }
    sort(text, name, lower)
    return factors
  }

  private func sort(_ text: String, _ name: String, _ lower: (WantedKinds, String, Double) -> Void) {
    if FilePriors.contains(text, anyOf: ["/translations/"]) { lower(.translation, "translation", weights.translation) }
    if text.hasPrefix("Documentation/") || name.hasSuffix(".rst") || name.hasSuffix(".txt") || name.hasSuffix(".md") {
      lower([.documentation, .binding], "documentation", weights.documentation)
    } else if name.hasPrefix("Kconfig") || name.hasPrefix("Makefile") || name == "Kbuild" {
      lower([.kconfig, .makefile], "build file", weights.buildFile)
    } else if name.hasSuffix("_defconfig") || name == "defconfig" || name.hasSuffix(".config") {
      lower(.defconfig, "configuration data", weights.configurationData)
    } else if name.hasSuffix(".dts") || name.hasSuffix(".dtsi") || name.hasSuffix(".dtso") {
      lower(.deviceTree, "device tree", weights.deviceTree)
    } else if name.hasSuffix(".h") {
      lower(.header, "header", weights.header)
    }
  }

  /// Whether the file is of a kind that the question asks for.
  func isWanted(_ path: TreePath) -> Bool { wantedKind(path.text, path.name) != nil }

  static func isTest(_ path: String) -> Bool { contains(path, anyOf: testMarks) }

  private static let testMarks: [StaticString] = [
    "/selftests/", "/tests/", "/test/", "_test.", "_kunit", "/testing/", "test_",
  ]

  /// On bytes, because every candidate of every question is looked at.
  private static func contains(_ text: String, anyOf marks: [StaticString]) -> Bool {
    var text = text
    return text.withUTF8 { bytes in marks.contains { contains(bytes, $0) } }
  }

  private static func contains(_ bytes: UnsafeBufferPointer<UInt8>, _ mark: StaticString) -> Bool {
    let count = mark.utf8CodeUnitCount
    guard count > 0, bytes.count >= count else { return false }
    for start in 0...(bytes.count - count) where bytes[start] == mark.utf8Start[0] {
      if memcmp(bytes.baseAddress! + start, mark.utf8Start, count) == 0 { return true }
    }
    return false
  }

  private func wantedKind(_ text: String, _ name: String) -> String? {
    if wanted.contains(.cSource), name.hasSuffix(".c") { return "C source" }
    if wanted.contains(.header), name.hasSuffix(".h") { return "header" }
    if wanted.contains(.kconfig), name.hasPrefix("Kconfig") { return "Kconfig file" }
    if wanted.contains(.makefile), name.hasPrefix("Makefile") || name == "Kbuild" { return "makefile" }
    if wanted.contains(.defconfig), name.contains("defconfig") { return "defconfig" }
    if wanted.contains(.linkerScript), name.contains(".lds") { return "linker script" }
    if wanted.contains(.deviceTree), name.hasSuffix(".dts") || name.hasSuffix(".dtsi") { return "device tree" }
    if wanted.contains(.rust), name.hasSuffix(".rs") { return "Rust file" }
    if wanted.contains(.assembly), name.hasSuffix(".S") { return "assembly file" }
    if wanted.contains(.binding), text.contains("/bindings/") { return "binding" }
    if wanted.contains(.documentation), text.hasPrefix("Documentation/") || name.hasSuffix(".rst") { return "document" }
    if wanted.contains(.test), FilePriors.isTest(text) { return "test" }
    if wanted.contains(.script), text.hasPrefix("scripts/") { return "script" }
    return nil
  }
}
