// SPDX-License-Identifier: Apache-2.0

/// Something that a model may ask of the knowledge.
struct Tool: Sendable {
  /// The name, in `/openapi.json` too.
  var name: String
  var title: String
  var description: String
  var parameters: [ToolParameter]
  /// Gives the text of the answer. Throws `ToolFailure`, `NenrinError` and what else went wrong.
  var run: @Sendable (KnowledgeTools, ToolArguments) async throws -> String

  /// As `tools/list` gives it.
  var listing: JSONValue {
    let properties = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.schema) })
    let required = parameters.filter(\.isRequired).map { JSONValue.string($0.name) }
    var schema: [String: JSONValue] = [
      "type": .string("object"), "properties": .object(properties), "additionalProperties": .bool(false),
    ]
    if !required.isEmpty { schema["required"] = .array(required) }
    return .object([
      "name": .string(name), "title": .string(title), "description": .string(description),
      "inputSchema": .object(schema),
      "annotations": .object([
        "readOnlyHint": .bool(true), "idempotentHint": .bool(true), "openWorldHint": .bool(false),
      ]),
    ])
  }

  static func named(_ name: String) -> Tool? { all.first { $0.name == name } }

  static let all: [Tool] = [
    Tool(
      name: "snapshots", title: "List snapshots",
      description:
        "Lists the indexed snapshots: collection, revision, commit, date. Ask it first when a version matters.",
      parameters: [], run: { tools, _ in try await tools.snapshots() }),
    Tool(
      name: "search", title: "Search by question",
      description:
        "Finds the files and passages of a snapshot that answer a question in words. For exact text use grep, "
        + "for a known name use symbol.",
      parameters: [
        ToolParameter(
          name: "query", kind: .text, isRequired: true, description: "The question, an identifier or a path."),
        .at, .path,
        ToolParameter(name: "language", kind: .text, description: "c, rust, python, shell, make, kconfig, rst …"),
        .limit(5, 20),
      ], run: { try await $0.search($1) }),
    Tool(
      name: "symbol", title: "Find a definition",
      description:
        "Finds where a function, macro, type, member, system call, tracepoint or option is defined and, with "
        + "references, the lines that use it.",
      parameters: [.symbolName, .at, ToolParameter.references], run: { try await $0.symbol($1) }),
    Tool(
      name: "callers", title: "Find callers",
      description: "Finds who calls a function or macro: direct calls, the tables and registrations that name it "
        + "(.probe = name), exports, and as possible the calls through fields of these tables.",
      parameters: [.symbolName, .at, .path, .limit(50, 500), .offset], run: { try await $0.callers($1) }),
    Tool(
      name: "callees", title: "Find callees",
      description:
        "Lists what each definition of a function or macro calls, and where that is defined; calls through a "
        + "field list as possible what tables bind to it.",
      parameters: [.symbolName, .at, .path, .limit(100, 500)], run: { try await $0.callees($1) }),
    Tool(
      name: "callchain", title: "Find paths of calls",
      description:
        "Finds the shortest paths of calls from one function to another; without 'to' a tree of what is called "
        + "below it, or with direction up of what calls it.",
      parameters: [
        ToolParameter(name: "from", kind: .text, isRequired: true, description: "A function or a macro."),
        ToolParameter(name: "to", kind: .text, description: "Where the paths end."), .at,
        ToolParameter(name: "direction", kind: .choice(["down", "up"]), description: "Without 'to': what is listed."),
        ToolParameter(
          name: "depth", kind: .count(0...30, standard: 0),
          description: "Calls at most; 0 is 12 for paths, 2 for a tree."),
        ToolParameter(
          name: "limit", kind: .count(0...500, standard: 0), description: "0 is 5 paths, or 100 lines of a tree."),
      ], run: { try await $0.callchain($1) }),
    Tool(
      name: "grep", title: "Search by regular expression",
      description:
        "Finds the lines that a Perl-compatible regular expression matches. Name a whole identifier in it where "
        + "you can: files without that word are then not read.",
      parameters: [
        ToolParameter(
          name: "pattern", kind: .text, isRequired: true, description: "PCRE2 syntax, matched within lines."),
        .at, .path,
        ToolParameter(
          name: "in", kind: .choice(["function", "comment", "string"]), description: "Where matches must stand."),
        ToolParameter(name: "ignore_case", kind: .flag, description: "Take capitals and small letters as equal."),
        ToolParameter(name: "tables", kind: .flag, description: "Read register tables, too."), .limit(50, 500), .offset,
      ], run: { try await $0.grep($1) }),
    Tool(
      name: "show", title: "Read source",
      description: "Reads lines of a file of a snapshot, with their numbers; 400 lines at most at a time.",
      parameters: [
        ToolParameter(
          name: "path", kind: .text, isRequired: true, description: "The path from the top of the tree: fs/open.c"),
        .at, ToolParameter(name: "lines", kind: .text, description: "1-based and inclusive: 12-40"),
      ], run: { try await $0.show($1) }),
    Tool(
      name: "diff", title: "Compare two snapshots",
      description: "Says what changed between two snapshots: files and symbols added, removed, changed, declared anew, "
        + "moved. Narrow it by path or symbol, or ask a question with about.",
      parameters: [
        ToolParameter(name: "from", kind: .text, isRequired: true, description: "The older snapshot."),
        ToolParameter(name: "to", kind: .text, isRequired: true, description: "The newer snapshot."), .path,
        ToolParameter(name: "symbol", kind: .text, description: "One function, type, macro or option."),
        ToolParameter(name: "about", kind: .text, description: "A question; not together with symbol."),
        .limit(30, 200), .offset,
      ], run: { try await $0.diff($1) }),
    Tool(
      name: "log", title: "Ask the commits",
      description: "Finds commits by what their messages and paths say, by path, by a symbol whose definition they "
        + "changed, within a range; tells which commit introduced a name. Without a query the newest are listed.",
      parameters: [
        ToolParameter(name: "query", kind: .text, description: "What the change was about, in words."), .at,
        ToolParameter(name: "from", kind: .text, description: "Leave out the history of this revision; with 'to'."),
        ToolParameter(name: "to", kind: .text, description: "The history of this revision; with 'from'."), .path,
        ToolParameter(
          name: "symbol", kind: .text, description: "Only commits that changed this function, type, macro or option."),
        ToolParameter(
          name: "introduced", kind: .text, description: "Which commit brought this name or path? Says how sure it is."),
        .limit(10, 50), .offset,
      ], run: { try await $0.log($1) }),
  ]

  /// What a model is told of the whole.
  static let instructions = """
    Nenrin answers questions about source trees at fixed snapshots (indexed commits). Every tool takes 'at', a snapshot as \
    the tool snapshots lists it (linux@v6.12.117, or v6.12.117 where there is one collection); without it the newest is \
    asked. Paths and line numbers hold for that snapshot only: keep to one while you follow a trail, and say which in \
    your answer.
    Begin with search for a question in words, symbol for a name, grep for exact text. Then read with show, and follow \
    calls with callers, callees and callchain; entries marked possible go through function pointers of tables and are not \
    certain. diff compares two snapshots, log finds the commits behind them, where the history was read. Lists are \
    bounded: where complete is false or next_offset is given there is more, so narrow with path or go on with offset. Cite \
    as path:line. Where the server allows it, the snapshot worktree is the checkout with what is not committed yet: ask it \
    for code that was just edited.
    """
}

extension ToolParameter {
  static let symbolName = ToolParameter(
    name: "name", kind: .text, isRequired: true,
    description: "The name: vfs_read, CONFIG_BTRFS_FS, sys_openat2, trace_sched_switch …")
  static let references = ToolParameter(
    name: "references", kind: .count(0...500, standard: 0), description: "How many lines that use it are wanted.")
}
