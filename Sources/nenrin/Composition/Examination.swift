// SPDX-License-Identifier: Apache-2.0
import Chunking
import GitStore
import Glossary
import IndexStore

/// What `nenrin doctor` looks at.
struct Examination {
  enum State: String, Encodable { case ok, missing, broken }

  struct Check: Encodable {
    var name: String
    var state: State
    var detail: String
    var remedy: String?
  }

  let options: ProgramOptions
  let grammars: String?

  /// In the order in which one thing rests on the other. Never throws: what goes wrong is a check.
  func checks() -> [Check] {
    var checks = libraries()
    let (loaded, configuration) = configuration()
    checks.append(configuration)
    checks += grammarFolder(configured: loaded?.configuration.index.grammars ?? "")
    guard let home = try? options.homePath() else {
      return checks + [Check(name: "home", state: .broken, detail: "neither NENRIN_HOME nor HOME is set")]
    }
    checks.append(disk(home))
    return checks + index(home)
  }

  private func libraries() -> [Check] {
    let sqlite =
      (try? Home.libraryVersion()).map { Check(name: "sqlite", state: .ok, detail: $0) }
      ?? Check(name: "sqlite", state: .broken, detail: "it does not open a database in memory")
    return [Check(name: "libgit2", state: .ok, detail: Repository.libraryVersion), sqlite]
  }

  private func configuration() -> (LoadedConfiguration?, Check) {
    do {
      let loaded = try options.configuration()
      let file = loaded.file ?? "no file, all at its default"
      let overrides =
        loaded.variables.isEmpty ? "" : "; from the environment: \(loaded.variables.joined(separator: ", "))"
      return (loaded, Check(name: "configuration", state: .ok, detail: file + overrides))
    } catch {
      return (nil, failed("configuration", error))
    }
  }

  /// Languages without a grammar are cut into windows of lines: poorer, but no error.
  private func grammarFolder(configured: String) -> [Check] {
    let folder = Locations.grammars(option: grammars, configured: configured)
    let library: GrammarLibrary
    do {
      library = try GrammarLibrary.load(folder, queries: Locations.queries())
    } catch {
      return [failed("grammars", error)]
    }
    let versions = Set(library.loaded.values.map(\.abi)).sorted().map(String.init).joined(separator: ", ")
    let parser = Check(
      name: "tree-sitter", state: .ok,
      detail: library.loaded.isEmpty ? "no grammar to read with" : "reads the grammars' ABI \(versions)")
    let names = library.loaded.keys.sorted().joined(separator: ", ")
    let detail = names.isEmpty ? "none in \(folder)" : "\(names) in \(folder)"
    guard !library.missing.isEmpty else { return [parser, Check(name: "grammars", state: .ok, detail: detail)] }
    return [
      parser,
      Check(
        name: "grammars", state: .missing, detail: "\(detail); not there: \(library.missing.joined(separator: ", "))",
        remedy: "Run tools/grammars, then index again."),
    ]
  }

  private func disk(_ home: String) -> Check {
    guard let free = FileAccess.freeBytes(at: home) else {
      return Check(name: "disk", state: .broken, detail: "\(home): the free space cannot be told")
    }
    let detail = "\(Figures.bytes(free)) free where the home is"
    let isShort = free < 2_000_000_000
    return Check(
      name: "disk", state: isShort ? .missing : .ok, detail: detail,
      remedy: isShort ? "Free some space: a kernel tree wants about 1 GB." : nil)
  }

  private func index(_ path: String) -> [Check] {
    let home: Home
    do {
      home = try Home(reading: path)
    } catch let error as NenrinError where error.code == .homeNotFound {
      return [
        Check(
          name: "home", state: .missing, detail: "\(path): nothing is indexed there yet",
          remedy: "Run: nenrin index SOURCE [REV …]")
      ]
    } catch {
      return [failed("home", error)]
    }
    do {
      let snapshots = try home.snapshots()
      let size = Figures.bytes(try home.byteCount())
      let detail = "\(path): \(Figures.counted(snapshots.count, "snapshot")), \(size)"
      return [Check(name: "home", state: .ok, detail: detail)]
        + (try home.collections().map { collection($0, home: path) })
    } catch {
      return [failed("home", error)]
    }
  }

  private func collection(_ collection: CollectionInfo, home: String) -> Check {
    let name = "collection \(collection.name)"
    do {
      _ = try Repository(opening: collection.gitDirectory)
      return Check(name: name, state: .ok, detail: collection.gitDirectory)
    } catch {
      let kept = HomeLayout(root: home).objects(of: collection.name)
      guard FileAccess.kind(kept) == nil else {
        return Check(
          name: name, state: .missing, detail: "\(collection.gitDirectory) is gone; the home has its own objects")
      }
      return failed(name, error)
    }
  }

  private func failed(_ name: String, _ error: any Error) -> Check {
    guard let error = error as? NenrinError else { return Check(name: name, state: .broken, detail: "\(error)") }
    let detail = error.reason.isEmpty ? error.summary : "\(error.summary): \(error.reason)"
    return Check(name: name, state: .broken, detail: detail, remedy: error.remedies.first)
  }
}
