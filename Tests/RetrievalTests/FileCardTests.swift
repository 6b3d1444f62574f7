// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import TestSupport
import Testing

@testable import Retrieval

/// What build files, MAINTAINERS and documents say of a file counts for it, in the snapshots that say it.
@Suite struct FileCardTests {
  private static func kconfig(teapot help: String) -> TestFile {
    let rest = (1...8).map { "\t  It is said \($0) times.\n" }.joined()
    return .init(
      stringLiteral: "config TEAPOT\n\ttristate \"Pot with a spout\"\n\thelp\n\t  \(help)\n\(rest)\n"
        + "config KETTLE\n\tbool \"Boils\"\n\thelp\n\t  Makes vapour.\n\(rest)")
  }

  private static let files: [String: TestFile] = [
    "drivers/Makefile": "obj-$(CONFIG_TEAPOT) += teapot.o\nobj-$(CONFIG_KETTLE) += kettle/\n",
    "drivers/Kconfig": kconfig(teapot: "Pours infusions over porcelain."),
    "drivers/teapot.c": "int pot_probe(void)\n{\n\treturn 0;\n}\n",
    "drivers/kettle/Makefile": "obj-y := kettle.o\nkettle-y := main.o lid.o\n",
    "drivers/kettle/main.c": "int kettle_main(void)\n{\n\treturn 1;\n}\n",
    "drivers/kettle/lid.c": "int kettle_lid(void)\n{\n\treturn 2;\n}\n",
    "MAINTAINERS":
      "List of maintainers\n\nCERAMICS\nM:\tA. Potter\nF:\tdrivers/teapot.c\n\nAPPLIANCES\nM:\tB. Smith\nF:\tdrivers/kettle/\nX:\tdrivers/kettle/lid.c\n",
    "Documentation/brew.rst": "Steeping\n========\n\nLeaves rest in drivers/teapot.c for minutes.\n",
  ]

  private final class Fixture {
    let repository: TestRepository
    let home: TestHome

    init() async throws {
      repository = try TestRepository()
      try repository.commit(FileCardTests.files, tag: "v1")
      home = try TestHome()
      try await home.index(repository, "v1")
    }

    func commit(_ files: [String: TestFile], tag: String) async throws {
      try repository.commit(FileCardTests.files.merging(files) { $1 }, tag: tag)
      try await home.index(repository, tag)
    }

    /// For each file that a question finds, the fields of its card that did.
    func found(_ question: String, in tag: String) throws -> [String: Set<String>] {
      let retriever = Retriever(view: try home.view(tag), source: try Repository(opening: repository.path))
      let files = try retriever.search(SearchRequest(question: question, limit: 20)).files
      return Dictionary(
        uniqueKeysWithValues: files.map { file in
          (file.path.text, Set(file.reasons.map(\.signal).filter { $0.hasPrefix("card: ") && $0 != "card: head" }))
        }
      ).filter { !$0.value.isEmpty }
    }
  }

  @Test func anOptionsHelpSpeaksOfWhatItBuilds() async throws {
    let fixture = try await Fixture()
    #expect(try fixture.found("infusions over porcelain", in: "v1") == ["drivers/teapot.c": ["card: option"]])
    #expect(
      try fixture.found("vapour", in: "v1") == [
        "drivers/kettle/main.c": ["card: option"], "drivers/kettle/lid.c": ["card: option"],
      ])
  }

  @Test func maintainersAndDocumentsSpeakOfTheFilesTheyName() async throws {
    let fixture = try await Fixture()
    #expect(try fixture.found("ceramics", in: "v1") == ["drivers/teapot.c": ["card: maintainers"]])
    #expect(
      try fixture.found("appliances", in: "v1") == [
        "drivers/kettle/Makefile": ["card: maintainers"], "drivers/kettle/main.c": ["card: maintainers"],
      ])
    #expect(try fixture.found("leaves rest", in: "v1") == ["drivers/teapot.c": ["card: documents"]])
  }

  @Test func aCommitToOneBuildFileChangesTheRightCardsAndNoOthers() async throws {
    let fixture = try await Fixture()
    try await fixture.commit(["drivers/Kconfig": FileCardTests.kconfig(teapot: "Serves samovars.")], tag: "v2")
    #expect(try fixture.found("samovars", in: "v2") == ["drivers/teapot.c": ["card: option"]])
    #expect(try fixture.found("infusions", in: "v2").isEmpty)
    #expect(try fixture.found("samovars", in: "v1").isEmpty)
    #expect(try fixture.found("vapour", in: "v2") == fixture.found("vapour", in: "v1"))

    let maintainers = "List of maintainers\n\nTABLEWARE\nM:\tA. Potter\nF:\tdrivers/kettle/l*.c\n"
    try await fixture.commit(["MAINTAINERS": .init(stringLiteral: maintainers)], tag: "v3")
    #expect(try fixture.found("tableware", in: "v3") == ["drivers/kettle/lid.c": ["card: maintainers"]])
    #expect(try fixture.found("ceramics", in: "v3").isEmpty)
    #expect(try fixture.found("ceramics", in: "v2") == fixture.found("ceramics", in: "v1"))
  }
}

/// The learned order of candidates.
@Suite struct RankingModelTests {
  /// A model that a failure names instead of printing its trees.
  struct CheckedIn: CustomTestStringConvertible {
    let testDescription: String
    let model: RankingModel
  }

  @Test(arguments: [
    CheckedIn(testDescription: "kernel", model: .kernel), CheckedIn(testDescription: "general", model: .general),
  ])
  func aCheckedInModelReadsEveryFeatureItNames(_ checkedIn: CheckedIn) async throws {
    let repository = try TestRepository()
    try repository.commit(["a/pot.c": "int pot(void)\n{\n\treturn 0;\n}\n"], tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    let retriever = Retriever(view: try home.view("v1"), source: try Repository(opening: repository.path))
    let names = try retriever.ranker.candidates(SearchRequest(question: "pot")).features.names
    #expect(checkedIn.model.featureNames.filter { !names.contains($0) } == [])
    #expect(Set(names).count == names.count)
  }

  @Test func treesAreReadAndSummed() {
    let model = RankingModel(text: "fused;other\n0<0.5 =1 1<2.5 =2 =3\n=10\n")
    #expect(model.featureNames == ["fused", "other"])
    #expect(model.score(["fused": 0.5, "other": 9]) == 11)
    #expect(model.score(["fused": 0.6, "other": 2.5]) == 12)
    #expect(model.score(["fused": 0.6, "other": 2.6]) == 13)
  }
}
