// SPDX-License-Identifier: Apache-2.0
import Glossary
import Testing

/// The hashes of definitions: what leaves them, and what changes them. Their values are stored, so they are fixed.
struct CodeHashTests {
  private let text = "int f(int a)\n{\n\treturn a + 1; /* why */\n}\n"

  @Test func commentsAndSpaceLeaveThemAsTheyAre() throws {
    let other = "int  f( int a )\n{ // because\n  return a+1;\n\n}\n"
    let one = try Analysis.definition("f", text)
    let two = try Analysis.definition("f", other)
    #expect(one.signatureHash == two.signatureHash)
    #expect(one.bodyHash == two.bodyHash)
  }

  @Test func codeChangesThem() throws {
    let one = try Analysis.definition("f", text)
    let body = try Analysis.definition("f", text.replacing("+ 1", with: "+ 2"))
    #expect(one.signatureHash == body.signatureHash)
    #expect(one.bodyHash != body.bodyHash)
    let signature = try Analysis.definition("f", text.replacing("int a)", with: "long a)"))
    #expect(one.signatureHash != signature.signatureHash)
    #expect(one.bodyHash == signature.bodyHash)
  }

  @Test func wordsStayApartAndStringsStayWhole() throws {
    func hash(_ value: String) throws -> UInt64 { try Analysis.definition("M", "#define M \(value)\n").bodyHash }
    #expect(try hash("a b") != hash("ab"))
    #expect(try hash("a  +  b") == hash("a+b"))
    #expect(try hash("\"a  b\"") != hash("\"a b\""))
    #expect(try hash("\"/* no */\"") != hash("\"\""))
    #expect(try hash("a /* b */ c") == hash("a c"))
    #expect(try hash("a \\\n  c") == hash("a c"))
    #expect(try Analysis.definition("E", "#define E\n").bodyHash == 0)
  }

  @Test func theirValuesAreFixed() throws {
    let definition = try Analysis.definition("f", text)
    #expect(definition.signatureHash == 2_203_402_903)
    #expect(definition.bodyHash == 15_019_095_303_711_155_187)
  }
}
