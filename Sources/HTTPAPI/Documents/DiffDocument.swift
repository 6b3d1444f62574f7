// SPDX-License-Identifier: Apache-2.0
import Glossary
package import KnowledgeDiff

/// What `nenrin diff --json` prints and `POST /api/diff` answers.
package struct DiffDocument: Encodable, Sendable {
  /// Counts over everything that was asked for, whatever is listed.
  package struct Summary: Encodable, Sendable {
    /// How many files, by what became of them.
    package struct Files: Encodable, Hashable, Sendable {
      package var added: Int
      package var removed: Int
      package var modified: Int
      package var renamed: Int

      init(_ summary: FileSummary) {
        (added, removed, modified, renamed) = (summary.added, summary.removed, summary.modified, summary.renamed)
      }
    }

    /// How many symbols, by what became of them.
    package struct Symbols: Encodable, Hashable, Sendable {
      package var added: Int
      package var removed: Int
      package var changed: Int
      package var moved: Int
      package var signature: Int
      package var renamed: Int
      package var linkage: Int

      init(_ counts: (SymbolStatus) -> Int) {
        (added, removed, changed) = (counts(.added), counts(.removed), counts(.changed))
        (moved, signature, renamed, linkage) = (counts(.moved), counts(.signature), counts(.renamed), counts(.linkage))
      }
    }

    package var files: Files
    package var symbols: Symbols
    /// By kind of symbol, then status.
    package var kinds: [String: [String: Int]]
  }

  /// What changed below a directory.
  package struct Directory: Encodable, Sendable {
    /// With a slash at its end; empty for files at the root.
    package var path: String
    package var files: Summary.Files
    package var symbols: Summary.Symbols
  }

  /// A file; `from_path` is null where it has only this path. `score` is how much it bears on the question, else, of
  /// a renamed file, the share that both sides hold.
  package struct File: Encodable, Sendable {
    package var status: String
    package var path: String
    package var fromPath: String?
    package var score: Double?
    /// Its page, on the side on which it is last, where a server has one.
    package var url: String?
    package var nature: String?
    /// The hunks of a unified diff, where they were asked for.
    package var patch: String?

    private enum CodingKeys: String, CodingKey {
      case status, path, score, url, nature, patch
      case fromPath = "from_path"
    }

    package init(_ entry: FileEntry, url: String? = nil) {
      self.url = url
      status = entry.status.rawValue
      path = entry.path.text
      fromPath = entry.fromPath?.text
      score = (entry.relevance ?? entry.similarity).map(DocumentFormat.rounded)
      nature = entry.nature?.rawValue
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(status, forKey: .status)
      try container.encode(path, forKey: .path)
      try container.encode(fromPath, forKey: .fromPath)
      try container.encode(score, forKey: .score)
      try container.encodeIfPresent(url, forKey: .url)
      try container.encodeIfPresent(nature, forKey: .nature)
      try container.encodeIfPresent(patch, forKey: .patch)
    }
  }

  /// A directory that came, went or changed its name.
  package struct DirectoryChange: Encodable, Sendable {
    package var status: String
    package var path: String
    package var fromPath: String?
    package var files: Int

    private enum CodingKeys: String, CodingKey {
      case status, path, files
      case fromPath = "from_path"
    }
  }

  /// A commit between the two.
  package struct Commit: Encodable, Sendable {
    package var commit: String
    /// Its page, where a server has one.
    package var url: String?
    package var date: String
    package var subject: String
  }

  /// Lines of one side, 1-based and inclusive.
  package struct Passage: Encodable, Sendable {
    /// `from` or `to`.
    package var side: String
    package var path: String
    package var startLine: Int
    package var endLine: Int
    package var symbol: String?
    package var kind: String?
    package var language: String
    package var text: String
    /// Their page, where a server has one.
    package var url: String?

    private enum CodingKeys: String, CodingKey {
      case side, path, symbol, kind, language, text, url
      case startLine = "start_line"
      case endLine = "end_line"
    }

    init(_ passage: DiffPassage, url: String?) {
      self.url = url
      side = passage.side.rawValue
      path = passage.path.text
      startLine = passage.lines.lowerBound
      endLine = passage.lines.upperBound
      symbol = passage.symbol
      kind = passage.kind?.name
      language = passage.language.name
      text = passage.text
    }
  }

  package var from: SnapshotReferenceDocument
  package var to: SnapshotReferenceDocument
  package var summary: Summary
  package var directories: [Directory]
  /// Directories that came, went or changed their name as a whole; where a question was asked.
  package var directoryChanges: [DirectoryChange]?
  package var files: [File]
  package var symbols: [DiffSymbolDocument]
  /// Lines of either side; where a question was asked.
  package var passages: [Passage]?
  /// Commits between that touched what was asked for, newest first, or that bear on the question, best first; left out
  /// where nothing tells of them.
  package var commits: [Commit]?
  /// How many there are, listed or not.
  package var fileCount: Int
  package var symbolCount: Int
  /// Register tables among the files whose symbols were not compared; left out where there is none.
  package var uncomparedTables: Int?
  /// Of a page: how many came before it, and where the next one begins; nil where there is none.
  package var offset: Int?
  package var nextOffset: Int?
  /// Whether `from` is the newer commit.
  package var isBackward: Bool
  package var elapsedMilliseconds: Double

  private enum CodingKeys: String, CodingKey {
    case from, to, summary, directories, files, symbols, passages, offset, commits
    case nextOffset = "next_offset"
    case directoryChanges = "directory_changes"
    case fileCount = "files_total"
    case symbolCount = "symbols_total"
    case uncomparedTables = "register_tables_not_compared"
    case isBackward = "backward"
    case elapsedMilliseconds = "elapsed_ms"
  }

  /// - Parameter links: of a server that has pages.
  package init(_ result: DiffResult, links: PageLinks? = nil) {
    from = SnapshotReferenceDocument(result.from)
    to = SnapshotReferenceDocument(result.to)
    let kinds = result.symbolSummary.kinds.map { kind, counts in
      (kind.name, Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) }))
    }
    summary = Summary(
      files: Summary.Files(result.fileSummary), symbols: Summary.Symbols { result.symbolSummary[$0] },
      kinds: Dictionary(uniqueKeysWithValues: kinds))
    directories = result.directories.map { directory in
      Directory(
        path: directory.path, files: Summary.Files(directory.files),
        symbols: Summary.Symbols { directory.symbols[$0] ?? 0 })
    }
    files = result.files.map { file in
      File(file, url: links?.line(nil, of: file.path, in: file.status == .removed ? result.from : result.to))
    }
    for (place, hunks) in result.hunks.enumerated() where place < files.count {
      files[place].patch = hunks.map { hunk in
        hunk.header + "\n" + hunk.lines.map { "\($0.mark.rawValue)\($0.text)\n" }.joined()
      }.joined()
    }
    symbols = result.symbols.flatMap { entry in
      let url = (entry.to ?? entry.from).flatMap { place in
        links?.line(place.line, of: place.path, in: entry.to == nil ? result.from : result.to)
      }
      return DiffSymbolDocument.rows(entry, url: url)
    }
    if !result.directoryChanges.isEmpty || !result.passages.isEmpty {
      directoryChanges = result.directoryChanges.map {
        DirectoryChange(status: $0.status.rawValue, path: $0.path, fromPath: $0.fromPath, files: $0.files)
      }
      passages = result.passages.map { passage in
        let url = links?.source(passage.side == .from ? result.from : result.to, passage.path, passage.lines)
        return Passage(passage, url: url)
      }
    }
    if !result.commits.isEmpty {
      commits = result.commits.map {
        Commit(
          commit: $0.id.hex, url: $0.isKept ? links?.commit(result.to, $0.id) : nil,
          date: DocumentFormat.timestamp($0.date),
          subject: $0.subject)
      }
    }
    fileCount = result.fileCount
    symbolCount = result.symbolCount
    uncomparedTables = result.uncomparedTables > 0 ? result.uncomparedTables : nil
    isBackward = result.isBackward
    elapsedMilliseconds = DocumentFormat.milliseconds(result.elapsed)
  }
}

/// A symbol of a diff. A struct's members that were gained, lost or declared anew follow it, of kind `member`.
package struct DiffSymbolDocument: Encodable, Sendable {
  /// A property of an option.
  package struct Property: Encodable, Hashable, Sendable {
    package var property: String
    package var from: String?
    package var to: String?

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(property, forKey: .property)
      try container.encode(from, forKey: .from)
      try container.encode(to, forKey: .to)
    }

    private enum CodingKeys: String, CodingKey { case property, from, to }
  }

  package var status: String
  package var kind: String
  package var name: String
  package var fromName: String?
  package var path: String
  package var fromPath: String?
  package var startLine: Int?
  package var fromStartLine: Int?
  package var signature: String?
  package var fromSignature: String?
  package var linkage: String?
  package var fromLinkage: String?
  /// Where both sides are there: whether the bodies differ, whatever else does.
  package var isBodyChanged: Bool?
  /// Of a member: the struct or union that it is of.
  package var parent: String?
  package var properties: [Property]?
  /// The page of its declaration, on the side on which it is last, where a server has one; a member has its struct's.
  package var url: String?

  private enum CodingKeys: String, CodingKey {
    case status, kind, name, path, signature, linkage, parent, properties, url
    case fromName = "from_name"
    case fromPath = "from_path"
    case startLine = "start_line"
    case fromStartLine = "from_start_line"
    case fromSignature = "from_signature"
    case fromLinkage = "from_linkage"
    case isBodyChanged = "body_changed"
  }

  /// The symbol and its members.
  package static func rows(_ entry: SymbolEntry, url: String? = nil) -> [DiffSymbolDocument] {
    let rows = [DiffSymbolDocument(entry)] + entry.members.map { DiffSymbolDocument($0, of: entry) }
    return rows.map { row in
      var row = row
      row.url = url
      return row
    }
  }

  init(_ entry: SymbolEntry) {
    status = entry.status.rawValue
    kind = entry.kind.name
    name = entry.name
    fromName = entry.fromName
    path = entry.path.text
    let other = entry.to == nil ? nil : entry.from?.path
    fromPath = other == entry.path ? nil : other?.text
    startLine = entry.to?.line
    fromStartLine = entry.from?.line
    signature = entry.to?.signature
    fromSignature = entry.from?.signature
    linkage = entry.to?.linkage?.rawValue
    fromLinkage = entry.from?.linkage?.rawValue
    isBodyChanged = entry.from != nil && entry.to != nil ? entry.isBodyChanged : nil
    properties =
      entry.properties.isEmpty
      ? nil : entry.properties.map { Property(property: $0.property, from: $0.from, to: $0.to) }
  }

  init(_ member: MemberChange, of entry: SymbolEntry) {
    status = member.status.rawValue
    kind = "member"
    name = member.name
    path = entry.path.text
    let other = entry.to == nil ? nil : entry.from?.path
    fromPath = other == entry.path ? nil : other?.text
    startLine = member.toLine
    fromStartLine = member.fromLine
    signature = member.toText
    fromSignature = member.fromText
    parent = entry.name
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(status, forKey: .status)
    try container.encode(kind, forKey: .kind)
    try container.encode(name, forKey: .name)
    try container.encode(path, forKey: .path)
    try container.encode(fromPath, forKey: .fromPath)
    try container.encode(startLine, forKey: .startLine)
    try container.encode(fromStartLine, forKey: .fromStartLine)
    try container.encode(signature, forKey: .signature)
    try container.encode(fromSignature, forKey: .fromSignature)
    try container.encodeIfPresent(fromName, forKey: .fromName)
    try container.encodeIfPresent(linkage, forKey: .linkage)
    try container.encodeIfPresent(fromLinkage, forKey: .fromLinkage)
    try container.encodeIfPresent(isBodyChanged, forKey: .isBodyChanged)
    try container.encodeIfPresent(parent, forKey: .parent)
    try container.encodeIfPresent(properties, forKey: .properties)
    try container.encodeIfPresent(url, forKey: .url)
  }
}
