// SPDX-License-Identifier: Apache-2.0
import Chunking
import Glossary
import Testing

/// What counts as a definition in C, and where its name stands.
struct CDefinitionTests {
  @Test func functionsOfEveryShape() {
    let text = """
      static int one(void) { return 1; }
      struct box *two(struct box *b)
      {
      	return b;
      }
      unsigned long __init
      three(int a,
            int b)
      {
      }
      void (*four(int signal, void (*handler)(int)))(int)
      {
      }
      static __always_inline __must_check bool five(u8 __user *from) __acquires(lock)
      {
      }
      int prototype(int a);
      extern int outside(void);
      UNKNOWN_ATTRIBUTE static noinline int six(void) UNKNOWN_TOO(x)
      {
      }
      """
    #expect(
      Analysis.definitions(text) == [
        "function one 1", "function two 2", "function three 7", "function four 11", "function five 14",
        "function six 19",
      ])
  }

  @Test func typesWithABodyOnly() {
    let text = """
      struct forward;
      struct outer {
      	int member;
      	struct inner { int deep; } in;
      	union { int a; long b; };
      	struct forward *f;
      } __packed;
      union either { int a; float b; };
      enum colour { RED, GREEN = 1 << 2, BLUE, };
      typedef struct { int x; } point_t;
      typedef int (*handler_t)(struct outer *o, int code);
      typedef u32 register_t[4];
      typedef int (grouped_t)(int a);
      """
    #expect(
      Analysis.definitions(text) == [
        "struct outer 2", "struct inner 4", "union either 8", "enum colour 9", "enumerator RED 9",
        "enumerator GREEN 9", "enumerator BLUE 9", "typedef point_t 10", "typedef handler_t 11",
        "typedef register_t 12", "typedef grouped_t 13",
      ])
  }

  @Test func variablesAreDefinitionsNotDeclarations() {
    let text = """
      int count;
      static struct box boxes[3], *last = &boxes[2];
      extern int elsewhere;
      const char *names[] __initconst = { "a", "b" };
      int (*callback)(int);
      """
    #expect(
      Analysis.definitions(text) == [
        "variable count 1", "variable boxes 2", "variable last 2", "variable names 4", "variable callback 5",
      ])
  }

  @Test func macros() throws {
    let text = """
      #ifndef _GUARD_H
      #define _GUARD_H
      # define TWICE(x) \\
      	((x) * 2)
      int f(void)
      {
      #define LOCAL 3
      	return LOCAL;
      }
      #endif
      """
    #expect(
      Analysis.definitions(text) == ["macro _GUARD_H 2", "macro TWICE 3", "function f 5", "macro LOCAL 7"])
    #expect(Analysis.slice(text, try Analysis.definition("TWICE", text).signature) == "TWICE(x)")
  }

  @Test func systemCallsAndOtherMacrosThatDefine() throws {
    let text = """
      SYSCALL_DEFINE3(openat2, int, dfd, const char __user *, name,
      		struct open_how __user *, how)
      {
      	return 0;
      }
      COMPAT_SYSCALL_DEFINE1(ping, int, x) { return x; }
      BPF_CALL_2(bpf_pong, u64, a, u64, b)
      {
      	return a + b;
      }
      TRACE_EVENT(box_open,
      	TP_PROTO(struct box *b),
      	TP_fast_assign(__entry->b = b; if (b) { __entry->n++; }),
      	TP_printk("%p", __entry->b)
      );
      DEFINE_EVENT(box_template, box_close, TP_PROTO(struct box *b), TP_ARGS(b));
      static DEFINE_PER_CPU(struct box, cpu_box) = { .n = 1 };
      static DEFINE_MUTEX(box_lock);
      LIST_HEAD(all_boxes);
      DEFINE_SHOW_ATTRIBUTE(box);
      DEFINE_IDTENTRY(exc_box)
      {
      }
      module_init(box_init);
      MODULE_LICENSE("GPL")
      int after(void)
      {
      }
      """
    #expect(
      Analysis.definitions(text) == [
        "syscall openat2 1", "syscall ping 6", "function bpf_pong 7", "tracepoint box_open 11",
        "tracepoint box_close 16", "variable cpu_box 17", "variable box_lock 18", "variable all_boxes 19",
        "variable box_fops 20", "function exc_box 21", "function after 26",
      ])
    let call = try Analysis.definition("openat2", text)
    #expect(
      Analysis.slice(text, call.signature)
        == "SYSCALL_DEFINE3(openat2, int, dfd, const char __user *, name,\n\t\tstruct open_how __user *, how)")
  }

  @Test func familiesOfMacrosThatDefine() {
    let text = """
      DECLARE_EVENT_CLASS_BOXSTAT(box_stat, TP_PROTO(int a));
      DEFINE_EVENT_BOXSTAT(box_stat, box_wait, TP_PROTO(int a));
      DEFINE_BOX_EVENT(box_shut);
      DEFINE_OTHER(not_known);
      """
    #expect(
      Analysis.definitions(text) == ["tracepoint box_stat 1", "tracepoint box_wait 2", "tracepoint box_shut 3"])
  }

  @Test func signatureRunsFromTheTypeToTheClosingParenthesis() throws {
    let text = """
      /* Opens. */
      static __init const struct box *
      box_open(struct box *b, /* where */
      	 int (*f)(int))
      	__must_hold(lock)
      {
      }
      """
    let definition = try Analysis.definition("box_open", text)
    #expect(definition.line == 3)
    #expect(definition.isStatic)
    #expect(
      Analysis.slice(text, definition.signature)
        == "static __init const struct box *\nbox_open(struct box *b, /* where */\n\t int (*f)(int))")
  }

  @Test func exportsMarkWhatTheyName() throws {
    let text = """
      int shared(void) { return 0; }
      EXPORT_SYMBOL_GPL(shared);
      static int own(void) { return 0; }
      int table[2];
      EXPORT_SYMBOL_NS(table, BOX);
      """
    #expect(try Analysis.definition("shared", text).isExported)
    #expect(try !Analysis.definition("own", text).isExported)
    #expect(try Analysis.definition("table", text).isExported)
    #expect(Analysis.definitions(text).count == 3)
  }

  @Test func designatedInitialisersBind() {
    let text = """
      static const struct file_operations box_fops = {
      	.owner	= THIS_MODULE,
      	.open	= box_open,
      	.read	= &box_read,
      	.count	= 3,
      	.llseek = noop_llseek
      };
      static struct driver d[] = { [0] = { .name = "x", .ops = { .probe = d_probe, }, .flag = true }, };
      static int f(void) { struct ops local = { .run = not_bound }; return 0; }
      """
    let bindings = Analysis.of(text, .c).chunks.flatMap(\.bindings)
    #expect(
      bindings == [
        Binding(field: "open", target: "box_open", line: 3), Binding(field: "read", target: "box_read", line: 4),
        Binding(field: "llseek", target: "noop_llseek", line: 6), Binding(field: "probe", target: "d_probe", line: 8),
      ])
  }

  @Test func sectionsOfDocumentation() {
    let text = """
      // SPDX-License-Identifier: GPL-2.0
      #include <linux/box.h>

      /**
       * DOC: How boxes work
       *
       * They hold things.
       */
      """
    #expect(Analysis.definitions(text) == ["section How boxes work 5"])
  }

  @Test func namesInTextAndInDisabledCodeAreNone() {
    let text = """
      /* int commented(void) { } */
      static const char *s = "int quoted(void) { }";
      #if 0
      int disabled(void) { }
      it's prose, even
      #else
      int enabled(void) { }
      #endif
      """
    #expect(Analysis.definitions(text) == ["variable s 2", "function enabled 7"])
  }
}
