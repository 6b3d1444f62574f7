// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// A sum of small decision trees over the features of a candidate (gradient boosting for ranking: Burges, 2010). Learned by
/// `tools/rank-train`; the trees stand in `RankingModel+Kernel.swift` and `RankingModel+General.swift`, one a line.
struct RankingModel: Sendable {
  /// An inner node asks whether a feature is at most a threshold; a leaf has a value.
  private struct Node {
    var feature: Int32
    var threshold: Float
    /// Where to go on: the place of a node; the left one follows its parent.
    var right: Int32
  }

  /// The features that the trees ask for, by their names in `CandidateFeatures`.
  private(set) var featureNames: [String] = []
  private var nodes: [Node] = []
  /// Where each tree begins.
  private var roots: [Int] = []

  /// Where a smaller share of the candidates is code, what the model learned does not hold.
  static let leastCodeShare = 0.1

  /// Learned from questions about the kernel. One model for all trees answered these worse.
  static let kernel = RankingModel(text: RankingModel.kernelTrees)

  /// Learned from questions about other projects as well.
  static let general = RankingModel(text: RankingModel.generalTrees)

  /// The model for a snapshot: that of the kernel for trees that are configured as it is.
  static func learned(for view: SnapshotView) -> RankingModel {
    view.file(TreePath(text: "Kconfig")) == nil ? general : kernel
  }

  /// Reads a model: a line `features` with their names between semicolons, then a line for each tree: nodes in order of
  /// visit, `feature<=threshold` or `=value`, the left child after its parent, then the right one.
  init(text: String) {
    for line in text.split(separator: "\n") {
      if featureNames.isEmpty {
        featureNames = line.split(separator: ";").map { String($0) }
      } else {
        var words = line.split(separator: " ")[...]
        roots.append(nodes.count)
        addNode(&words)
      }
    }
  }

  private mutating func addNode(_ words: inout ArraySlice<Substring>) {
    guard let word = words.popFirst() else { preconditionFailure("a tree of the ranking model is cut short") }
    if word.hasPrefix("=") {
      nodes.append(Node(feature: -1, threshold: Float(word.dropFirst()) ?? 0, right: 0))
      return
    }
    let parts = word.split(separator: "<")
    guard parts.count == 2, let feature = Int32(parts[0]), let threshold = Float(parts[1]) else {
      preconditionFailure("'\(word)' is no node of a ranking model")
    }
    let place = nodes.count
    nodes.append(Node(feature: feature, threshold: threshold, right: 0))
    addNode(&words)
    nodes[place].right = Int32(nodes.count)
    addNode(&words)
  }

  /// The scores of the candidates by file; higher is better, of no meaning across questions.
  func scores(_ candidates: CandidateFeatures) -> [Int: Double] {
    // A feature that the model does not know is not asked; one that the candidates lack reads as 0.
    let columns = featureNames.map { candidates.names.firstIndex(of: $0) }
    var scores: [Int: Double] = [:]
    scores.reserveCapacity(candidates.files.count)
    for (file, row) in zip(candidates.files, candidates.rows) {
      var sum = 0.0
      for root in roots { sum += Double(value(root, row, columns)) }
      scores[file] = sum
    }
    return scores
  }

  /// The score of one candidate by its features.
  func score(_ features: [String: Float]) -> Double {
    let row = featureNames.map { features[$0] ?? 0 }
    return roots.reduce(0.0) { $0 + Double(value($1, row, Array(featureNames.indices))) }
  }

  private func value(_ root: Int, _ row: [Float], _ columns: [Int?]) -> Float {
    var place = root
    while nodes[place].feature >= 0 {
      let node = nodes[place]
      let number = columns[Int(node.feature)].map { row[$0] } ?? 0
      place = number <= node.threshold ? place + 1 : Int(node.right)
    }
    return nodes[place].threshold
  }
}
