// SPDX-License-Identifier: Apache-2.0
import Glossary
import Testing

@Suite struct CommitTextTests {
  @Test func aMessageHasASubjectABodyAndTrailers() {
    let text = CommitText(
      "\n  fix it  \r\n\nFirst line\nand second.\n\nMore.\n\nFixes: abc (\"x\")\nSigned-off-by: A <a@b>\n")
    #expect(text.subject == "fix it")
    #expect(text.body == "First line\nand second.\n\nMore.")
    #expect(text.trailers == "Fixes: abc (\"x\")\nSigned-off-by: A <a@b>")
    #expect(text.firstParagraph == "First line and second.")
  }

  @Test(arguments: [
    ("", "", "", ""), ("only", "only", "", ""), ("a\nSee-also: b", "a", "See-also: b", ""),
    ("a\n\nSee-also: b", "a", "", "See-also: b"), ("a\n\nnote: b\nC: d", "a", "note: b\nC: d", ""),
  ])
  func oddMessages(message: String, subject: String, body: String, trailers: String) {
    let text = CommitText(message)
    #expect([text.subject, text.body, text.trailers] == [subject, body, trailers])
  }
}
