// SPDX-License-Identifier: Apache-2.0
import CodeReading
import Glossary
import Testing

@Suite struct AssemblyTests {
  private static func names(_ text: String) -> [String] { AssemblyText(Array(text.utf8)).uses.map(\.name) }

  @Test(arguments: [
    ("call foo", "x86"), ("jmp foo@PLT", "a tail call through the linkage table"), ("bl\tfoo", "arm"),
    ("bleq foo", "arm, conditional"), ("brasl %r14,foo", "s390"), ("jg\tfoo", "s390"), ("jal ra, foo", "riscv"),
    ("tail foo", "riscv"), ("jal\tfoo", "mips"), ("bl .foo", "powerpc"), ("bl\tCFUNC(foo)", "powerpc"),
    ("bl DOTSYM(foo)", "powerpc"), ("bne-\tfoo", "powerpc"), ("jsr $26, foo", "alpha"),
    ("bne $1,foo\t!samegp", "alpha"), ("BL foo, %r2", "parisc"),
    ("b,l foo,%rp", "parisc"), ("br.call.sptk.many rp=foo", "ia64"), ("call foo, 0", "sparc"), ("bl  @foo", "arc"),
    ("cbz x0, foo", "arm64"), ("bra.l foo", "m68k"), ("l.jal foo", "openrisc"), ("call0 foo # words, too", "xtensa"),
    ("1:\tcall foo", "behind a label"), ("nop; call foo; nop", "between others"),
    ("ALTERNATIVE \"\", \"jmp foo\", X86_FEATURE_X", "patched in"), ("bl foo @ words", "a comment of arm"),
    ("call foo /* words */", "a comment of C"), ("beqz a0, foo", "riscv"),
  ])
  func callsOfAllMachinesAreSeen(line: String, why: String) {
    #expect(Self.names("\t\(line)\n") == ["foo"], "\(why)")
  }

  @Test(arguments: [
    "# call foo", "// call foo", "/* call foo\n call foo */ nop", "@ bl foo", "mov foo, %rax", "call *foo(%rip)",
    "call *%rax", "blr x16", "br x16", "jmp 1f", "jmp .Lfoo", "b foo is said", "lea foo(%rip), %rdi", ".quad foo",
    "bl other // foo", "bl other @ foo, foo", "ldr x0, =foo", "cbz x0, 1f", "foo: nop", "jmp *foo",
    ".ascii \"call foo\"", "#error call foo", "bic r0, r0, foo",
  ])
  func whatIsNoCallIsNot(line: String) {
    #expect(!Self.names("\t\(line)\n").contains("foo"))
    #expect(Self.names("\t\(line)\n").allSatisfy { $0 == "other" })
  }

  @Test func jumpsToTheFilesOwnLabelsAreNone() {
    #expect(Self.names("SYM_FUNC_START(f)\nagain:\n\tjne again\n\tjmp f\n\tjmp g\nSYM_FUNC_END(f)\n") == ["f", "g"])
    #expect(Self.names(".globl again\nagain:\n\tjne again\n") == ["again"])
  }

  @Test func macrosMakeNames() throws {
    let text = """
      .macro handler el:req, kind:req, label=one
      SYM_CODE_START_LOCAL(el\\el\\()_\\label)
      \tbl\tel\\el\\()\\kind\\()_\\label\\()_handler
      \tb\tleave
      SYM_CODE_END(el\\el\\()_\\label)
      .endm
      .macro outer func
      \tinner \\func
      .endm
      .macro inner func
      \tcall \\func
      .endm
      \thandler 1, t, two
      \thandler 0, kind=h
      SYM_FUNC_START(here)
      \touter deep
      SYM_FUNC_END(here)

      """
    let found = AssemblyText(Array(text.utf8))
    #expect(
      found.uses.map { "\($0.line) \($0.name) \($0.via)" } == [
        "4 leave b", "13 el1t_two_handler handler", "14 el0h_one_handler handler", "16 deep inner",
      ])
    #expect(
      found.uses.map(\.scope) == [
        .macro(name: "handler", line: 1), .made(name: "el1_two"), .made(name: "el0_one"), .symbol,
      ])
    #expect(found.ends.map(\.line) == [17])
  }

  @Test func definesHoldWhatStandsBehindThem() {
    let text = "#define LEAVE(x)\t\\\n\tmov x, y;\t\\\n\tbl gone\nEXPORT_SYMBOL_GPL(memset)\n\tbl next\n"
    let found = AssemblyText(Array(text.utf8)).uses
    #expect(found.map(\.name) == ["gone", "memset", "next"])
    #expect(found.map(\.scope) == [.macro(name: "LEAVE", line: 1), .file, .symbol])
    #expect(found.map(\.kind) == [.assembly, .export, .assembly])
  }

  @Test func macrosThatCallThemselvesEnd() {
    let text =
      ".macro ring x\n\tring \\x\\x\n\tcall \\x\n.endm\n\tring a\n.macro a x\n\tb \\x\n\tb1 \\x\n.endm\n.macro b1 x\n\ta \\x\n.endm\n\ta z\n"
    #expect(Self.names(text).contains("a") && Self.names(text).contains("z"))
    #expect(Self.names("\\\n.macro\n.endm\n.macro x\ncall \\\n\"") == [])
  }
}
