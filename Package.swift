// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// tools/check asks for errors; a person's build with a newer compiler must not fail for a new warning.
let warnings: [SwiftSetting] =
  Context.environment["NENRIN_WARNINGS"] == "errors" ? [.unsafeFlags(["-warnings-as-errors"])] : []
let strict: [SwiftSetting] =
  warnings + [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]

// The store's loops touch class properties once a byte; the checks of exclusive access, which its tests keep, would cost
// a sixth of a search.
let unchecked: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let package = Package(
  name: "nenrin",
  products: [.executable(name: "nenrin", targets: ["nenrin"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // In flow order: a blob's path into the index, then a query's path out of it.

    // The field's words as value types; how an error speaks.
    .target(name: "Glossary", swiftSettings: strict),
    // Revision → commit → manifest → blob bytes. Sole importer of libgit2.
    .target(name: "GitStore", dependencies: ["Glossary", "CLibgit2"], swiftSettings: strict),
    // C source → how it uses names: calls, addresses, entries of tables.
    .target(name: "CodeReading", dependencies: ["Glossary"], swiftSettings: strict),
    // Bytes + language → chunks and definitions. Sole importer of libtree-sitter.
    .target(name: "Chunking", dependencies: ["Glossary", "CTreeSitter"], swiftSettings: strict),
    // Everything on disk, and the views that read it. Sole importer of SQLite.
    .target(
      name: "IndexStore",
      dependencies: [
        "Glossary", "CodeReading", "CIndexKernels", "CVectorKernels", "CStemmer", "CZlib",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict + unchecked),
    // Text → vectors, messages → an answer: by a table of our own, or by a server. Sole importer of libcurl.
    .target(name: "Inference", dependencies: ["Glossary", "CVectorKernels", "CCurl"], swiftSettings: strict),
    // The write path: plan, bounded pipeline, publish, report.
    .target(
      name: "Indexing", dependencies: ["Glossary", "GitStore", "Chunking", "IndexStore", "Inference"],
      swiftSettings: strict),
    // Query → candidates of every signal → fused → passages, with a trace.
    .target(name: "Retrieval", dependencies: ["Glossary", "CodeReading", "IndexStore"], swiftSettings: strict),
    // A regular expression → lines of one snapshot. Sole importer of PCRE2.
    .target(
      name: "PatternSearch", dependencies: ["Glossary", "IndexStore", "Retrieval", "CPCRE2"], swiftSettings: strict),
    // A question → commits of the history behind a snapshot.
    .target(name: "CommitSearch", dependencies: ["Glossary", "IndexStore", "Retrieval"], swiftSettings: strict),
    // Two views → files and symbols that changed, moved, went; what of it bears on a question.
    .target(name: "KnowledgeDiff", dependencies: ["Glossary", "IndexStore", "Retrieval"], swiftSettings: strict),
    // Passages → a cited answer whose names are checked.
    .target(
      name: "Answering", dependencies: ["Glossary", "IndexStore", "Inference", "Retrieval", "KnowledgeDiff"],
      swiftSettings: strict),
    // The routes and the JSON that clients see. Sole importer of Hummingbird.
    .target(
      name: "HTTPAPI",
      dependencies: [
        "Glossary", "IndexStore", "Inference", "Retrieval", "PatternSearch", "CommitSearch", "KnowledgeDiff",
        "Answering",
        .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    // Commands, configuration, rendering; the one place where concrete types meet.
    .executableTarget(
      name: "nenrin",
      dependencies: [
        "Glossary", "GitStore", "Chunking", "IndexStore", "Inference", "Indexing", "Retrieval", "PatternSearch",
        "CommitSearch", "KnowledgeDiff", "Answering", "HTTPAPI",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"), .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: strict),

    // C: Debian's libraries, and our few functions.
    .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
    .systemLibrary(name: "CTreeSitter", pkgConfig: "tree-sitter", providers: [.apt(["libtree-sitter-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CIndexKernels", cSettings: [.unsafeFlags(["-O3"])]),
    .target(name: "CVectorKernels", cSettings: [.unsafeFlags(["-O3"])]),

    .target(
      name: "TestSupport", dependencies: ["Glossary", "GitStore", "Chunking", "IndexStore", "Indexing"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(name: "GlossaryTests", dependencies: ["Glossary"], swiftSettings: strict),
    .testTarget(name: "GitStoreTests", dependencies: ["GitStore", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "CodeReadingTests", dependencies: ["CodeReading", "Glossary"], swiftSettings: strict),
    .testTarget(name: "ChunkingTests", dependencies: ["Chunking", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "IndexStoreTests", dependencies: ["IndexStore", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "InferenceTests", dependencies: ["Inference", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "IndexingTests",
      dependencies: [
        "Indexing", "IndexStore", "Inference", "Retrieval", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(name: "RetrievalTests", dependencies: ["Retrieval", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "PatternSearchTests", dependencies: ["PatternSearch", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "CommitSearchTests", dependencies: ["CommitSearch", "GitStore", "Indexing", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "KnowledgeDiffTests", dependencies: ["KnowledgeDiff", "GitStore", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "AnsweringTests", dependencies: ["Answering", "KnowledgeDiff", "Inference", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "HTTPAPITests",
      dependencies: ["HTTPAPI", "CommitSearch", "KnowledgeDiff", "PatternSearch", "Inference", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    .testTarget(name: "EndToEndTests", dependencies: ["TestSupport"], swiftSettings: strict),
  ]
)
