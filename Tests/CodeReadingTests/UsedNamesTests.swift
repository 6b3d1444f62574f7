// SPDX-License-Identifier: Apache-2.0
import CodeReading
import Glossary
import Testing

@Suite struct UsedNamesTests {
  private static let source = """
    #include "ops.h"
    #define READ_ONE(f) read_one(f)
    /* spoken(1) in a comment */
    static int local(int shadow);
    static int step(int shadow, struct ops *o)
    {
    \tint mine = 1;
    \tchar *s = "quoted(2)";
    \to->member = assigned;
    \tuse(shadow, mine, address);
    #ifdef CONFIG_A
    \tif (first(1)) {
    #else
    \tif (second(2)) {
    #endif
    \t\treturn o->called(3) + o->plain;
    \t}
    \treturn 0;
    }
    static const struct ops table = {
    \t.read = bound,
    };
    EXPORT_SYMBOL_GPL(exported);
    module_init(registered);

    """

  private static func fingerprints(_ text: String) -> [UInt16] {
    Array(text.utf8).withUnsafeBytes { UsedNames.fingerprints(in: $0, language: .c) ?? [] }
  }

  private static func holds(_ name: String, _ found: [UInt16]) -> Bool {
    found.contains(UsedNames.fingerprint(of: name, as: .call))
      || found.contains(UsedNames.fingerprint(of: name, as: .mention))
  }

  @Test(arguments: [
    "read_one", "use", "address", "assigned", "first", "second", "bound", "EXPORT_SYMBOL_GPL", "exported",
    "module_init",
    "registered",
  ])
  func whatIsUsedIsFound(name: String) {
    #expect(Self.holds(name, Self.fingerprints(Self.source)))
    #expect(!CodeText(Array(Self.source.utf8)).uses(of: [name]).isEmpty)
  }

  @Test(arguments: ["spoken", "quoted", "step", "shadow", "mine", "member", "called", "plain", "read", "local", "ops"])
  func whatIsOnlySpokenOfIsNot(name: String) {
    #expect(!Self.holds(name, Self.fingerprints(Self.source)))
    #expect(CodeText(Array(Self.source.utf8)).uses(of: [name]).isEmpty)
  }

  @Test func callsThroughFieldsAreToldFromCalls() {
    let found = Self.fingerprints(Self.source)
    #expect(found.contains(UsedNames.fingerprint(of: "called", as: .field)))
    #expect(!found.contains(UsedNames.fingerprint(of: "plain", as: .field)))
    #expect(!found.contains(UsedNames.fingerprint(of: "use", as: .field)))
  }

  /// What is left out here is never read: for every name of any text, cut anywhere, the reading finds no more.
  @Test func noUseIsLeftOut() {
    let bytes = Array((Self.source + "\n#define OPEN {\nint odd(\n#if A\n{\n\"\nx(1)\n'").utf8)
    let names = Set(bytes.split { !CodeName.holds($0) }.map { String(decoding: $0, as: UTF8.self) })
    for end in stride(from: 0, through: bytes.count, by: 7) {
      let text = CodeText(Array(bytes[..<end]))
      let found = text.bytes.withUnsafeBytes { UsedNames.fingerprints(in: $0, language: .c) ?? [] }
      for name in names {
        if !text.uses(of: [name]).isEmpty { #expect(Self.holds(name, found), "\(name) at \(end)") }
        if !text.calls(throughField: name).isEmpty {
          #expect(found.contains(UsedNames.fingerprint(of: name, as: .field)), "->\(name) at \(end)")
        }
      }
    }
  }

  /// They are stored: another value needs another version.
  @Test func fingerprintsStayAsTheyAre() {
    #expect(UsedNames.version == 1)
    #expect(
      [UsedNames.fingerprint(of: "kfree", as: .call), UsedNames.fingerprint(of: "kfree", as: .field)] == [60600, 52870])
    #expect(Self.fingerprints("int f(int x)\n{\n\tb();\n\ta();\n\tb();\n}\n").count == 2)
    #expect(Self.fingerprints("").isEmpty)
  }
}
