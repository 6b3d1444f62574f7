// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Which sources an option builds, joined from the snapshot's makefiles: `obj-$(CONFIG_X) += foo.o`, composite objects
/// (`foo-y += a.o b.o`, `foo-objs := …`), and directories that an option lets be built.
package struct BuildRules: Sendable {
  /// A source file of an option.
  package struct Part: Sendable, Equatable {
    package var file: Int
    /// 0 for the object that the option names, 1 for parts that it is linked from, 2 for what a directory builds always.
    package var distance: Int
  }

  /// By option, without `CONFIG_`: in order of distance, then of mention.
  private var parts: [String: [Part]] = [:]

  init(_ view: SnapshotView) {
    let rules = (0..<view.fileCount).filter(view.isMakefile).reduce(into: [:]) { $0[$1] = Self.rules($1, view) }
    for makefile in rules.keys.sorted() { add(makefile, rules, view) }
    for option in parts.keys {
      var seen = Set<Int>()
      parts[option] = parts[option]?.filter { seen.insert($0.file).inserted }.enumerated()
        .sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }.map(\.element)
    }
  }

  /// The sources that `CONFIG_` plus this name builds, nearest first.
  package func sources(ofOption name: String) -> [Part] { parts[name] ?? [] }

  package var options: Dictionary<String, [Part]>.Keys { parts.keys }

  /// A makefile's lists of objects, by the variable's name.
  private typealias Lists = [String: [String]]

  private mutating func add(_ makefile: Int, _ rules: [Int: Lists], _ view: SnapshotView) {
    guard let lists = rules[makefile], !lists.isEmpty else { return }
    let path = view.path(at: makefile)
    let directory = String(path.text.dropLast(path.name.count))
    // In order of name: what a dictionary's order leaves to chance must not change an answer.
    for (name, objects) in lists.sorted(by: { $0.key < $1.key }) {
      guard let option = Self.option(name) else { continue }
      for object in objects {
        if object.hasSuffix("/") {
          addDirectory(directory + object, rules, option, view)
        } else {
          add(object, lists, option, directory, view)
        }
      }
    }
  }

  private static func rules(_ makefile: Int, _ view: SnapshotView) -> Lists {
    var lists: Lists = [:]
    view.forEachBinding(inFile: makefile) { name, object, _ in lists[name, default: []].append(object) }
    return lists
  }

  /// `obj-$(CONFIG_X)` → `X`; nil for a list without an option, and for the parts of a composite object.
  private static func option(_ name: String) -> String? {
    guard let start = name.range(of: "-$(CONFIG_"), name.hasSuffix(")") else { return nil }
    return String(name[start.upperBound...].dropLast())
  }

  private mutating func add(
    _ object: String, _ lists: Lists, _ option: String, _ directory: String, _ view: SnapshotView
  ) {
    let stem = String(object.dropLast(2))
    if let file = view.source(directory + stem) { parts[option, default: []].append(Part(file: file, distance: 0)) }
    for name in ["\(stem)-y", "\(stem)-objs"] {
      for part in lists[name] ?? [] where part.hasSuffix(".o") {
        guard let file = view.source(directory + part.dropLast(2)) else { continue }
        parts[option, default: []].append(Part(file: file, distance: 1))
      }
    }
  }

  /// An option that lets a directory be built: what the directory builds always, itself or as parts of such an object.
  private mutating func addDirectory(
    _ directory: String, _ rules: [Int: Lists], _ option: String, _ view: SnapshotView
  ) {
    for name in ["Makefile", "Kbuild"] {
      guard let makefile = view.manifest.index(of: TreePath(text: directory + name)), let lists = rules[makefile]
      else { continue }
      for object in lists["obj-y"] ?? [] where object.hasSuffix(".o") {
        let stem = String(object.dropLast(2))
        for part in [object] + (lists["\(stem)-y"] ?? []) + (lists["\(stem)-objs"] ?? []) where part.hasSuffix(".o") {
          guard let file = view.source(directory + part.dropLast(2)) else { continue }
          parts[option, default: []].append(Part(file: file, distance: 2))
        }
      }
    }
  }
}

extension String {
  /// Where `text` first stands.
  fileprivate func range(of text: String) -> Range<String.Index>? {
    let (haystack, needle) = (utf8, text.utf8)
    var start = haystack.startIndex
    while start < haystack.endIndex {
      if haystack[start...].starts(with: needle) {
        return start..<haystack.index(start, offsetBy: needle.count)
      }
      start = haystack.index(after: start)
    }
    return nil
  }
}

extension SnapshotView {
  /// Whether a path is one of the build system's: `Makefile`, `Kbuild` and those that they include.
  func isMakefile(_ index: Int) -> Bool {
    manifest.kind(at: index).isFile && manifest.blobKey(at: index).language == .make
  }

  /// The source of an object, by its path without the suffix.
  fileprivate func source(_ stem: String) -> Int? {
    for suffix in [".c", ".S", ".rs"] {
      if let file = manifest.index(of: TreePath(text: stem + suffix)) { return file }
    }
    return nil
  }

  /// The bindings of a file's chunks in order of line: field, target, and the chunk's home-wide number.
  func forEachBinding(inFile index: Int, _ body: (String, String, UInt32) -> Void) {
    for number in chunkNumbers(inFile: index) {
      let segment = Segment.holding(number, among: segments)
      // What stands on one line of a makefile binds to one name.
      var last: (number: UInt32, name: String)?
      for row in segment.bindingRows(ofChunk: Int(number) - segment.chunkBase) {
        let field = last.flatMap { $0.number == row.field ? $0.name : nil } ?? segment.name(row.field)
        last = (row.field, field)
        body(field, segment.name(row.target), number)
      }
    }
  }
}
