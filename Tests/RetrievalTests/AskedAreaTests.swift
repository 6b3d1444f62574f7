// SPDX-License-Identifier: Apache-2.0
import Glossary
import Testing

@testable import Retrieval

@Suite struct AskedAreaTests {
  @Test(arguments: [
    ("net: phy: marvell: fix the LED", [["net"], ["phy"], ["marvel"]]),
    ("[PATCH v2 3/7] drivers/net: say why", [["driver", "net"]]),
    ("mm/slub: do it", [["mm", "slub"]]),
    // A sentence with a colon names no area, and neither does a name of C++ or an address.
    ("when a task waits for a lock: who wakes it", []), ("std::vector grows", []), ("see http://x.org", []),
    ("no colon at all", []), (": nothing before it", []), ("", []),
  ]) func anAreaStandsBeforeItsColon(question: String, parts: [[String]]) {
    #expect(AskedArea(of: question).parts == parts)
  }

  @Test func pathsAreMeasuredByIt() {
    let area = AskedArea(of: "net: phy: marvell: fix the LED")
    #expect(area.share(in: TreePath(text: "drivers/net/phy/broadcom.c")) == Float(2) / 3)
    #expect(area.share(in: TreePath(text: "drivers/net/phy/marvell.c")) == 1)
    #expect(area.share(ofName: TreePath(text: "drivers/net/phy/marvell-phy-88.c")) == Float(2) / 3)
    #expect(area.isNamedByLast(TreePath(text: "marvell/marvell_hw.c")))
    #expect(!area.isNamedByLast(TreePath(text: "marvell/phy.c")))
    let none = AskedArea(of: "who wakes it")
    #expect(none.share(in: TreePath(text: "wakes/it.c")) == 0 && !none.isNamedByLast(TreePath(text: "it.c")))
  }
}
