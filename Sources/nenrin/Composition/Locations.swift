// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Where the program finds what it needs: the home, the configuration, the grammars, the recipes.
enum Locations {
  /// `--home`, else `$NENRIN_HOME`, else `$XDG_DATA_HOME/nenrin`, else `~/.local/share/nenrin`.
  static func home(option: String?) throws -> String {
    if let path = option ?? Environment.value("NENRIN_HOME") { return path }
    if let data = Environment.value("XDG_DATA_HOME") { return data + "/nenrin" }
    if let user = Environment.value("HOME") { return user + "/.local/share/nenrin" }
    throw NenrinError(
      .homeNotFound, "no folder for the index: neither NENRIN_HOME nor HOME is set",
      remedies: ["Name a folder with --home."])
  }

  /// The folder of compiled grammars: `--grammars`, else `$NENRIN_GRAMMARS`, else `[index] grammars`, else
  /// `.cache/grammars` in the folder of the executable or the nearest one above it that has one, else
  /// `../share/nenrin/grammars` from there. It need not exist: what it lacks is read as plain text.
  static func grammars(option: String?, configured: String) -> String {
    if let path = option ?? Environment.value("NENRIN_GRAMMARS") { return path }
    if !configured.isEmpty { return configured }
    return aboveExecutable { folder in
      let path = folder + "/.cache/grammars"
      return FileAccess.kind(path) == .folder ? path : nil
    } ?? installed + "/grammars"
  }

  /// The built-in embedder's table: `$NENRIN_MODELS/static.table`, else `.cache/models/static.table` in the folder of
  /// the executable or the nearest one above it that has one, else `../share/nenrin/models/static.table` from there; nil
  /// where there is none.
  static func staticTable() -> String? {
    func file(in folder: String) -> String? {
      let path = folder + "/static.table"
      return FileAccess.kind(path) == .file ? path : nil
    }
    if let folder = Environment.value("NENRIN_MODELS") { return file(in: folder) }
    return aboveExecutable { file(in: $0 + "/.cache/models") } ?? file(in: installed + "/models")
  }

  /// The folder of the queries that go with the grammars: `grammars` in the folder of the executable or the nearest one
  /// above it that has one with queries, else `../share/nenrin/queries` from there.
  static func queries() -> String {
    aboveExecutable { folder in
      let path = folder + "/grammars"
      return FileAccess.kind(path + "/c") == .folder ? path : nil
    } ?? installed + "/queries"
  }

  /// The glossary of Japanese words: `glossaries/japanese.tsv` in the folder of the executable or the nearest one above
  /// it that has one, else where it is installed. It need not exist.
  static func glossary(_ name: String) -> String {
    aboveExecutable { folder in
      let path = folder + "/glossaries/\(name).tsv"
      return FileAccess.kind(path) == .file ? path : nil
    } ?? installed + "/glossaries/\(name).tsv"
  }

  /// The folder that `tools/dictionary` writes to: `$NENRIN_DICTIONARY`, else `.cache/dictionary` in the folder of the
  /// executable or the nearest one above it that has one, else where it is installed. It need not exist.
  static func dictionary() -> String {
    Environment.value("NENRIN_DICTIONARY")
      ?? aboveExecutable { folder in
        let path = folder + "/.cache/dictionary"
        return FileAccess.kind(path) == .folder ? path : nil
      } ?? installed + "/dictionary"
  }

  /// The recipe that a name stands for: `snapshots/NAME.toml` here, in the program's checkout, or where it is
  /// installed; nil where there is none.
  static func recipe(named name: String) -> String? {
    guard !name.contains("/") else { return nil }
    let relative = "snapshots/\(name).toml"
    func file(in folder: String) -> String? {
      let path = FileAccess.path(relative, from: folder)
      return FileAccess.kind(path) == .file ? path : nil
    }
    return file(in: ".") ?? aboveExecutable(file) ?? file(in: installed)
  }

  /// `share/nenrin` beside the executable's `bin`, as `tools/install-program` makes it.
  private static let installed: String =
    FileAccess.realPath("/proc/self/exe").flatMap(FileAccess.parent(of:)).flatMap(FileAccess.parent(of:)).map {
      $0 + "/share/nenrin"
    } ?? "/usr/local/share/nenrin"

  /// The first answer from the executable's folder upwards.
  private static func aboveExecutable(_ answer: (String) -> String?) -> String? {
    var folder = FileAccess.realPath("/proc/self/exe").flatMap(FileAccess.parent(of:))
    while let current = folder {
      if let found = answer(current) { return found }
      folder = FileAccess.parent(of: current)
    }
    return nil
  }
}
