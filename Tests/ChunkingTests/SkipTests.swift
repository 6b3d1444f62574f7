// SPDX-License-Identifier: Apache-2.0
import Chunking
import Glossary
import Testing

/// What is not laid out as chunks, and why.
struct SkipTests {
  /// `count` lines, so that each rule meets its size.
  private func lines(_ count: Int, _ line: (Int) -> String) -> String { (0..<count).map(line).joined() }

  @Test func emptyBinaryAndTooLarge() {
    #expect(Analysis.of("", .c).skip == .empty)
    #expect(Analysis.of([0x7f, 0x45, 0x00, 0x01], .unknown).skip == .binary)
    #expect(Analysis.of([UInt8](repeating: 0x0a, count: 8000) + [0], .text).skip == .none)
    let large = [UInt8](repeating: 0x61, count: Chunker.largestByteCount + 1)
    #expect(Analysis.of(large, .text).skip == .tooLarge)
    #expect(Analysis.of(large, .c).skip == .tooLarge)
  }

  @Test func registerTablesKeepTheirNames() {
    let text =
      "#ifndef _H\n#define _H\n/* Made by a program:\n * registers. */\n"
      + lines(1000) {
        "#define mmBOX_STATUS_REGISTER_\($0)  0x\(String($0, radix: 16))\n#define BOX_\($0)__BUSY__SHIFT 0x0\n"
      }
      + "#define mmBOX_STATUS_REGISTER_1 0x1\n#endif\n"
    let analysis = Analysis.of(text, .c)
    #expect(analysis.skip == .registerTable)
    #expect(analysis.tableNames.count == 2000)
    #expect(analysis.tableNames.prefix(2) == ["mmBOX_STATUS_REGISTER_0", "BOX_0__BUSY__SHIFT"])
    #expect(analysis.lineCount == 2006)
  }

  @Test func tablesMayBeLargerThanWhatIsParsed() {
    let text = lines(300_000) { "#define mmBOX_STATUS_REGISTER_\($0)  0x\($0)\n" }
    #expect(text.utf8.count > Chunker.largestByteCount)
    #expect(Analysis.of(text, .c).tableNames.count == 300_000)
  }

  @Test func headersOfPlainConstantsAreRead() {
    let ids = lines(3000) { "#define PCI_DEVICE_ID_BOX_MAKER_\($0) 0x\($0)\n" }
    #expect(Analysis.of(ids, .c).skip == .none)
    #expect(Analysis.definitions(ids).count == 3000)
    let mixed = lines(1000) { "#define mmBOX_STATUS_REGISTER_\($0) 0x1\nint box_function_\($0)(void);\n" }
    #expect(Analysis.of(mixed, .c).skip == .none)
  }

  @Test func numbersWithHardlyAWord() {
    let table = "static const u8 image[] = {\n" + lines(2000) { _ in "\t0x12, 0x34, 0x56,\n" } + "};\n"
    #expect(Analysis.of(table, .c).skip == .generatedData)
    #expect(Analysis.of(table + "int f(void)\n{\n}\n", .c).skip == .none)
    #expect(Analysis.of(lines(2000) { ":10\(1000 + $0)00DEADBEEF\n" }, .other).skip == .generatedData)
    #expect(Analysis.of(lines(2000) { "word and another \($0)\n" }, .other).skip == .none)
  }
}
