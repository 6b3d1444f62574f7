// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import IndexStore

struct GcCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Free what no snapshot names.",
    discussion: """
      Copies what the snapshots need into new files, puts them in the place of the old ones in one step, and removes
      those; many small files become few. Neither git nor the grammars are needed. Where there is nothing to free, it
      does nothing. While it copies, the disk holds both. Searching works meanwhile. Interrupted at any moment, it loses
      nothing; run it again.

      What it does not free: the manifest of a forgotten snapshot that others are stored against (a few bytes a path),
      and single objects in the repository that the home keeps for a collection that is still there (plain folders and
      --self-contained).

      Readers on other machines that have the home mounted over NFS lose a file the moment it is removed here: with
      --grace the files that were replaced stay so long, and the next `nenrin index` or `gc` after that removes them.

      EXAMPLES:
        nenrin forget v6.12.1 && nenrin gc
        nenrin gc --grace 30
        nenrin gc --json
      """)

  @Option(help: ArgumentHelp("Minutes for which replaced files stay.", valueName: "minutes"))
  var grace = 0

  @OptionGroup var options: ProgramOptions

  func validate() throws {
    if !(0...100_000).contains(grace) { throw ValidationError("--grace can be 0 to 100000 minutes, not \(grace).") }
  }

  func run() throws {
    // Opened for reading first: a home that is not there is not made.
    let writer = try HomeWriter(home: options.openHome().home.path)
    let outcome = try writer.collect(grace: Int64(grace) * 60)
    if options.json {
      try options.print(Document(outcome))
    } else {
      try Console.write(text(outcome))
    }
  }

  private func text(_ outcome: CollectionOutcome) -> String {
    let (blobs, chunks) = (outcome.blobs, outcome.chunks)
    return """
      freed \(Figures.bytes(outcome.freedBytes)), the index takes \(Figures.bytes(outcome.indexBytes))
        segments  \(Figures.count(outcome.segmentsAfter)), before \(Figures.count(outcome.segmentsBefore))
        blobs     \(Figures.count(blobs.freed)) freed, \(Figures.count(blobs.kept)) kept
        chunks    \(Figures.count(chunks.freed)) freed, \(Figures.count(chunks.kept)) kept

      """
  }

  private struct Document: Encodable {
    struct Change: Encodable {
      var before: Int
      var after: Int
    }

    struct Share: Encodable {
      var kept: Int
      var freed: Int
    }

    private enum CodingKeys: String, CodingKey {
      case segments, blobs, chunks
      case freedBytes = "freed_bytes"
      case indexBytes = "index_bytes"
    }

    var freedBytes: Int64
    var indexBytes: Int64
    var segments: Change
    var blobs: Share
    var chunks: Share

    init(_ outcome: CollectionOutcome) {
      freedBytes = outcome.freedBytes
      indexBytes = outcome.indexBytes
      segments = Change(before: outcome.segmentsBefore, after: outcome.segmentsAfter)
      blobs = Share(kept: outcome.blobs.kept, freed: outcome.blobs.freed)
      chunks = Share(kept: outcome.chunks.kept, freed: outcome.chunks.freed)
    }
  }
}
