// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import IndexStore

/// The numbers of ranking that are set by hand; the learned ones are in `RankingModel`.
struct RankingWeights: Sendable {
  /// The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): a list gives 1 / (constant + rank).
  var fusionConstant = 20.0
  /// How far down a list counts.
  var listDepth = 200

  // What each signal's list counts.
  var exactPath = 3.0
  var symbol = 2.4
  var pathWords = 1.4
  var fileWords = 1.0
  var chunkWords = 1.0
  var buildGraph = 1.4
  var meaning = 1.5
  var cardMeaning = 0.5
  var fileMeaning = 1.0
  var feedback = 0.4
  var exactText = 4.0

  /// What a whole phrase that stands in a file word for word adds to what the model gives the file, which is some -4 to 4.
  static let exactTextScore = 4.0

  /// What a field of the files' cards counts.
  func card(_ field: CardField) -> Double {
    switch field {
    case .head: 0.8
    case .description: 0.4
    case .option: 0.6
    case .maintainers: 0.4
    case .documents: 0.4
    }
  }

  /// How many chunks are taken by their meaning.
  var meaningDepth = 600
  /// What is less like the question is not like it.
  var leastLikeness: Float = 0.2
  /// How many options' descriptions are followed to what they build.
  var optionDepth = 12

  var chunkModel = BM25(k1: 1.2, b: 0.6)
  var fileModel = BM25(k1: 1.6, b: 0.35)

  /// A word in a file's own name against one in a directory above it.
  var pathNameWord = 1.0
  var pathDirectoryWord = 0.5

  /// A file whose own name and directory say nothing but what was asked.
  var askedName = 1.3

  /// A file whose name has the date that the question names.
  var askedDate = 3.0

  /// A file below a directory that the question names.
  var namedDirectory = 3.0
  /// A file of the kind that the question asks for ("C file", "header", "Kconfig file").
  var wantedKind = 1.8
  /// A whole identifier against its parts.
  var wholeIdentifier: Float = 1.0
  /// A pair of CJK characters where the question has words of the corpus's own script as well.
  var foreignPair: Float = 0.35

  // Words written in another way than the question's.
  var mendedWord: Float = 0.8
  var leastMendedChunks = 20
  var joinedWord: Float = 0.7
  var leastJoinedChunks = 5
  var initials: Float = 0.7
  var mostInitialPaths = 300
  /// The share of the chunks with the initials that must hold the words too.
  var leastInitialShare = 0.02

  // What the thesaurus has for a phrase and for one word of the question, and how fast its terms grow less sure.
  var phrase: Float = 0.6
  var otherWord: Float = 0.35
  var fallOfTerms: Float = 0.3
  var mostPhrases = 16

  // The commits that say what the question says: how many are looked at, and of how many files they may be at most.
  var history = 1.0
  var historyDepth = 200
  var mostChangedFiles = 30

  /// How many of the first files speak for words of their names, and how many of these are taken.
  var feedbackFiles = 10
  var feedbackWords = 5

  // Japanese words taken to the corpus's own, against a word of the glossary.
  var dictionaryWord: Float = 0.75
  var unknownWord: Float = 0.9
  var verb: Float = 0.7
  /// The share of all chunks from which a further translation counts less.
  var commonShare: Float = 0.02
  /// The parts of a compound that the dictionary knows whole.
  var compoundPart: Float = 0.4

  // Priors: what a file of this sort is worth unless the question asks for the sort.
  var test = 0.55
  var tool = 0.7
  var documentation = 0.7
  var translation = 0.25
  var buildFile = 0.5
  var configurationData = 0.35
  var deviceTree = 0.55
  var header = 0.85
  var uapiCopy = 0.6

  /// Less than 1 for a term that stands in much of a snapshot: `fs` says little where all is about files.
  ///
  /// - Parameters:
  ///   - count: the chunks that hold it.
  ///   - total: all chunks of the snapshot.
  func specificity(_ count: Int, of total: Int) -> Float {
    let share = Float(count) / Float(max(1, total))
    return share <= commonShare ? 1 : max(0.05, log(share) / log(commonShare))
  }
}
