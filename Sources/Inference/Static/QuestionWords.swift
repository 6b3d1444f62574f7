// SPDX-License-Identifier: Apache-2.0

/// English words that say how something is asked, not what about: questions are embedded without them.
enum QuestionWords {
  static let all: Set<String> = Set(
    """
    about across after again all also am an and any are as at away back be because been before behind below between \
    both but by call came can come could current describe did do does doing done down each else etc even ever every \
    exist exists explain few file files find first for from get give given go goes had happen happens has have he \
    help her here hold holds how if in instead into is it its itself just keep kept know let like linux live lives \
    located look made main make makes me more most much must my name need needs new next no not now of off often old \
    on once one ones only onto or other our out over own part path please put rather same say says see several shall \
    she should show since so some something source still such take taken tell than that the their them then there \
    these they thing things this those through to together too toward towards tree two under until up upon us use \
    used uses using user want wants was way we well were what when where whether which while who whole whose why will \
    with within without work works would yet you your implement implements implemented implementation contain \
    contains containing code written appear appears believe believed seem seems related feature directory folder
    """.split(separator: " ").map(String.init))
}
