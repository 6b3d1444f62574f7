// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import Retrieval
import TestSupport
import Testing

@Suite struct CallGraphTests {
  private static let files: [String: TestFile] = [
    "include/ops.h": """
    struct ops { int (*read)(int); int (*write)(int); };
    struct file { const struct ops *f_op; };
    #ifdef CONFIG_LOG
    int note(int level);
    #else
    static inline int note(int level) { return 0; }
    #endif
    #define READ_ONE(f) read_one(f)

    """,
    "fs/log.c": """
    #include "ops.h"
    int note(int level)
    {
    \treturn level;
    }
    EXPORT_SYMBOL_GPL(note);

    """,
    "fs/a.c": """
    #include "ops.h"
    static int step(int x)
    {
    \t/* note(1) is said in a comment */
    \treturn note(x) + note(
    \t\tx);
    }
    static int a_read(int x)
    {
    #ifdef CONFIG_A
    \tif (step(x)) {
    #else
    \tif (x) {
    #endif
    \t\treturn step(x);
    \t}
    \treturn 0;
    }
    static const struct ops a_ops = {
    \t.read = a_read,
    };
    static int setup(void) { hook(a_read); return READ_ONE(0); }
    module_init(setup);

    """,
    "fs/b.c": """
    #include "ops.h"
    static int step(int x)
    {
    \treturn x;
    }
    int read_one(struct file *f)
    {
    \tint note = step(2);
    \tchar *s = "note(3)";
    \treturn f->f_op->read(note);
    }
    int unlike(struct pipe *p)
    {
    \treturn p->read(1) + step(1);
    }

    """,
    "arch/x/entry.S": "SYM_FUNC_START(enter)\n\tcall note\n\t# call note, says a comment\nSYM_FUNC_END(enter)\n",
  ]

  private final class Fixture {
    let repository: TestRepository
    let home: TestHome
    var graph: CallGraph

    init(_ files: [String: TestFile] = CallGraphTests.files) async throws {
      repository = try TestRepository()
      try repository.commit(files, tag: "v1")
      home = try TestHome()
      try await home.index(repository, "v1")
      graph = CallGraph(view: try home.view("v1"), source: try Repository(opening: repository.path))
    }

    func callers(_ name: String, limit: Int = 100, path: String? = nil) throws -> CallersResult {
      try graph.callers(CallRequest(name: name, limit: limit, pathGlob: path))
    }
  }

  private static func text(_ hit: CallerHit) -> String {
    let lines = hit.lines.map(String.init).joined(separator: ",")
    return "\(hit.path):\(lines) \(hit.symbol ?? "-") \(hit.kind.name)" + (hit.via.map { " \($0)" } ?? "")
  }

  @Test func callsAreToldFromMentions() async throws {
    let found = try await Fixture().callers("note()")
    #expect(
      found.callers.map(Self.text) == ["arch/x/entry.S:2 enter assembly call", "fs/a.c:5 step call"])
    #expect(found.uses.map(Self.text) == ["fs/log.c:6 - export EXPORT_SYMBOL_GPL"])
    #expect(found.isComplete && found.filesRead == found.filesHolding)
    #expect(found.definitions.map(\.path.text) == ["fs/log.c", "include/ops.h"])
  }

  @Test func staticNamesakesAreToldApartByFile() async throws {
    let found = try await Fixture().callers("step")
    #expect(
      found.callers.map(Self.text) == ["fs/a.c:11,15 a_read call", "fs/b.c:8 read_one call", "fs/b.c:14 unlike call"])
    #expect(found.callers.map { $0.targets.map(\.path.text) } == [["fs/a.c"], ["fs/b.c"], ["fs/b.c"]])
  }

  @Test func tablesLeadToPossibleCallersOfTheirTypeAlone() async throws {
    let found = try await Fixture().callers("a_read")
    #expect(found.callers.isEmpty)
    #expect(found.uses.map(Self.text) == ["fs/a.c:20 a_ops table read", "fs/a.c:22 setup address hook"])
    #expect(found.possible.map(Self.text) == ["fs/b.c:10 read_one possible ops.read"])
  }

  /// What is remembered of a field makes no answer another.
  @Test(arguments: 1...5) func fieldsAreFollowedAgainAsBefore(limit: Int) async throws {
    var files: [String: TestFile] = ["ops.h": "struct ops { int (*read)(int); };\n"]
    for file in ["a", "b", "c", "d"] {
      files["\(file).c"] = .init(
        stringLiteral: "int \(file)_read(int x) { return x; }\nstatic const struct ops \(file)_ops = {\n\t.read = "
          + "\(file)_read,\n};\nint \(file)_go(struct \(file == "c" ? "pipe" : "ops") *o)\n{\n\treturn o->read(1);\n}\n"
      )
    }
    let fixture = try await Fixture(files)
    let first = try fixture.callers("a_read", limit: limit)
    _ = try fixture.callers("b_read")
    #expect(try fixture.callers("b_read").possible.map(\.path.text) == ["a.c", "b.c", "d.c"])
    _ = try fixture.callers("b_read", path: "d.c")
    let again = try fixture.callers("a_read", limit: limit)
    #expect(first.possible.map(Self.text) == again.possible.map(Self.text))
    #expect(first.isPossibleComplete == again.isPossibleComplete)
    #expect(first.possible.count == min(limit, 3))
  }

  @Test func macrosCallAndAreCalled() async throws {
    let fixture = try await Fixture()
    #expect(try fixture.callers("READ_ONE").callers.map(Self.text) == ["fs/a.c:22 setup call"])
    #expect(try fixture.callers("read_one").callers.map(Self.text) == ["include/ops.h:8 READ_ONE call"])
    #expect(try fixture.callers("setup").uses.map(Self.text) == ["fs/a.c:23 - registration module_init"])
  }

  @Test func boundsAreSaid() async throws {
    let fixture = try await Fixture()
    let one = try fixture.callers("step", limit: 1)
    #expect(one.callers.count == 1 && !one.isComplete && one.filesRead < one.filesHolding)
    let below = try fixture.callers("step", path: "fs/b.c")
    #expect(below.callers.count == 2 && below.isComplete && below.filesHolding == 1)
    #expect(try fixture.callers("stepp").nearMisses == ["step"])
    #expect(throws: NenrinError.self) { try fixture.callers("  ") }
  }

  /// Twelve callers in three files, a use of its address in each.
  private static let pages: [String: TestFile] = {
    var files: [String: TestFile] = ["include/base.h": "int base(int x);\n", "doc.txt": "base(1) is called\n"]
    for file in ["a", "b", "c"] {
      var text = "#include \"base.h\"\n"
      for place in 0..<4 { text += "int \(file)\(place)(int x)\n{\n\treturn base(x);\n}\n" }
      files["fs/\(file).c"] = .init(stringLiteral: text + "int \(file)_hook(void) { return hook(base); }\n")
    }
    return files
  }()

  @Test(arguments: 1...13) func pagesListEverythingOnce(limit: Int) async throws {
    let fixture = try await Fixture(Self.pages)
    let whole = try fixture.callers("base")
    #expect(whole.callers.count == 12 && whole.uses.count == 3 && whole.isComplete && !whole.hasMoreCallers)
    #expect(whole.filesHolding == 3 && whole.filesRead == 3)
    // A graph that remembers where pages began, and one that does not.
    let (view, source) = (try fixture.home.view("v1"), try Repository(opening: fixture.repository.path))
    for pages in [CallPages(), nil] {
      var (callers, uses, offset): ([String], [String], Int) = ([], [], 0)
      while true {
        var graph = CallGraph(view: view, source: source, pages: pages ?? CallPages())
        let page = try graph.callers(CallRequest(name: "base", limit: limit, offset: offset))
        callers += page.callers.map(Self.text)
        uses += page.uses.map(Self.text)
        #expect(page.callers.count == limit || !page.hasMoreCallers)
        #expect(page.isComplete == !page.hasMoreCallers)
        guard page.hasMoreCallers else { break }
        offset += limit
      }
      #expect(callers == whole.callers.map(Self.text))
      #expect(uses == whole.uses.map(Self.text))
    }
  }

  @Test func whatOnlySpeaksOfANameIsNotRead() async throws {
    let fixture = try await Fixture([
      "a.c": "int go(void)\n{\n\treturn 1;\n}\n", "b.c": "/* go() is said */\nint far(int go)\n{\n\treturn go;\n}\n",
      "c.c": "int near(struct ops *o)\n{\n\treturn o->go(1);\n}\n", "d.c": "int here(void)\n{\n\treturn go();\n}\n",
    ])
    let found = try fixture.callers("go")
    #expect(found.callers.map(Self.text) == ["d.c:3 here call"])
    #expect(found.filesRead == 1 && found.filesHolding == 1)
  }

  @Test func calleesAreResolvedAndThoseOfFieldsPossible() async throws {
    let fixture = try await Fixture()
    let found = try fixture.graph.callees(CallRequest(name: "read_one")).definitions
    #expect(found.map(\.definition.line) == [6])
    #expect(found.first?.callees.map { "\($0.name) \($0.isIndirect)" } == ["step false", "read true"])
    #expect(found.first?.callees.map { $0.targets.map(\.definition.path.text) } == [["fs/b.c"], ["fs/a.c"]])
    #expect(found.first?.callees.last?.targets.map { "\($0.name) \($0.table ?? "-")" } == ["a_read a_ops"])
    let both = try fixture.graph.callees(CallRequest(name: "step", pathGlob: "fs/a.c")).definitions
    #expect(both.first?.callees.map { "\($0.name) \($0.lines)" } == ["note [5]"])
    #expect(both.first?.callees.first?.targets.map(\.definition.path.text) == ["fs/log.c", "include/ops.h"])
  }

  @Test func aPathGoesThroughMacrosAndFields() async throws {
    let fixture = try await Fixture()
    let found = try fixture.graph.chain(ChainRequest(from: "setup", to: "note", depth: 10, limit: 5))
    let names = found.paths.map { $0.map { $0.name + ($0.isPossible ? "?" : "") } }
    #expect(names.contains(["setup", "READ_ONE", "read_one", "a_read?", "step", "note"]))
    #expect(found.paths.first?.map(\.callLine) == [0, 22, 8, 10, 11, 5])
    #expect(try fixture.graph.chain(ChainRequest(from: "note", to: "setup", depth: 10, limit: 5)).paths.isEmpty)
    let unknown = try fixture.graph.chain(ChainRequest(from: "setpu", to: "note", depth: 3, limit: 5))
    #expect(unknown.unknown == "setpu" && unknown.nearMisses == ["setup"])
  }

  @Test func aPathMayBeginInAssembly() async throws {
    let found = try await Fixture().graph.chain(ChainRequest(from: "enter", to: "note", depth: 4, limit: 5))
    // Two files define it, and assembly includes neither.
    #expect(
      found.paths.map { $0.map { "\($0.path) \($0.callLine)" } } == [
        ["arch/x/entry.S 0", "fs/log.c 2"], ["arch/x/entry.S 0", "include/ops.h 2"],
      ])
  }

  private static let assembly: [String: TestFile] = [
    "arch/x/entry.S": """
    .macro enter_from level
    SYM_CODE_START_LOCAL(from_\\level)
    \tbl\tdo_\\level\\()_work
    SYM_CODE_END(from_\\level)
    .endm
    \tenter_from user
    SYM_FUNC_START(entry)
    \tjz\tskip
    SYM_INNER_LABEL(entry_inner, SYM_L_GLOBAL)
    \tcall\tdo_call\t/* not do_leave */
    \tcall\tdo_call
    skip:
    \tjmp\tentry_inner
    \tjmp\tleave
    SYM_FUNC_END(entry)
    \tcall do_call
    SYM_FUNC_START(leave)
    \tret
    SYM_FUNC_END(leave)

    """,
    "kernel/work.c": """
    void do_user_work(void) { }
    void do_call(void) { }
    void do_leave(void) { }
    void entry(void);
    void start(void) { entry(); }

    """,
  ]

  @Test func assemblyCallsAndIsCalled() async throws {
    let fixture = try await Fixture(Self.assembly)
    #expect(
      try fixture.callers("do_call").callers.map(Self.text) == [
        "arch/x/entry.S:10,11 entry assembly call", "arch/x/entry.S:16 - assembly call",
      ])
    #expect(try fixture.callers("do_leave").callers.isEmpty)
    #expect(try fixture.callers("leave").callers.map(Self.text) == ["arch/x/entry.S:14 entry assembly jmp"])
    // The file does not say the name: a macro makes it.
    #expect(
      try fixture.callers("do_user_work").callers.map(Self.text) == [
        "arch/x/entry.S:6 from_user assembly enter_from"
      ])
    let below = try fixture.graph.callees(CallRequest(name: "entry")).definitions
    #expect(below.map(\.definition.path.text) == ["arch/x/entry.S"])
    #expect(below.first?.callees.map { "\($0.name) \($0.lines)" } == ["do_call [10, 11]", "leave [14]"])
    #expect(below.first?.callees.first?.targets.map(\.definition.path.text) == ["kernel/work.c"])
  }

  @Test func aPathGoesThroughAssembly() async throws {
    let found = try await Fixture(Self.assembly).graph.chain(
      ChainRequest(from: "start", to: "do_call", depth: 4, limit: 5))
    #expect(found.paths.map { $0.map(\.name) } == [["start", "entry", "do_call"]])
  }

  @Test func aCycleIsShownOnce() async throws {
    let ring =
      "int first(void);\nint second(void) { return first(); }\nint third(void) { return second(); }\n"
      + "int first(void) { return third(); }\n"
    let fixture = try await Fixture(["ring.c": .init(stringLiteral: ring)])
    let down = try fixture.graph.chain(ChainRequest(from: "first", depth: 9, limit: 50))
    #expect(
      down.tree.map { "\($0.name)\($0.depth)\($0.isRepeated ? "+" : "")" } == [
        "first0", "third1", "second2", "first3+",
      ])
    let up = try fixture.graph.chain(ChainRequest(from: "first", isUpward: true, depth: 9, limit: 50))
    #expect(
      up.tree.map { "\($0.name)\($0.depth)\($0.isRepeated ? "+" : "")" } == ["first0", "second1", "third2", "first3+"])
    let cut = try fixture.graph.chain(ChainRequest(from: "first", depth: 9, limit: 2))
    #expect(cut.tree.count == 2 && !cut.isComplete)
  }

  @Test func brokenSourceStopsNothing() async throws {
    let odd =
      "#define OPEN {\nint left(void)\n{\n#if A\n\tif (x) {\n#endif\n\tgone();\n}\nint right(void)\n{\n\tgone(\"\\\n\");\n}\n'"
    let fixture = try await Fixture(["odd.c": .init(stringLiteral: odd)])
    #expect(try fixture.callers("gone").callers.map(Self.text) == ["odd.c:7 left call", "odd.c:11 right call"])
  }

  @Test func aCallIsNoneOfATracepointOfTheSameName() async throws {
    let fixture = try await Fixture([
      "include/trace/events/pool.h": "TRACE_EVENT(pool_free,\n\tTP_PROTO(int x),\n\tTP_ARGS(x)\n);\n",
      "mm/pool.c": "void pool_free(int x)\n{\n\ttrace_pool_free(x);\n}\nvoid done(void)\n{\n\tpool_free(1);\n}\n",
    ])
    let found = try fixture.callers("pool_free")
    #expect(found.callers.map(Self.text) == ["mm/pool.c:7 done call"])
    #expect(found.definitions.map(\.path.text) == ["mm/pool.c"])
    #expect(try fixture.callers("trace_pool_free").callers.map(Self.text).contains("mm/pool.c:3 pool_free call"))
  }
}
