// SPDX-License-Identifier: Apache-2.0
import Testing

/// The scanners that the other tests of this target lean on, held to samples.
@Suite struct CodeTextTests {
  @Test func commentsAndStringsAreBlankedAndCodeInsideInterpolationsIsNot() {
    let text = CodeText(
      ##"""
      let a = "try! \(f("}")) {" // try!
      /* { /* nested */ { */ let b = 1
      let c = """
        func no() {
        """
      let d = #"\(e) \#(g)"#
      """##)
    #expect(
      text.codeLines == [
        #"let a = "      (f(" "))  "        "#,
        "                       let b = 1",
        #"let c = """"#,
        "             ",
        #"  """"#,
        ##"let d = #"       (g)"#"##,
      ])
  }

  @Test func cCharactersAreBlanked() {
    #expect(CodeText(#"char a = '"', b = '\''; int c;"#, syntax: .c).codeLines == ["char a = ' ', b = '  '; int c;"])
  }

  @Test func functionsAreMeasuredFromFirstWordToClosingBrace() {
    let text = CodeText(
      """
      protocol P {
        func required() throws -> Int
        var value: Int { get }
      }
      struct S {
        init(
          a: Int = { 3 }()
        ) {
          self.init(a)
        }
        func outer() -> String {
          func inner() {
          }
          return "}"
        }
        var stored = 1
        var computed: Int {
          1
        }
        subscript(index: Int) -> Int { index }
      }
      """)
    #expect(
      text.swiftFunctions() == [
        FunctionSpan(name: "value", line: 3, lineCount: 1), FunctionSpan(name: "init", line: 6, lineCount: 5),
        FunctionSpan(name: "outer", line: 11, lineCount: 5), FunctionSpan(name: "inner", line: 12, lineCount: 2),
        FunctionSpan(name: "computed", line: 17, lineCount: 3), FunctionSpan(name: "subscript", line: 20, lineCount: 1),
      ])
  }

  @Test func cFunctionsAreTheBracesAfterAParenthesis() {
    let text = CodeText(
      """
      struct s { int a; };
      static int f(void)
      {
        if (1) { return '{'; }
        return 0;
      }
      """, syntax: .c)
    #expect(text.cFunctions() == [FunctionSpan(name: "", line: 3, lineCount: 4)])
  }

  @Test func importsAreFoundWithAnyAccessAndKind() {
    let text = CodeText(
      """
      package import Glossary
      @preconcurrency import GRDB
      import struct Foundation.Data
      // import Commented
      """)
    #expect(text.imports().map(\.module) == ["Glossary", "GRDB", "Foundation"])
    #expect(text.imports().map(\.line) == [1, 2, 3])
  }

  @Test func typeNamesAreThoseDeclaredOrExtended() {
    let text = CodeText("package final class A: B {}\nextension C.D {}\nfunc f(_ type: E.Type) {}\nclass func g() {}")
    #expect(text.typeNames() == ["A", "C.D"])
  }

  @Test func undocumentedDeclarationsAreTypesFunctionsAndComputedProperties() {
    let text = CodeText(
      """
      package struct Bare {
        package var stored: Int
        package var computed: Int {
          1
        }
        package init() {}
        /// Says why.
        @inlinable
        package func explained() {
        }
        package static func bare() {
        }
        package func onOneLine() {}
        package static func < (left: Bare, right: Bare) -> Bool { false }
        package var description: String { "" }
        func internalOne() {}
      }
      """)
    #expect(text.undocumentedDeclarations() == [1, 3, 11])
  }

  @Test func anExplanationStandsOnTheLineOrRightBesideIt() {
    let text = CodeText(
      """
      a() // because it must
      // It holds because
      // the lock is taken.
      b()
      let because = c()
      d()
      // Below, because there is no room above.
      """)
    let explained = text.lines.indices.filter { text.isExplained(line: $0, by: "because") }
    #expect(explained == [0, 1, 2, 3, 5, 6])
  }
}
