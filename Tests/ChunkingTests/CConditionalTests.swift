// SPDX-License-Identifier: Apache-2.0
import Glossary
import Testing

/// Conditionals, wherever they stand: both branches are seen, and nothing after them is lost.
struct CConditionalTests {
  @Test func bothBranchesDefine() {
    let text = """
      #ifdef CONFIG_A
      int f(int a)
      {
      	return a;
      }
      #else
      static inline int f(int a) { return 0; }
      #endif
      int after;
      """
    #expect(Analysis.definitions(text) == ["function f 2", "function f 7", "variable after 9"])
  }

  @Test func oneBodyUnderTwoHeaders() {
    let text = """
      #ifdef CONFIG_A
      int f(int a)
      #else
      int f(int a, int b)
      #endif
      {
      	return a;
      }
      int after;
      """
    #expect(Analysis.definitions(text) == ["function f 2", "function f 4", "variable after 9"])
  }

  @Test func twoOpeningBracesAndOneClosing() {
    let text = """
      #ifdef CONFIG_A
      int f(int a) {
      #else
      int g(int a) {
      #endif
      	return a;
      }
      int after;
      """
    #expect(Analysis.definitions(text) == ["function f 2", "function g 4", "variable after 8"])
  }

  @Test func bracesThatOnlyOneBranchCloses() {
    let text = """
      int f(int a)
      {
      #ifdef CONFIG_A
      	if (a) {
      #else
      	{
      #endif
      		a++;
      	}
      #ifdef CONFIG_B
      	while (a) {
      #endif
      		a--;
      #ifdef CONFIG_B
      	}
      #endif
      }
      int after(void)
      {
      }
      """
    #expect(Analysis.definitions(text) == ["function f 1", "function after 18"])
  }

  @Test func bracesWithoutMatchEndAtTheFirstColumn() {
    let text = """
      int f(int a)
      {
      	if (a) {
      		BEGIN_BLOCK
      }

      int after(void)
      {
      	return 0;
      }
      """
    #expect(Analysis.definitions(text) == ["function f 1", "function after 7"])
  }

  @Test func insideAnArgumentList() {
    let text = """
      int f(int a,
      #ifdef CONFIG_A
      	int b)
      #else
      	long b)
      #endif
      {
      	return a;
      }
      int after;
      """
    #expect(Analysis.definitions(text) == ["function f 1", "variable after 10"])
  }

  @Test func insideAnEnumAndAStruct() {
    let text = """
      enum e {
      	A,
      #ifdef CONFIG_A
      	B
      #else
      	C,
      #endif
      };
      struct s {
      #ifdef CONFIG_A
      	struct t { int x; } y;
      #else
      	struct u { int x; } y;
      #endif
      };
      """
    #expect(
      Analysis.definitions(text) == [
        "enum e 1", "enumerator A 2", "enumerator B 4", "enumerator C 6", "struct s 9", "struct t 11", "struct u 13",
      ])
  }

  @Test func insideAnInitialiser() {
    let text = """
      static struct ops o = {
      #ifdef CONFIG_A
      	.run = run_a,
      #else
      	.run = run_b,
      #endif
      };
      int after;
      """
    #expect(Analysis.definitions(text) == ["variable o 1", "variable after 8"])
    #expect(Analysis.of(text, .c).chunks.flatMap(\.bindings).map(\.target) == ["run_a", "run_b"])
  }

  @Test func linkageBlocks() {
    let text = """
      #ifdef __cplusplus
      extern "C" {
      #endif
      struct s { int x; };
      static inline int f(void) { return 0; }
      #ifdef __cplusplus
      }
      #endif
      """
    #expect(Analysis.definitions(text) == ["struct s 4", "function f 5"])
  }
}
