// SPDX-License-Identifier: Apache-2.0
import Chunking
import GitStore
import Glossary
import IndexStore
import Inference

/// What `nenrin doctor` looks at.
struct Examination {
  enum State: String, Encodable { case ok, missing, broken }

  struct Check: Encodable {
    var name: String
    var state: State
    var detail: String
    var remedy: String?
  }

  let options: ProgramOptions
  let grammars: String?

  /// In the order in which one thing rests on the other. Never throws: what goes wrong is a check.
  func checks() async -> [Check] {
    var checks = libraries()
    let (loaded, configuration) = configuration()
    checks.append(configuration)
    if let configuration = loaded?.configuration {
      checks += await chatModel(configuration.chat)
      checks += await embedder(configuration.embedding)
      checks += await reranker(configuration.rerank)
    }
    checks += grammarFolder(configured: loaded?.configuration.index.grammars ?? "")
    checks.append(wordLists())
    guard let home = try? options.homePath() else {
      return checks + [Check(name: "home", state: .broken, detail: "neither NENRIN_HOME nor HOME is set")]
    }
    checks.append(disk(home))
    return checks + index(home)
  }

  private func libraries() -> [Check] {
    let sqlite =
      (try? Home.libraryVersion()).map { Check(name: "sqlite", state: .ok, detail: $0) }
      ?? Check(name: "sqlite", state: .broken, detail: "it does not open a database in memory")
    return [Check(name: "libgit2", state: .ok, detail: Repository.libraryVersion), sqlite]
  }

  private func configuration() -> (LoadedConfiguration?, Check) {
    do {
      let loaded = try options.configuration()
      let file = loaded.file ?? "no file, all at its default"
      let overrides =
        loaded.variables.isEmpty ? "" : "; from the environment: \(loaded.variables.joined(separator: ", "))"
      return (loaded, Check(name: "configuration", state: .ok, detail: file + overrides))
    } catch {
      return (nil, failed("configuration", error))
    }
  }

  /// Languages without a grammar are cut into windows of lines: poorer, but no error.
  private func grammarFolder(configured: String) -> [Check] {
    let folder = Locations.grammars(option: grammars, configured: configured)
    let library: GrammarLibrary
    do {
      library = try GrammarLibrary.load(folder, queries: Locations.queries())
    } catch {
      return [failed("grammars", error)]
    }
    let versions = Set(library.loaded.values.map(\.abi)).sorted().map(String.init).joined(separator: ", ")
    let parser = Check(
      name: "tree-sitter", state: .ok,
      detail: library.loaded.isEmpty ? "no grammar to read with" : "reads the grammars' ABI \(versions)")
    let names = library.loaded.keys.sorted().joined(separator: ", ")
    let detail = names.isEmpty ? "none in \(folder)" : "\(names) in \(folder)"
    guard !library.missing.isEmpty else { return [parser, Check(name: "grammars", state: .ok, detail: detail)] }
    return [
      parser,
      Check(
        name: "grammars", state: .missing, detail: "\(detail); not there: \(library.missing.joined(separator: ", "))",
        remedy: "Run tools/grammars, then index again."),
    ]
  }

  /// Asks every server. Answers are extractive without a model, so that none is no error.
  private func chatModel(_ chat: Configuration.Chat) async -> [Check] {
    let name = "chat model"
    do {
      guard let model = try ConfiguredModels.chat(chat) else {
        return [
          Check(
            name: name, state: .missing, detail: "none is configured: answers are extractive",
            remedy: "Set [chat] base_urls, as docs/CONFIGURATION.md shows.")
        ]
      }
      return await model.examine().map { upstream, models in
        switch models {
        case .success(let models):
          let asked = chat.model.isEmpty ? models.first : models.first { $0.name == chat.model }
          guard let asked else {
            let listed = models.prefix(5).map(\.name).joined(separator: ", ") + (models.count > 5 ? " …" : "")
            return Check(
              name: name, state: .broken,
              detail: models.isEmpty
                ? "\(upstream) lists no model" : "\(upstream) has no model '\(chat.model)'; there is \(listed)",
              remedy: models.isEmpty ? "Load one there." : "Set [chat] model to one of them.")
          }
          let detail = "\(asked.name) at \(upstream), \(chat.contextTokens) tokens"
          guard let limit = asked.contextTokens, limit < chat.contextTokens else {
            return Check(name: name, state: .ok, detail: detail)
          }
          return Check(
            name: name, state: .broken, detail: detail + ", of which the server takes \(limit)",
            remedy: "Set [chat] context_tokens = \(limit).")
        case .failure(let failure):
          return Check(
            name: name, state: .broken, detail: "\(upstream): \(failure.reason)",
            remedy: "Start the server, or mend [chat] base_urls and api_key.")
        }
      }
    } catch {
      return [failed(name, error)]
    }
  }

  /// Opens the table of the built-in embedder, or embeds a word at every server.
  private func embedder(_ embedding: Configuration.Embedding) async -> [Check] {
    let name = "embedder"
    guard embedding.embedder == "openai" else { return embedding.embedder == "none" ? [] : [builtInEmbedder(name)] }
    do {
      guard let settings = try ConfiguredModels.embedderSettings(embedding) else { return [] }
      let transport = Transport()
      var checks: [Check] = []
      for upstream in settings.upstreams {
        var one = settings
        one.upstreams = [upstream]
        one.retries.retryCount = 0
        for role in [EmbeddingRole.passage, .query] where role == .passage || !settings.queryModel.isEmpty {
          checks.append(await embedder(one, role, transport))
        }
      }
      return checks
    } catch {
      return [failed(name, error)]
    }
  }

  private func embedder(
    _ settings: RemoteEmbedder.Settings, _ role: EmbeddingRole, _ transport: Transport
  ) async -> Check {
    do {
      let count = try await RemoteEmbedder.dimensions(settings, transport, as: role)
      let fits = count == settings.dimensions
      let model = role == .query ? "\(settings.queryModel) (for questions)" : settings.model
      return Check(
        name: "embedder", state: fits ? .ok : .broken,
        detail: "\(model) at \(settings.upstreams.map(\.shown).joined(separator: ", ")), \(count) dimensions",
        remedy: fits ? nil : "Set [embedding] dimensions = \(count).")
    } catch {
      return failed("embedder", error)
    }
  }

  private func builtInEmbedder(_ name: String) -> Check {
    guard let path = Locations.staticTable() else {
      return Check(
        name: name, state: .missing, detail: "static: no table, so that meaning is not asked for",
        remedy: "Run tools/models, then index again.")
    }
    do {
      let identity = try StaticEmbedder(table: path).identity
      return Check(name: name, state: .ok, detail: "static, \(identity.dimensions) dimensions, \(path)")
    } catch {
      return failed(name, error)
    }
  }

  /// What takes a question's words to those of the sources. Everything works without, and finds less.
  private func wordLists() -> Check {
    let lists = [
      ("the thesaurus", Locations.glossary("english")), ("the Japanese glossary", Locations.glossary("japanese")),
      ("the Japanese dictionary", Locations.dictionary()),
    ]
    let missing = lists.filter { FileAccess.kind($0.1) == nil }
    guard !missing.isEmpty else {
      return Check(name: "words", state: .ok, detail: lists.map(\.0).joined(separator: ", "))
    }
    return Check(
      name: "words", state: .missing, detail: missing.map { "\($0.0) is not at \($0.1)" }.joined(separator: "; "),
      remedy: "Run tools/dictionary; where the program was copied elsewhere, tools/install-program.")
  }

  /// Has every server tell two texts apart.
  private func reranker(_ rerank: Configuration.Rerank) async -> [Check] {
    let name = "reranker"
    var checks: [Check] = []
    for address in rerank.baseURLs {
      var one = rerank
      one.baseURLs = [address]
      do {
        guard let reranker = try FileReranker(one) else { continue }
        let scores = try await reranker.model.scores(
          of: ["A lock keeps others out while a counter changes.", "Vinegar removes lime from a kettle."],
          for: "how is a counter protected by a lock")
        let shown = scores.map { Figures.fixed($0, 3) }.joined(separator: " and ")
        let tells = scores[0] > scores[1]
        checks.append(
          Check(
            name: name, state: tells ? .ok : .broken,
            detail: "\(reranker.model.name) at \(RemoteAddress(address).shown), scores \(shown)"
              + (tells ? "" : ", the wrong text first"),
            remedy: tells ? nil : "Set [rerank] model to a reranker."))
      } catch {
        checks.append(failed(name, error))
      }
    }
    return checks
  }

  private func disk(_ home: String) -> Check {
    guard let free = FileAccess.freeBytes(at: home) else {
      return Check(name: "disk", state: .broken, detail: "\(home): the free space cannot be told")
    }
    let detail = "\(Figures.bytes(free)) free where the home is"
    let isShort = free < 2_000_000_000
    return Check(
      name: "disk", state: isShort ? .missing : .ok, detail: detail,
      remedy: isShort ? "Free some space: a kernel tree wants about 1 GB." : nil)
  }

  private func index(_ path: String) -> [Check] {
    let home: Home
    do {
      home = try Home(reading: path)
    } catch let error as NenrinError where error.code == .homeNotFound {
      return [
        Check(
          name: "home", state: .missing, detail: "\(path): nothing is indexed there yet",
          remedy: "Run: nenrin index SOURCE [REV …]")
      ]
    } catch {
      return [failed("home", error)]
    }
    do {
      let snapshots = try home.snapshots()
      let size = Figures.bytes(try home.byteCount())
      let detail = "\(path): \(Figures.counted(snapshots.count, "snapshot")), \(size)"
      return [Check(name: "home", state: .ok, detail: detail)]
        + (try home.collections().map { collection($0, home: path) })
    } catch {
      return [failed("home", error)]
    }
  }

  private func collection(_ collection: CollectionInfo, home: String) -> Check {
    let name = "collection \(collection.name)"
    let layout = HomeLayout(root: home)
    let history: String
    do {
      let commits = try CommitLog(layout, collection: collection.name)?.count ?? 0
      history = commits > 0 ? "history of \(Figures.counted(commits, "commit"))" : "history not read"
    } catch {
      return failed(name, error)
    }
    do {
      _ = try Repository(opening: collection.gitDirectory)
      return Check(name: name, state: .ok, detail: "\(collection.gitDirectory), \(history)")
    } catch {
      guard FileAccess.kind(layout.objects(of: collection.name)) == nil else {
        return Check(
          name: name, state: .missing, detail: "\(collection.gitDirectory) is gone; the home has its own objects")
      }
      return failed(name, error)
    }
  }

  private func failed(_ name: String, _ error: any Error) -> Check {
    guard let error = error as? NenrinError else { return Check(name: name, state: .broken, detail: "\(error)") }
    let detail = error.reason.isEmpty ? error.summary : "\(error.summary): \(error.reason)"
    return Check(name: name, state: .broken, detail: detail, remedy: error.remedies.first)
  }
}
