// SPDX-License-Identifier: Apache-2.0
import Glossary
import KnowledgeDiff
import TestSupport
import Testing

@Suite struct SymbolTests {
  private static func diff(_ old: String, _ new: String, _ path: String = "tree.c") async throws -> DiffResult {
    try await Fixture([path: .text(old), "pad.c": "int pad;\n"], [path: .text(new)]).diff()
  }

  @Test func functionsThatCameWentAndChanged() async throws {
    let result = try await Self.diff(
      """
      int keep(int a)
      {
      	return a;
      }

      int gone(void)
      {
      	return 7;
      }

      int grow(int a)
      {
      	return a + 1;
      }

      int widen(int a)
      {
      	return a - 1;
      }

      """,
      """
      int keep(int a)
      {
      	/* The same,  said at length. */
      	return  a;
      }

      int grow(int a)
      {
      	return a + 2;
      }

      int widen(long a, int b)
      {
      	return a - 1;
      }

      long fresh(void)
      {
      	return 9;
      }

      """)
    #expect(
      result.symbolLines.sorted() == [
        "added function fresh", "changed function grow", "removed function gone", "signature function widen",
      ])
    let widen = try #require(result.symbols.first { $0.name == "widen" })
    #expect(widen.from?.signature == "int widen(int a)" && widen.to?.signature == "int widen(long a, int b)")
    #expect(widen.from?.line == 16 && widen.to?.line == 12)
    #expect(!widen.isBodyChanged && widen.isSignatureChanged)
  }

  @Test func aFunctionThatWentToAnotherFileMoved() async throws {
    let body = "{\n\tlock(t);\n\twork(t);\n\tunlock(t);\n}\n"
    let fixture = try await Fixture(
      ["a.c": .text("int stay;\n\nvoid tree_walk(struct tree *t)\n\(body)"), "b.c": "int other;\n"],
      ["a.c": "int stay;\n", "b.c": .text("int other;\n\nvoid tree_walk(struct tree *t)\n\(body)")])
    let result = try fixture.diff()
    #expect(result.symbolLines == ["moved function tree_walk"])
    #expect(result.symbols[0].from?.path.text == "a.c" && result.symbols[0].to?.path.text == "b.c")
  }

  @Test func staticNamesOfStrangersAreNotMoved() async throws {
    let fixture = try await Fixture(
      ["drivers/one/a.c": "static int probe(void)\n{\n\treturn 1;\n}\nint one;\n", "net/two/b.c": "int two;\n"],
      ["drivers/one/a.c": "int one;\n", "net/two/b.c": "static int probe(int x)\n{\n\treturn 2 + x;\n}\nint two;\n"])
    #expect(try fixture.diff().symbolLines.sorted() == ["added function probe", "removed function probe"])
  }

  @Test func aFunctionWithAnotherNameAndTheSameBodyIsRenamed() async throws {
    let body = "{\n\tint n = 0;\n\n\twhile (t->next)\n\t\tn += count(t->next);\n\treturn n;\n}\n"
    let result = try await Self.diff(
      "int tree_count(struct tree *t)\n\(body)", "int tree_tally(struct tree *t)\n\(body)")
    #expect(result.symbolLines == ["renamed function tree_tally"])
    #expect(result.symbols[0].fromName == "tree_count")
  }

  @Test func linkageIsTold() async throws {
    let body = "{\n\treturn work(a, 1);\n}\n"
    let result = try await Self.diff("int run(int a)\n\(body)", "int run(int a)\n\(body)EXPORT_SYMBOL_GPL(run);\n")
    #expect(result.symbolLines == ["linkage function run"])
    #expect(result.symbols[0].from?.linkage == .global && result.symbols[0].to?.linkage == .exported)
  }

  @Test func membersOfAStruct() async throws {
    let result = try await Self.diff(
      """
      struct inode {
      	int mode;	/* kept */
      	struct timespec ctime;
      	unsigned flags : 3;
      	int (*open)(struct inode *, int flags);
      };

      """,
      """
      struct inode {
      	int mode;
      	long ctime_sec;
      	u32 ctime_nsec;
      #ifdef WIDE
      	unsigned long flags;
      #endif
      	int (*open)(struct inode *, int flags);
      	union {
      		int a;
      		long b[4];
      	};
      };

      """, "inode.h")
    let entry = try #require(result.symbols.first)
    #expect(result.symbolLines == ["changed struct inode"])
    #expect(
      entry.members.map { "\($0.status) \($0.name) \($0.toLine ?? 0) \($0.fromLine ?? 0)" } == [
        "added ctime_sec 3 0", "added ctime_nsec 4 0", "signature flags 6 4", "added a 10 0", "added b 11 0",
        "removed ctime 0 3",
      ])
    #expect(entry.members[2].fromText == "unsigned flags : 3" && entry.members[2].toText == "unsigned long flags")
  }

  @Test func enumeratorsAndMacros() async throws {
    let result = try await Self.diff(
      "enum tint {\n\tTINT_RED,\n\tTINT_GREEN = 4,\n};\n\n#define TINT_MAX 8\n#define TINT_OLD 1\n",
      "enum tint {\n\tTINT_RED,\n\tTINT_GREEN = 5,\n\tTINT_BLUE,\n};\n\n#define TINT_MAX 16\n", "tint.h")
    #expect(
      result.symbolLines.sorted() == [
        "added enumerator TINT_BLUE", "changed enum tint", "changed enumerator TINT_GREEN", "changed macro TINT_MAX",
        "removed macro TINT_OLD",
      ])
    let value = try #require(result.symbols.first { $0.name == "TINT_MAX" })
    #expect(value.from?.signature == "#define TINT_MAX 8" && value.to?.signature == "#define TINT_MAX 16")
  }

  @Test func optionsWithTheirProperties() async throws {
    let result = try await Self.diff(
      "config LAKE\n\tbool \"A lake\"\n\tdepends on WATER\n\tdefault n\n\thelp\n\t  Fills it.\n\nconfig POND\n\tbool \"Pond\"\n",
      "config LAKE\n\ttristate \"A large lake\"\n\tdepends on WATER && RAIN\n\thelp\n\t  Fills it.\n\nconfig POND\n\tbool \"Pond\"\n",
      "Kconfig")
    #expect(result.symbolLines == ["changed config LAKE"])
    #expect(
      result.symbols[0].properties == [
        PropertyChange(property: "type", from: "bool", to: "tristate"),
        PropertyChange(property: "prompt", from: "\"A lake\"", to: "\"A large lake\""),
        PropertyChange(property: "depends on", from: "WATER", to: "WATER && RAIN"),
        PropertyChange(property: "default", from: "n", to: nil),
      ])
  }

  @Test func oneSymbolIsFollowed() async throws {
    let body = "{\n\tlock(t);\n\twork(t);\n\tunlock(t);\n}\n"
    let fixture = try await Fixture(
      ["a.c": .text("int stay;\n\nvoid tree_walk(struct tree *t)\n\(body)"), "b.c": "int other;\n"],
      ["a.c": "int stay;\n", "b.c": .text("int other;\n\nvoid tree_walk(struct tree *t)\n\(body)")])
    let moved = try fixture.diff(DiffRequest(symbol: "tree_walk()"))
    #expect(moved.symbolLines == ["moved function tree_walk"])
    #expect(moved.fileLines == ["modified a.c", "modified b.c"])
    let same = try fixture.diff(DiffRequest(symbol: "stay"))
    #expect(same.symbolLines == ["unchanged variable stay"] && same.files.isEmpty)
    let error = #expect(throws: NenrinError.self) { try fixture.diff(DiffRequest(symbol: "tree_wakl")) }
    #expect(error?.summary == "no symbol 'tree_wakl' in project@v1.0 or project@v1.1")
    #expect(error?.reason == "near it are tree_walk")
  }

  @Test func oneSymbolIsFollowedToItsNewName() async throws {
    let body = "{\n\tint n = 0;\n\n\twhile (t->next)\n\t\tn += count(t->next);\n\treturn n;\n}\n"
    let fixture = try await Fixture(
      ["tree.c": .text("int tree_count(struct tree *t)\n\(body)")],
      ["tree.c": .text("int tree_tally(struct tree *t)\n\(body)")])
    for name in ["tree_count", "tree_tally"] {
      let result = try fixture.diff(DiffRequest(symbol: name))
      #expect(result.symbolLines == ["renamed function tree_tally"])
    }
  }
}
