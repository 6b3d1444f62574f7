// SPDX-License-Identifier: Apache-2.0
import Glossary
package import IndexStore

/// Ranks a snapshot's files by a question, by what the index alone says: nothing is read from git.
package struct FileRanker: Sendable {
  package let view: SnapshotView
  private let weights = RankingWeights()
  private let lexicons: Lexicons

  package init(view: SnapshotView, lexicons: Lexicons = .empty) {
    self.view = view
    self.lexicons = lexicons
  }

  /// With the bridges that the question and the snapshot need.
  func analyzer(for question: String) -> QueryAnalyzer {
    var analyzer = QueryAnalyzer(weights: weights)
    analyzer.forms = WordForms(view: view, weights: weights)
    analyzer.thesaurus = lexicons.thesaurus
    if JapaneseText.isPresent(in: question) {
      analyzer.bridge = JapaneseBridge(view: view, lexicon: lexicons.japanese.reader(), weights: weights)
    } else if JapaneseBridge.isJapanese(view) {
      analyzer.backwards = EnglishBridge(lexicon: lexicons.japanese.reader())
    }
    return analyzer
  }

  /// Asks every signal, and fuses what they find; `exact` is what was found word for word. Throws `indexDamaged`.
  package func candidates(_ request: SearchRequest, exact: [ExactMatch] = []) throws -> Candidates {
    var analyzer = analyzer(for: request.question)
    if request.leavesOut("thesaurus") { analyzer.thesaurus = .empty }
    let query = analyzer.analyze(request.question)
    let accepts = filter(request)
    let signals = Signals(view: view, query: query, weights: weights, accepts: accepts)
    let exact = request.leavesOut("exact text") ? [] : exact.filter { accepts?($0.file) ?? true }
    let symbols = signals.symbols()
    let words = signals.words()
    let meaning = signals.meaning(request.meaning)
    let dated = filesOfAskedDates(request.question)
    var lists =
      [
        signals.exactPaths(), symbols.list, signals.pathWords(), words.files, words.chunks,
        signals.buildGraph(words.matches), try signals.history(request.past),
      ] + meaning.lists + signals.cards(words.matches) + listsOfAskedDates(dated, signals, words.matches, weights)
    if !exact.isEmpty {
      lists.append(
        RankedList(
          "exact text", weight: weights.exactText,
          exact.map { RankedList.Candidate(file: $0.file, score: $0.share, matched: $0.text) }, depth: weights.listDepth
        ))
    }
    lists.removeAll { request.leavesOut($0.signal) }
    let priors = FilePriors(
      weights: weights, wanted: query.wanted,
      namedDirectories: query.paths.map { $0.hasSuffix("/") ? $0 : $0 + "/" }.filter { view.hasDirectory($0) })
    let parts = PathParts()
    let stem = FileStem(query.terms, parts)
    var known: [Int: [(name: String, factor: Double)]] = [:]
    let factors = { (file: Int) -> [(name: String, factor: Double)] in
      if let factors = known[file] { return factors }
      let path = view.path(at: file)
      let factors =
        priors.factors(path) + (stem.isAsked(path) ? [("named so", weights.askedName)] : [])
        + (dated?.contains(file) ?? false ? [("of that date", weights.askedDate)] : [])
      known[file] = factors
      return factors
    }
    let fusion = Fusion(weights: weights)
    if !request.leavesOut("feedback") {
      lists.append(signals.feedback(from: fusion.fuse(lists, factors: factors), stem))
    }
    let fused = fusion.fuse(lists, factors: factors)
    var features = CandidateFeatures(
      lists, fused: fused, priors: priors,
      matches: words.matches, meaning: meaning.matches, question: request.meaning, query: query, parts: parts,
      stem: stem,
      area: AskedArea(of: request.question, parts), view: view)
    features.leaveOut(request.leavesOut)
    return Candidates(
      query: query, fused: fused, features: features, matches: words.matches, places: symbols.places, exact: exact,
      model: RankingModel.learned(for: view))
  }

  /// What a question says, as terms to be looked for elsewhere than in the snapshot's files.
  package func terms(of question: String) -> [QueryTerm] { analyzer(for: question).analyze(question).terms }

  /// What every signal finds for a question.
  package struct Candidates {
    var query: Query
    /// Best first by reciprocal rank.
    var fused: [Fusion.Fused]
    package var features: CandidateFeatures
    var matches: WordMatches
    var places: [SymbolLocation]
    var exact: [ExactMatch]
    var model: RankingModel

    /// The best files by the learned model, best first; ties go to the path that comes first. Those far down by
    /// reciprocal rank are not looked at closely enough to be judged and come after. What is hardly code, such as a folder
    /// of texts, stays in the order of reciprocal rank: the model learned from code.
    func ranked(limit: Int) -> [Fusion.Fused] {
      guard features.codeShare >= RankingModel.leastCodeShare else { return Array(fused.prefix(limit)) }
      let looked = fused.prefix(CandidateFeatures.looked)
      let scores = model.scores(features)
      // No training question gives text word for word, so the model knows nothing of it.
      let said = Dictionary(exact.map { ($0.file, $0.share) }) { first, _ in first }
      var placed = looked.map { entry -> Fusion.Fused in
        var entry = entry
        entry.score = (scores[entry.file] ?? 0) + RankingWeights.exactTextScore * (said[entry.file] ?? 0)
        return entry
      }
      placed.sort { $0.score != $1.score ? $0.score > $1.score : $0.file < $1.file }
      let last = placed.last?.score ?? 0
      let others = fused.dropFirst(CandidateFeatures.looked).map { entry -> Fusion.Fused in
        var entry = entry
        entry.score += last - 1 - (looked.last?.score ?? 0)
        return entry
      }
      return Array((placed + others).prefix(limit))
    }
  }

  /// Nil where every file is allowed.
  private func filter(_ request: SearchRequest) -> ((Int) -> Bool)? {
    guard request.pathGlob != nil || request.language != nil else { return request.accepts }
    let glob = request.pathGlob.map(PathGlob.init)
    return { file in
      if let accepts = request.accepts, !accepts(file) { return false }
      if let glob, !glob.matches(view.path(at: file)) { return false }
      if let language = request.language, view.file(at: file).language != language { return false }
      return true
    }
  }
}
