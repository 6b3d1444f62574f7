// SPDX-License-Identifier: Apache-2.0
import Chunking
import Glossary
import Testing

/// The chunks of a blob lie end to end, begin at line starts and are the whole blob, whatever the blob.
struct CoverTests {
  static let samples: [(Language, String)] = [
    (
      .c,
      """
      // SPDX-License-Identifier: GPL-2.0
      #include <linux/box.h>
      #define A(x) \\
      	(x)
      /** Doc */
      static struct ops o = { .run = f, "s{", '{', };
      #ifdef X
      SYSCALL_DEFINE1(a, int, b) { if (b) { return "}"; } }
      EXPORT_SYMBOL(f);
      #else
      typedef struct { enum { P, Q = 2 } e; } t;
      #endif
      int (*g(int x))(int) { /* } */ return 0; }

      """
    ),
    (.rust, "//! crate\nuse a::b;\n/// Doc\nimpl<T> S<T> {\n    fn m(&self) -> u8 { 1 }\n}\nenum E { A, B }\n"),
    (.python, "#!/usr/bin/env python3\nimport os\n\n@deco\nclass K:\n    def m(self):\n        return 1\n\nX = 1\n"),
    (.shell, "#!/bin/sh\n# doc\nf() {\n\techo \"$1\"\n}\nf x\n"),
    (.make, "obj-$(CONFIG_X) += a.o \\\n\tb.o\n\nall: dep\n\tcc -o $@\n\ndefine d\n\tx\nendef\n"),
    (.kconfig, "menu \"M\"\nconfig A\n\tbool \"a\"\n\thelp\n\t  Text.\n\nendmenu\n"),
    (.devicetree, "/dts-v1/;\n/ {\n\tu: uart@1 { reg = <1>; };\n};\n&u {\n\tstatus = \"okay\";\n};\n"),
    (.assembly, "#include <a.h>\n/* Doc */\nSYM_FUNC_START(f)\n\tret\nSYM_FUNC_END(f)\n.globl g\ng:\n\tnop\n"),
    (.restructuredText, "=====\nTitle\n=====\n\nText\n\nPart\n----\n\nMore\n"),
    (.markdown, "# Title\n\nText\n```\n# no\n```\nPart\n----\nMore\n"),
    (.yaml, "%YAML 1.2\n---\ntitle: A box\nproperties:\n  reg:\n    maxItems: 1\n"),
    (.maintainers, "List\n\nBOXES\nM:\tA <a@b>\nF:\tbox/\n\nCRATES\nM:\tB <b@b>\n"),
    (.linkerScript, "#define A 1\nSECTIONS\n{\n\t.text : { *(.text) }\n}\n"),
    (.text, "One\n\nTwo\nthree\n"),
    (.perl, "#!/usr/bin/perl\nsub f {\n\treturn 1;\n}\nf();\n"),
    (.cpp, "namespace a {\nclass B { int c; };\nint f() { return 1; }\n}\n"),
    (.unknown, "#!/bin/bash\nf() {\n\t:\n}\n"),
    (.other, "{\n  \"a\": 1\n}\n"),
  ]

  private static func lineEnds(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var count = 0
      var place = range.lowerBound
      while place < range.upperBound {
        if bytes[place] == 0x0a { count += 1 }
        place += 1
      }
      return count
    }
  }

  /// Fails where an analysis breaks one of the promises that hold for every blob.
  static func check(_ bytes: [UInt8], _ language: Language, _ comment: Comment) {
    let analysis = Analysis.of(bytes, language)
    #expect(analysis.byteCount == bytes.count, comment)
    guard analysis.skip == .none else {
      #expect(analysis.chunks.isEmpty, comment)
      return
    }
    var end = 0
    var line = 1
    for chunk in analysis.chunks {
      #expect(chunk.bytes.lowerBound == end && !chunk.bytes.isEmpty, comment)
      #expect(end == 0 || bytes[end - 1] == 0x0a, comment)
      end = chunk.bytes.upperBound
      let unfinished = bytes[end - 1] == 0x0a ? 0 : 1
      #expect(chunk.lineCount == lineEnds(bytes, chunk.bytes) + unfinished, comment)
      #expect(
        !chunk.head.isEmpty && chunk.bytes.contains(chunk.head.lowerBound) && chunk.head.upperBound <= end, comment)
      let lines = line..<(line + chunk.lineCount)
      #expect(chunk.definitions.allSatisfy { lines.contains($0.line) && !$0.name.isEmpty }, comment)
      #expect(chunk.definitions.allSatisfy { $0.signature.upperBound <= bytes.count }, comment)
      #expect(chunk.bindings.allSatisfy { lines.contains($0.line) }, comment)
      #expect(chunk.definitions.map(\.line) == chunk.definitions.map(\.line).sorted(), comment)
      line += chunk.lineCount
    }
    #expect(end == bytes.count, comment)
    #expect(analysis.lineCount == line - 1, comment)
  }

  @Test(arguments: samples) func everyPrefixOfASample(_ language: Language, _ text: String) {
    let bytes = Array(text.utf8)
    for count in 1...bytes.count { CoverTests.check(Array(bytes[..<count]), language, "\(language) \(count)") }
  }

  @Test(arguments: samples) func everySampleWithoutOneByte(_ language: Language, _ text: String) {
    for place in text.utf8.indices.map({ text.utf8.distance(from: text.utf8.startIndex, to: $0) }) {
      var bytes = Array(text.utf8)
      bytes.remove(at: place)
      CoverTests.check(bytes, language, "\(language) without \(place)")
    }
  }

  @Test(arguments: samples) func carriageReturnsAndBadBytes(_ language: Language, _ text: String) {
    CoverTests.check(Array(text.replacing("\n", with: "\r\n").utf8), language, "CRLF")
    CoverTests.check(Array(text.utf8).flatMap { $0 == 0x20 ? [0xff, 0xc3, 0x20] : [$0] }, language, "not UTF-8")
    CoverTests.check([0xef, 0xbb, 0xbf] + Array(text.utf8), language, "byte order mark")
    CoverTests.check(Array(String(repeating: text, count: 60).utf8), language, "long")
  }

  @Test(arguments: [Language.c, .python, .devicetree, .text]) func oneLongLine(_ language: Language) {
    CoverTests.check([UInt8](repeating: 0x61, count: 5 << 20), language, "5 MiB of one word")
    CoverTests.check(Array(String(repeating: "f(a) { \"", count: 70_000).utf8), language, "0.5 MB of open brackets")
  }

  @Test(arguments: ["{", "(", "[", "struct a {", "#if A\n", "int f(", "enum {", "= {", "\"", "/*", "}"])
  func deepNestingEnds(_ piece: String) {
    CoverTests.check(Array(String(repeating: piece, count: 70_000).utf8), .c, "70,000 times \(piece)")
    CoverTests.check(Array(("int f(void)\n" + String(repeating: piece + "\n", count: 3_000)).utf8), .c, "in a body")
  }

  @Test func theSameWhateverWasReadBefore() {
    let chunker = Chunker(grammars: Analysis.grammars)
    for (language, text) in CoverTests.samples {
      let used = Array(text.utf8).withUnsafeBytes { chunker.analyze($0, language: language) }
      let fresh = Analysis.of(text, language)
      #expect(used.chunks.map(\.bytes) == fresh.chunks.map(\.bytes))
      #expect(used.chunks.flatMap(\.definitions) == fresh.chunks.flatMap(\.definitions))
    }
  }
}
