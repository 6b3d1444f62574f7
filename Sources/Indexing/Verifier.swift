// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore

/// One thing that is wrong, and what to do about it.
package struct VerifyProblem: Hashable, Sendable {
  package var what: String
  package var `where`: String
  package var remedy: String
}

/// What `nenrin verify` found.
package struct VerifyReport: Sendable {
  /// How many of each thing were looked at.
  package var checked: [String: Int]
  package var problems: [VerifyProblem]
}

/// Checks an index against itself and against the git objects it was made from. Changes nothing.
package struct Verifier: Sendable {
  package let home: String

  package init(home: String) { self.home = home }

  /// Throws where there is no index, or not even its catalog can be read; everything else is a problem in the report.
  package func run(progress: (String) -> Void = { _ in }) throws -> VerifyReport {
    let inspection = try StoreInspection(home: home)
    inspection.inspectFiles(progress)
    var repositories: [String: Repository] = [:]
    for collection in inspection.collections {
      do { repositories[collection.name] = try Repository(opening: collection.gitDirectory) } catch {
        inspection.note("collection \(collection.name)", "its repository cannot be opened: \(Verifier.words(error))")
      }
    }
    for snapshot in inspection.snapshots {
      progress("snapshot \(snapshot.name)")
      guard let manifest = inspection.manifest(of: snapshot), let repository = repositories[snapshot.collection] else {
        continue
      }
      compare(manifest, of: snapshot, with: repository, inspection)
    }
    return VerifyReport(
      checked: inspection.checked,
      problems: inspection.problems.map {
        VerifyProblem(what: $0.what, where: $0.place, remedy: Verifier.remedy($0, home: home))
      })
  }

  /// The manifest says what the commit's tree says.
  private func compare(
    _ manifest: ManifestTable, of snapshot: SnapshotInfo, with repository: Repository, _ inspection: StoreInspection
  ) {
    do {
      let commit = try repository.commit(snapshot.commit, as: snapshot.revision)
      let tree = ManifestTable(try repository.manifest(ofTree: commit.tree))
      if tree != manifest {
        inspection.note(
          snapshot.name,
          "its manifest differs from the tree of commit \(snapshot.commit.hex.prefix(12)) in "
            + "\(tree.delta(from: manifest).count) paths")
      }
      inspection.count("trees")
    } catch {
      inspection.note(snapshot.name, Verifier.words(error))
    }
  }

  private static func words(_ error: any Error) -> String {
    guard let error = error as? NenrinError else { return "\(error)" }
    return error.reason.isEmpty ? error.summary : "\(error.summary): \(error.reason)"
  }

  private static func remedy(_ problem: StoreProblem, home: String) -> String {
    if problem.place.hasPrefix("collection") || problem.what.contains("git fsck") {
      return "Bring the repository back to where it was, or index it again from where it is now."
    }
    return "Index again into a fresh home (--home DIR), then remove \(home)."
  }
}
