// SPDX-License-Identifier: Apache-2.0
import Chunking
import Glossary
import Testing

/// One test for each language but C: what it defines, and where.
struct LanguageTests {
  @Test func rust() throws {
    let text = """
      //! A crate.
      use kernel::prelude::*;
      /// A box.
      pub struct Crate<T> { x: T }
      impl<T> Crate<T> {
          /// Opens.
          pub fn open(&self) -> u32 { 1 }
      }
      enum Side { Left, Right(u8) }
      trait Opens { fn try_open(); }
      macro_rules! crate_of { () => {} }
      static COUNT: u8 = 1;
      """
    #expect(
      Analysis.definitions(text, .rust) == [
        "struct Crate 4", "impl Crate 5", "function open 7", "enum Side 9", "enumerator Left 9", "enumerator Right 9",
        "trait Opens 10", "function try_open 10", "macro crate_of 11", "variable COUNT 12",
      ])
    #expect(Analysis.slice(text, try Analysis.definition("open", text, .rust).signature) == "pub fn open(&self) -> u32")
  }

  @Test func python() {
    let text = "X = 1\n@deco\ndef f(a):\n    return a\nclass K:\n    def m(self):\n        pass\n"
    #expect(
      Analysis.definitions(text, .python) == ["variable X 1", "function f 3", "type K 5", "function m 6"])
  }

  @Test func shellBySuffixAndByFirstLine() {
    #expect(Analysis.definitions("f() {\n:\n}\nfunction g {\n:\n}\n", .shell) == ["function f 1", "function g 4"])
    let script = Analysis.of("#!/usr/bin/env bash\nf() {\n:\n}\n", .unknown)
    #expect(script.language == .shell)
    #expect(script.chunks.flatMap(\.definitions).map(\.name) == ["f"])
    #expect(Analysis.of("#!/usr/bin/python3 -u\n", .unknown).language == .python)
    #expect(Analysis.of("#! /usr/bin/perl\n", .unknown).language == .perl)
    #expect(Analysis.of("plain words\n", .unknown).language == .text)
  }

  @Test func make() {
    let text = """
      # Boxes.
      obj-$(CONFIG_BOX) += box.o
      box-y := a.o \\
      	 b.o
      export KBUILD_X ?= 1
      all: box
      	cc -DA=1 -o $@
      $(obj)/x: y
      define rule
      	z = 1
      endef
      """
    #expect(
      Analysis.definitions(text, .make) == [
        "variable box-y 3", "variable KBUILD_X 5", "target all 6", "macro rule 9",
      ])
  }

  @Test func kconfig() {
    let text = """
      menu "Boxes"
      config BOX
      	tristate "Box support"
      	help
      	  Says what a box is.
      menuconfig CRATES
      	bool "Crates"
      choice
      	prompt "Which lid"
      config LID_A
      	bool "a"
      endchoice
      endmenu
      """
    #expect(
      Analysis.definitions(text, .kconfig) == [
        "section Boxes 1", "config BOX 2", "config CRATES 6", "section Which lid 9", "config LID_A 10",
      ])
  }

  @Test func devicetree() {
    let text = """
      /dts-v1/;
      #define LINE 3
      / {
      	soc {
      		uart0: serial@1000 {
      			reg = <0x1000>;
      		};
      	};
      };
      &uart0 {
      	status = "okay";
      };
      """
    #expect(Analysis.definitions(text, .devicetree) == ["macro LINE 2", "node uart0 5"])
  }

  @Test func assembly() throws {
    let text = """
      #define OFFSET 8
      /* Copies. */
      SYM_FUNC_START(copy_box)
      	ret
      SYM_FUNC_END(copy_box)
      SYM_INNER_LABEL(copy_inner, SYM_L_GLOBAL)
      	.globl	start, other
      start:
      local:
      	nop
      .macro SAVE reg
      .endm
      ENTRY(old_style)
      """
    #expect(
      Analysis.definitions(text, .assembly) == [
        "macro OFFSET 1", "function copy_box 3", "label copy_inner 6", "label start 8", "macro SAVE 11",
        "function old_style 13",
      ])
    #expect(
      Analysis.slice(text, try Analysis.definition("copy_box", text, .assembly).signature)
        == "SYM_FUNC_START(copy_box)")
  }

  @Test func restructuredText() {
    let text = """
      =========
      The boxes
      =========

      Words, and a table:

      ====  ====
      a     b
      ====  ====

      Lids
      ----

      .. note::
      """
    #expect(Analysis.definitions(text, .restructuredText) == ["section The boxes 2", "section Lids 11"])
  }

  @Test func markdownOutsideFences() {
    let text = "# One\n\n```\n# not\n```\n\nTwo\n---\n\n### Three\n"
    #expect(Analysis.definitions(text, .markdown) == ["section One 1", "section Two 7", "section Three 10"])
  }

  @Test func yamlBindingsByTitle() {
    let text = "%YAML 1.2\n---\n$id: x\ntitle: A box of things\nproperties:\n  reg:\n    maxItems: 1\n"
    #expect(Analysis.definitions(text, .yaml) == ["section A box of things 4"])
  }

  @Test func maintainers() {
    let text = """
      List of maintainers
      ===================

      	M: Mail patches to

      BOX DRIVER (AND LIDS)
      M:	A Person <a@example.org>
      F:	drivers/box/

      CRATES
      L:	list@example.org
      """
    #expect(
      Analysis.definitions(text, .maintainers) == ["section BOX DRIVER (AND LIDS) 6", "section CRATES 10"])
    #expect(
      Analysis.layout(text, .maintainers).suffix(2) == ["6-9 section BOX DRIVER (AND LIDS)", "10-11 section CRATES"])
  }

  @Test func perlAndLinkerScripts() {
    #expect(Analysis.definitions("sub f {\n1;\n}\nsub g($x)\n{\n}\n", .perl) == ["function f 1", "function g 4"])
    #expect(Analysis.definitions("#define A(x) \\\n  x\nSECTIONS\n", .linkerScript) == ["macro A 1"])
  }
}

/// What build files, lists of maintainers and documents say of other files.
struct RelationTests {
  private func relations(_ text: String, _ language: Language) -> [String] {
    Analysis.of(text, language).chunks.flatMap(\.bindings).map { "\($0.field) \($0.target) \($0.line)" }
  }

  @Test func objectsOfMakefiles() {
    let text = """
      # obj-y += no.o
      obj-$(CONFIG_A) += a.o b/ # c.o
      a-y := one.o \\
      \ttwo.o
      a-$(CONFIG_B)\t+= three.o
      ccflags-y += -I$(src)/x/
      a-objs=four.o
      all: five.o
      \tsix-y = six.o

      """
    #expect(
      relations(text, .make) == [
        "obj-$(CONFIG_A) a.o 2", "obj-$(CONFIG_A) b/ 2", "a-y one.o 3", "a-y two.o 4", "a-$(CONFIG_B) three.o 5",
        "a-objs four.o 7",
      ])
  }

  @Test func patternsOfMaintainers() {
    let text = "POTS\nM:\tA. Potter <a@example.org>\nF:\tpots/\nX:\tpots/lid.c\nK:\tpot\n"
    #expect(relations(text, .maintainers) == ["F pots/ 3", "X pots/lid.c 4"])
  }

  @Test func pathsInDocuments() {
    let text =
      "Pots\n====\n\nSee lib/pot.c, and include/linux/pot.h.\n\n.. kernel-doc:: mm/slab-pot.c\n   :internal:\n\na/b not.c\n"
    #expect(
      relations(text, .restructuredText) == ["path lib/pot.c 4", "path include/linux/pot.h 4", "path mm/slab-pot.c 6"])
  }
}
