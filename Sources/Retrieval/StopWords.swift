// SPDX-License-Identifier: Apache-2.0

/// Words of a question that say how it is asked, not what about. Stems, as `TermAnalyzer` gives them.
enum StopWords {
  static let english: Set<String> = Set(
    """
    a about across after again all also am an and ani anoth any are as at away back be becaus becom been befor behind \
    below between both but by call came can come could current describ did differ do doc doe does done down dure each \
    either els etc even ever everi exist explain few file files find first for from get give given goe gone ha had happen \
    has have he help her here hold how i if in insid instead into is it itself just keep know let lie like linux live \
    locat look made main make mani me more most much must my name need new next no not noth now of off often old on onc \
    one onli onto or other our out over own part path pleas possibl put rather same say see sever shall she should show \
    sinc so some someth sourc still such take tell than that the their them then there these they thing this those \
    through to togeth too toward tree two under until up upon us use user want was way we well were what when where \
    whether which while who whole whose why will with within without work would yet you your implement contain code \
    written find c work appear believ seem mechan relat featur directori folder pleas
    """.split(separator: " ").map(String.init))
}
