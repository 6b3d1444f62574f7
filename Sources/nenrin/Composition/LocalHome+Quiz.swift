// SPDX-License-Identifier: Apache-2.0
import IndexStore
import Retrieval

extension LocalHome {
  /// The questions of a quiz about one snapshot, each with the one it is put to: `at`, or the one that it names. All
  /// are opened before the first is asked, so that one that is missing costs no time. Throws `fileUnreadable`, and
  /// `snapshotNotFound` with near misses.
  func questions(ofQuiz path: String, at name: String?) throws -> [(question: QuizQuestion, view: SnapshotView)] {
    var views: [String?: SnapshotView] = [:]
    return try Quiz(jsonLines: FileAccess.read(path), fileName: path).questions.filter { !$0.isComparison }.map {
      let name = name ?? $0.snapshot
      let view = try views[name] ?? self.view(at: name)
      views[name] = view
      return ($0, view)
    }
  }
}
