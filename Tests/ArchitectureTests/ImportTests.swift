// SPDX-License-Identifier: Apache-2.0
import Testing

/// Who may import what. The manifest says what is linked; this says why a reader can trust it.
@Suite struct ImportTests {
  /// What each target may import beside the system's own modules. A name not listed here has one importer fewer than
  /// it seems: add it where the design wants it, or leave the import out.
  private static let allowed: [String: Set<String>] = [
    "Glossary": [],
    "GitStore": ["Glossary", "CLibgit2"],
    "CodeReading": ["Glossary"],
    "Chunking": ["Glossary", "CTreeSitter"],
    "IndexStore": ["Glossary", "CodeReading", "CIndexKernels", "CVectorKernels", "CStemmer", "CZlib", "GRDB"],
    "Inference": ["Glossary", "CVectorKernels", "CCurl"],
    "Indexing": ["Glossary", "GitStore", "Chunking", "IndexStore", "Inference"],
    "Retrieval": ["Glossary", "CodeReading", "IndexStore"],
    "PatternSearch": ["Glossary", "IndexStore", "Retrieval", "CPCRE2"],
    "CommitSearch": ["Glossary", "IndexStore", "Retrieval"],
    "KnowledgeDiff": ["Glossary", "IndexStore", "Retrieval"],
    "Answering": ["Glossary", "IndexStore", "Inference", "Retrieval", "KnowledgeDiff"],
    "HTTPAPI": [
      "Glossary", "IndexStore", "Inference", "Retrieval", "PatternSearch", "CommitSearch", "KnowledgeDiff",
      "Answering", "Hummingbird",
      "HummingbirdCore",
      "HTTPTypes", "NIOCore",
      "NIOPosix", "NIOHTTP1", "NIOHTTPTypes",
      "Logging",
      "ServiceLifecycle",
    ],
    "nenrin": [
      "Glossary", "GitStore", "Chunking", "IndexStore", "Inference", "Indexing", "Retrieval", "PatternSearch",
      "CommitSearch", "KnowledgeDiff", "Answering", "HTTPAPI",
      "ArgumentParser", "TOMLKit", "Logging",
    ],
  ]

  private static let system: Set<String> = [
    "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization",
  ]

  @Test func importsAreThoseOfTheDesign() throws {
    for (path, text) in Checkout.swiftCode(below: "Sources/") {
      let target = try #require(Checkout.target(of: path))
      let allowed = try #require(Self.allowed[target], "no row for the target \(target) in ImportTests.allowed")
      for (module, line) in text.imports() where !Self.system.contains(module) {
        let isAllowed = allowed.contains(module)
        #expect(isAllowed, "\(path):\(line): \(target) must not import \(module)")
      }
    }
  }

  @Test func theWordsOfTheFieldImportNothing() {
    for (path, text) in Checkout.swiftCode(below: "Sources/Glossary/") {
      #expect(text.imports().isEmpty, "\(path): Glossary does no I/O and needs no import")
    }
  }

  @Test func nobodyImportsTheProgram() {
    for (path, text) in Checkout.swiftCode() {
      for (module, line) in text.imports() {
        #expect(module != "nenrin", "\(path):\(line): test the program by running it")
      }
    }
  }

  /// The read path must stay free of the write path, through any chain of imports.
  @Test(arguments: ["Retrieval", "PatternSearch", "CommitSearch", "KnowledgeDiff", "Answering", "HTTPAPI"])
  func readersNeverReachTheWritePath(reader: String) {
    var reached: Set<String> = []
    var queue = [reader]
    while let target = queue.popLast() {
      if reached.insert(target).inserted { queue += Self.allowed[target] ?? [] }
    }
    #expect(reached.isDisjoint(with: ["Indexing", "GitStore", "Chunking", "CLibgit2", "CTreeSitter"]))
  }

  @Test(arguments: [
    ("CLibgit2", "GitStore"), ("CTreeSitter", "Chunking"), ("CCurl", "Inference"), ("CPCRE2", "PatternSearch"),
    ("GRDB", "IndexStore"),
    ("CStemmer", "IndexStore"), ("CZlib", "IndexStore"),
    ("CIndexKernels", "IndexStore"), ("Hummingbird", "HTTPAPI"), ("ArgumentParser", "nenrin"), ("TOMLKit", "nenrin"),
  ])
  func oneTargetAloneKnowsALibrary(library: String, importer: String) {
    let importers = Self.allowed.filter { $0.value.contains(library) }.map(\.key)
    #expect(importers == [importer])
  }
}
