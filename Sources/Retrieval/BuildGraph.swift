// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Which sources an option builds, read from the snapshot's own makefiles: `obj-$(CONFIG_X) += foo.o`, composite
/// objects (`foo-y += a.o b.o`, `foo-objs :=`) and the directory that a makefile stands in.
struct BuildGraph {
  let view: SnapshotView
  let source: any BlobSource

  /// A source file of an option: the object that is named after the module first, then the parts it is linked from.
  struct Part {
    var file: Int
    /// 0 for the object that the option names, 1 for parts of it.
    var distance: Int
  }

  /// Makefiles that are read for one option.
  private static let mostMakefiles = 4

  /// The sources that `CONFIG_` plus this name builds, in order of distance, then of mention.
  func sources(ofOption name: String) throws -> [Part] {
    let term = "config_\(name)".lowercased()
    var parts: [Part] = []
    var read = 0
    for file in view.files(holding: view.chunks(withTerm: String(term.prefix(64))))
    where read < BuildGraph.mostMakefiles {
      let entry = view.file(at: file)
      guard entry.language == .make else { continue }
      let text = try source.bytes(of: entry.object)
      let directory = String(entry.path.text.dropLast(entry.path.name.count))
      let rules = MakeRules(text)
      let objects = rules.objects(ofOption: "CONFIG_\(name)")
      if !objects.isEmpty { read += 1 }
      for object in objects { append(object, rules, directory, &parts) }
    }
    var seen = Set<Int>()
    return parts.filter { seen.insert($0.file).inserted }.enumerated()
      .sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }.map(\.element)
  }

  private func append(_ object: String, _ rules: MakeRules, _ directory: String, _ parts: inout [Part]) {
    if object.hasSuffix("/") {
      appendDirectory(directory + object, &parts)
      return
    }
    guard object.hasSuffix(".o") else { return }
    let stem = String(object.dropLast(2))
    if let file = sourceFile(directory + stem) { parts.append(Part(file: file, distance: 0)) }
    for part in rules.parts(ofObject: stem) where part.hasSuffix(".o") {
      if let file = sourceFile(directory + part.dropLast(2)) { parts.append(Part(file: file, distance: 1)) }
    }
  }

  /// An option that lets a whole directory be built: the sources whose name is like the directory's.
  private func appendDirectory(_ directory: String, _ parts: inout [Part]) {
    let name = directory.split(separator: "/").last.map(String.init) ?? ""
    for stem in [name, "main", "core", "\(name)_main", "\(name)_core", "\(name)-core", "\(name)_drv"] {
      if let file = sourceFile(directory + stem) { parts.append(Part(file: file, distance: 1)) }
    }
  }

  private func sourceFile(_ stem: String) -> Int? {
    for suffix in [".c", ".S", ".rs"] {
      if let file = view.file(TreePath(text: stem + suffix)) { return file.index }
    }
    return nil
  }
}

/// The assignments of one makefile.
struct MakeRules {
  private var assignments: [(name: String, values: [String])] = []

  init(_ text: [UInt8]) {
    var line = ""
    for part in String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) {
      if part.hasSuffix("\\") {
        line += part.dropLast() + " "
        continue
      }
      line += part
      add(line)
      line = ""
    }
    if !line.isEmpty { add(line) }
  }

  private mutating func add(_ line: String) {
    let code = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
    guard let equals = code.firstIndex(of: "="), !code.hasPrefix("\t") else { return }
    var name = code[..<equals]
    while let last = name.last, "+:? \t".contains(last) { name = name.dropLast() }
    let values = code[code.index(after: equals)...].split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    assignments.append((name.trimmingPrefix(while: { $0 == " " || $0 == "\t" }).description, values))
  }

  /// What `…-$(OPTION)` is given: objects and directories.
  func objects(ofOption option: String) -> [String] {
    let marks = ["$(\(option))", "${\(option)}"]
    return assignments.filter { assignment in marks.contains { assignment.name.hasSuffix("-" + $0) } }.flatMap(\.values)
  }

  /// The objects that an object is linked from.
  func parts(ofObject stem: String) -> [String] {
    assignments.filter { $0.name == "\(stem)-y" || $0.name == "\(stem)-objs" || $0.name.hasPrefix("\(stem)-$(") }
      .flatMap(\.values)
  }
}
