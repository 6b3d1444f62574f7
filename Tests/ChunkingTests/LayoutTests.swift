// SPDX-License-Identifier: Apache-2.0
import Chunking
import Glossary
import Testing

/// How units become chunks.
struct LayoutTests {
  private let function = "static int f(int a)\n{\n\tint b = a;\n\n\treturn b;\n}\n"

  @Test func aFunctionHasItsCommentAndItsExport() {
    let text = """
      // SPDX-License-Identifier: GPL-2.0
      /*
       * Boxes.
       */
      #include <linux/a.h>
      #include <linux/b.h>

      #define LIMIT 3
      static DEFINE_MUTEX(lock);
      static int count;
      static int total;
      static int spare;

      /**
       * f - does it
       * @a: what
       */
      static int f(int a)
      {
      	int b = a;

      	return b;
      }
      EXPORT_SYMBOL(f);

      struct box {
      	int a;
      	int b;
      	int c;
      	int d;
      	int e;
      	int f;
      	int g;
      };
      """
    #expect(Analysis.layout(text) == ["1-13 - -", "14-25 function f", "26-34 struct box"])
    let head = Analysis.of(text, .c).chunks[1].head
    #expect(Analysis.slice(text, head).hasPrefix("/**\n * f - does it"))
  }

  @Test func aBlockOfCommentBelongsToTheFunctionAcrossOneBlankLine() {
    let block = "/*\n * Does it.\n */\n\n"
    #expect(Analysis.layout(function + "\n" + block + function) == ["1-7 function f", "8-17 function f"])
  }

  @Test func aLongFunctionIsCutAtTheLeastIndentation() throws {
    let body = (0..<100).map { "\tif (a == \($0)) {\n\t\twork(\($0));\n\t}\n" }.joined()
    let text = "int f(int a)\n{\n\(body)}\n"
    let chunks = Analysis.of(text, .c).chunks
    #expect(chunks.count == 2)
    #expect(chunks.map(\.symbol) == ["f", "f"])
    #expect(chunks.map(\.kind) == [.function, .function])
    #expect(chunks.map(\.continues) == [false, true])
    #expect(chunks.allSatisfy { $0.lineCount <= 188 && $0.bytes.count <= 7680 })
    for chunk in chunks.dropFirst() { #expect(Analysis.slice(text, chunk.bytes).hasPrefix("\tif (")) }
    #expect(chunks.map(\.definitions.count) == [1, 0])
  }

  @Test func smallDeclarationsAreGathered() {
    let text = (0..<150).map { "#define BOX_NUMBER_\($0) \($0)\n" }.joined()
    let layout = Analysis.layout(text)
    #expect(layout.allSatisfy { $0.hasSuffix("- -") })
    #expect((2...3).contains(layout.count))
  }

  @Test func twoFunctionsAreTwoChunks() {
    let second = function.replacing("f(", with: "g(")
    #expect(Analysis.layout(function + "\n" + second) == ["1-7 function f", "8-13 function g"])
  }

  @Test func textWithoutStructureIsWindows() {
    let text = (0..<300).map { $0 % 10 == 9 ? "\n" : "Line \($0) of a long text.\n" }.joined()
    let chunks = Analysis.of(text, .text).chunks
    #expect((5...10).contains(chunks.count))
    #expect(chunks.allSatisfy { $0.kind == nil && $0.symbol == nil && !$0.continues })
    for chunk in chunks.dropLast() { #expect(Analysis.slice(text, chunk.bytes).hasSuffix("\n\n")) }
  }

  @Test func aLongClassIsTakenApart() {
    let method = { (n: Int) in "    def m\(n)(self):\n" + String(repeating: "        work()\n", count: 20) }
    let text = "class K:\n    x = 1\n" + (0..<10).map(method).joined()
    let layout = Analysis.layout(text, .python)
    #expect(layout.count == 10)
    #expect(layout[0] == "1-23 function m0" && layout[9] == "192-212 function m9")
    #expect(Analysis.layout("class K:\n    x = 1\n" + method(0), .python) == ["1-23 type K"])
  }

  @Test func headsAreShortAndEndWithALine() {
    let text = "/*\n" + String(repeating: " * words about it\n", count: 100) + " */\n" + function
    let chunk = Analysis.of(text, .c).chunks[0]
    #expect(chunk.head.count <= 768 && Analysis.slice(text, chunk.head).hasSuffix("\n"))
  }
}
