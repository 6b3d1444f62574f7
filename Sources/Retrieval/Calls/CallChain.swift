// SPDX-License-Identifier: Apache-2.0
package import Glossary
import IndexStore

/// Which paths through calls are wanted.
package struct ChainRequest: Sendable {
  package var from: String
  /// Without it the calls below `from` are wanted, or above it.
  package var to: String?
  /// Callers instead of callees; of no meaning with `to`.
  package var isUpward: Bool
  /// How many calls a path has at most.
  package var depth: Int
  /// How many paths, or how many lines of a tree, at most.
  package var limit: Int
  /// When the search gives up and says so.
  package var time: Duration

  package init(
    from: String, to: String? = nil, isUpward: Bool = false, depth: Int, limit: Int, time: Duration = .seconds(3)
  ) {
    self.from = from
    self.to = to
    self.isUpward = isUpward
    self.depth = depth
    self.limit = limit
    self.time = time
  }
}

/// One function or macro of a path, and the call that leads to it.
package struct ChainStep: Sendable {
  package var name: String
  package var path: TreePath
  /// Where it is defined, 1-based.
  package var line: Int
  package var kind: SymbolKind
  /// The line of the call, in the file of whoever calls; 0 in a path's first step.
  package var callLine: Int
  /// Whether the call goes through a field, so that it only may lead here.
  package var isPossible: Bool
  /// In a tree: the calls between it and the root.
  package var depth = 0
  /// In a tree: whether it stands further up already, with what is below it.
  package var isRepeated = false

  package init(
    name: String, path: TreePath, line: Int, kind: SymbolKind, callLine: Int, isPossible: Bool
  ) {
    self.name = name
    self.path = path
    self.line = line
    self.kind = kind
    self.callLine = callLine
    self.isPossible = isPossible
  }
}

/// The paths from one name to another, or what is below or above one.
package struct ChainResult: Sendable {
  package var request: ChainRequest
  package var snapshot: SnapshotInfo
  /// The shortest paths from `from` to `to`, each with both ends.
  package var paths: [[ChainStep]]
  /// Without `to`: the tree, each step before what is below it.
  package var tree: [ChainStep]
  /// How many definitions were looked into.
  package var visited: Int
  /// False where depth, width or time ended the search: there may be more.
  package var isComplete: Bool
  /// Names like one that is not defined.
  package var unknown: String?
  package var nearMisses: [String]

  package init(
    request: ChainRequest, snapshot: SnapshotInfo, paths: [[ChainStep]], tree: [ChainStep], visited: Int,
    isComplete: Bool, unknown: String?, nearMisses: [String]
  ) {
    self.request = request
    self.snapshot = snapshot
    self.paths = paths
    self.tree = tree
    self.visited = visited
    self.isComplete = isComplete
    self.unknown = unknown
    self.nearMisses = nearMisses
  }
}

/// A definition as the search meets it; where it stands is who it is.
struct ChainNode: Hashable {
  var name: String
  var path: TreePath
  var line: Int
  var kind: SymbolKind

  static func == (left: ChainNode, right: ChainNode) -> Bool { left.line == right.line && left.path == right.path }

  func hash(into hasher: inout Hasher) {
    hasher.combine(path)
    hasher.combine(line)
  }
}

/// A call between two definitions.
struct ChainEdge {
  var node: ChainNode
  var callLine: Int
  var isPossible: Bool
}

extension CallGraph {
  /// Callers of one name that a search upwards follows at most, and definitions that any search looks into.
  private static let widest = 300
  private static let mostVisited = 20_000

  /// Throws `questionEmpty`, `objectUnreadable`.
  package mutating func chain(_ request: ChainRequest) throws -> ChainResult {
    let deadline = ContinuousClock.now + request.time
    var result = ChainResult(
      request: request, snapshot: view.info, paths: [], tree: [], visited: 0, isComplete: true, unknown: nil,
      nearMisses: [])
    let from = try nodes(named: request.from)
    let to = try request.to.map { try nodes(named: $0) }
    for (name, nodes) in [(request.from, from), (request.to ?? "", to ?? from)] where nodes.isEmpty {
      result.unknown = name
      result.nearMisses = view.nearNames(try CallGraph.bareName(name), limit: 8)
      return result
    }
    guard let to else {
      try grow(from, request, deadline, &result)
      return result
    }
    for followsFields in [false, true] where result.paths.isEmpty {
      var search = ChainSearch(from: from, to: to, depth: request.depth, followsFields: followsFields)
      try search.run(&self, until: deadline)
      result.paths = search.paths(limit: request.limit)
      result.visited += search.visited
      result.isComplete = search.isComplete
    }
    return result
  }

  /// What can be called, or calls, under a name: variables and mere declarations left out.
  private func nodes(named name: String) throws -> [ChainNode] {
    definitions(of: try CallGraph.bareName(name)).filter { $0.definition.kind != .variable }.map {
      ChainNode(
        name: $0.definition.name, path: view.path(at: $0.chunk.file), line: $0.definition.line,
        kind: $0.definition.kind)
    }
  }

  /// The calls that leave a definition; nil where they are not read.
  mutating func edges(below node: ChainNode, followsFields: Bool) throws -> [ChainEdge]? {
    let place = definitions(of: node.name).first {
      $0.definition.line == node.line && view.path(at: $0.chunk.file) == node.path
    }
    guard let place else { return [] }
    guard CallGraph.readsCallees(of: view.file(at: place.chunk.file).language) else { return nil }
    return try callees(of: place, limit: CallGraph.widest, followsFields: followsFields).flatMap { hit in
      hit.targets.map { target in
        ChainEdge(
          node: ChainNode(
            name: target.name, path: target.definition.path, line: target.definition.line, kind: target.definition.kind),
          callLine: hit.lines[0], isPossible: hit.isIndirect)
      }
    }
  }

  /// The calls that lead to a definition; `isCut` where there are more than are followed.
  mutating func edges(above node: ChainNode, followsFields: Bool) throws -> (edges: [ChainEdge], isCut: Bool) {
    let found = try callers(CallRequest(name: node.name, limit: CallGraph.widest), followsFields: followsFields)
    let edges = (found.callers + found.possible).compactMap { hit -> ChainEdge? in
      guard let symbol = hit.symbol, hit.symbolLine > 0, let kind = hit.symbolKind,
        hit.targets.contains(where: { $0.path == node.path && $0.line == node.line })
      else { return nil }
      return ChainEdge(
        node: ChainNode(name: symbol, path: hit.path, line: hit.symbolLine, kind: kind), callLine: hit.lines[0],
        isPossible: hit.kind == .possible)
    }
    return (edges, !found.isComplete)
  }

  /// Lists what is below the roots, or above them, each definition opened once.
  private mutating func grow(
    _ roots: [ChainNode], _ request: ChainRequest, _ deadline: ContinuousClock.Instant, _ result: inout ChainResult
  ) throws {
    var opened: Set<ChainNode> = []
    var waiting = roots.reversed().map { (ChainEdge(node: $0, callLine: 0, isPossible: false), 0) }
    while let (edge, depth) = waiting.popLast() {
      try Cancellation.check()
      guard result.tree.count < request.limit, ContinuousClock.now < deadline else {
        result.isComplete = false
        return
      }
      let isNew = opened.insert(edge.node).inserted
      var step = ChainStep(edge)
      step.depth = depth
      step.isRepeated = !isNew
      result.tree.append(step)
      guard isNew, depth < request.depth else { continue }
      result.visited += 1
      var edges: [ChainEdge]
      if request.isUpward {
        let found = try self.edges(above: edge.node, followsFields: true)
        edges = found.edges
        if found.isCut { result.isComplete = false }
      } else {
        edges = try self.edges(below: edge.node, followsFields: true) ?? []
      }
      var seen: Set<ChainNode> = []
      edges = edges.filter { seen.insert($0.node).inserted }
      waiting += edges.reversed().map { ($0, depth + 1) }
    }
  }

  static func isSpent(_ visited: Int, _ deadline: ContinuousClock.Instant) -> Bool {
    visited >= mostVisited || ContinuousClock.now >= deadline
  }
}

extension ChainStep {
  init(_ edge: ChainEdge) {
    self.init(
      name: edge.node.name, path: edge.node.path, line: edge.node.line, kind: edge.node.kind, callLine: edge.callLine,
      isPossible: edge.isPossible)
  }
}

/// A search from both ends, breadth first, the narrower end first, until they meet; then every shortest path.
private struct ChainSearch {
  /// For each node that one end has reached: how far away it is, and the calls between it and the nodes before it.
  private struct Reach {
    var distance: [ChainNode: Int] = [:]
    var calls: [ChainNode: [ChainEdge]] = [:]
    var frontier: [ChainNode]
    var depth = 0

    init(_ nodes: [ChainNode]) {
      frontier = nodes
      for node in nodes { distance[node] = 0 }
    }
  }

  private var down: Reach
  private var up: Reach
  private let depth: Int
  private let followsFields: Bool
  private(set) var visited = 0
  private(set) var isComplete = true
  /// Whether it came upon something whose calls are known from the other side alone.
  private var isDownOpen = false

  init(from: [ChainNode], to: [ChainNode], depth: Int, followsFields: Bool) {
    down = Reach(from)
    up = Reach(to)
    self.depth = depth
    self.followsFields = followsFields
  }

  private var meeting: [ChainNode] { down.distance.keys.filter { up.distance[$0] != nil } }

  mutating func run(_ graph: inout CallGraph, until deadline: ContinuousClock.Instant) throws {
    while meeting.isEmpty, !down.frontier.isEmpty || isDownOpen, !up.frontier.isEmpty {
      guard down.depth + up.depth < depth else {
        isComplete = false
        return
      }
      // Callers cost a search each, callees one file.
      let goesDown = !down.frontier.isEmpty && down.frontier.count <= up.frontier.count * 8
      let nodes = goesDown ? down.frontier : up.frontier
      var next: [ChainNode] = []
      for node in nodes {
        try Cancellation.check()
        guard !CallGraph.isSpent(visited, deadline) else {
          isComplete = false
          return
        }
        visited += 1
        if goesDown {
          let edges = try graph.edges(below: node, followsFields: followsFields)
          if edges == nil { isDownOpen = true }
          ChainSearch.add(edges ?? [], from: node, to: &down, &next)
        } else {
          let found = try graph.edges(above: node, followsFields: followsFields)
          if found.isCut { isComplete = false }
          ChainSearch.add(found.edges, from: node, to: &up, &next)
        }
      }
      if goesDown {
        (down.frontier, down.depth) = (next, down.depth + 1)
      } else {
        (up.frontier, up.depth) = (next, up.depth + 1)
      }
    }
  }

  /// Each edge is kept at the node that it reaches, pointing back to where the search came from.
  private static func add(_ edges: [ChainEdge], from node: ChainNode, to reach: inout Reach, _ next: inout [ChainNode])
  {
    for edge in edges {
      let known = reach.distance[edge.node]
      if known == nil {
        reach.distance[edge.node] = reach.depth + 1
        next.append(edge.node)
      }
      guard known == nil || known == reach.depth + 1 else { continue }
      let back = ChainEdge(node: node, callLine: edge.callLine, isPossible: edge.isPossible)
      if reach.calls[edge.node]?.contains(where: { $0.node == node }) != true {
        reach.calls[edge.node, default: []].append(back)
      }
    }
  }

  /// The shortest of the paths through where both ends met, at most `limit`, in order of their names.
  func paths(limit: Int) -> [[ChainStep]] {
    let met = meeting.map { ($0, (down.distance[$0] ?? 0) + (up.distance[$0] ?? 0)) }
    guard let shortest = met.map(\.1).min() else { return [] }
    var paths: [[ChainStep]] = []
    let middles = met.filter { $0.1 == shortest }.map(\.0).sorted { ($0.path, $0.line) < ($1.path, $1.line) }
    for middle in middles {
      let heads = ChainSearch.ways(from: middle, in: down, limit: limit)
      let tails = ChainSearch.ways(from: middle, in: up, limit: limit)
      for head in heads {
        for tail in tails where paths.count < limit { paths.append(ChainSearch.joined(head, middle, tail)) }
      }
    }
    return paths
  }

  /// The edges from a node back to where the search began, nearest first.
  private static func ways(from node: ChainNode, in reach: Reach, limit: Int) -> [[ChainEdge]] {
    guard let edges = reach.calls[node], reach.distance[node] != 0 else { return [[]] }
    var ways: [[ChainEdge]] = []
    for edge in edges where ways.count < limit {
      for rest in ChainSearch.ways(from: edge.node, in: reach, limit: limit - ways.count) { ways.append([edge] + rest) }
    }
    return ways
  }

  private static func joined(_ head: [ChainEdge], _ middle: ChainNode, _ tail: [ChainEdge]) -> [ChainStep] {
    var steps: [ChainStep] = []
    var call = (line: 0, isPossible: false)
    for edge in head.reversed() {
      steps.append(ChainStep(ChainEdge(node: edge.node, callLine: call.line, isPossible: call.isPossible)))
      call = (edge.callLine, edge.isPossible)
    }
    steps.append(ChainStep(ChainEdge(node: middle, callLine: call.line, isPossible: call.isPossible)))
    for edge in tail { steps.append(ChainStep(edge)) }
    return steps
  }
}
