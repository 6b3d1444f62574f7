// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Where things lie below a home, and how a home that cannot be used says so.
package struct HomeLayout: Sendable {
  package let root: String

  package init(root: String) { self.root = root }

  var pointer: String { "\(root)/\(StoreFormat.pointerName)" }
  var catalog: String { "\(root)/\(StoreFormat.catalogName)" }
  var generations: String { "\(root)/\(StoreFormat.generationsName)" }
  var segments: String { "\(root)/\(StoreFormat.segmentsName)" }
  var vectors: String { "\(root)/\(StoreFormat.vectorsName)" }
  func commits(of collection: String) -> String { "\(root)/\(StoreFormat.commitsName)/\(collection)" }
  var lock: String { "\(root)/\(StoreFormat.lockName)" }

  func generation(_ number: Int64) -> String { "\(generations)/\(number).sqlite" }
  func segment(_ number: Int64) -> String { "\(segments)/\(number).segment" }

  /// The bare repository that Nenrin keeps for a collection: imported folders and self-contained snapshots.
  package func objects(of collection: String) -> String { "\(root)/\(StoreFormat.objectsName)/\(collection).git" }

  static func formatMismatch(_ path: String, found: UInt32) -> NenrinError {
    let isNewer = found > StoreFormat.version
    return NenrinError(
      .formatMismatch, "\(path) has index format \(found), this program reads format \(StoreFormat.version)",
      remedies: [
        isNewer
          ? "Use the newer nenrin that wrote it, or index again into another home with --home DIR."
          : "Index again into another home with --home DIR; the repository still has everything."
      ])
  }
}
