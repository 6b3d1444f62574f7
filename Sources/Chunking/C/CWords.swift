// SPDX-License-Identifier: Apache-2.0

/// What a word does to the C statement it stands in. Words that no list names are plain: names and types.
enum CWord: UInt8 {
  case plain
  /// Says something of a declaration to sparse, the linker or the optimiser, and nothing to a reader: left out.
  case annotation
  /// The same, with an argument list where one follows.
  case annotationCall
  case `static`
  case extern
  case typedef
  case structure
  case union
  case enumeration
  /// A type that the language itself names: never the name of a function or a macro.
  case builtinType
  /// `typeof(…)`, which stands for a type.
  case typeOf
  case namespace
}

/// The words of C and of the kernel's dialect that the reader must know; everything else is learnt from the grammar.
enum CWords {
  /// Annotations that take no arguments. (A function's own argument list never follows them.)
  static let annotations = """
    __iomem __user __kernel __percpu __rcu __force __bitwise __bitwise__ __nocast __safe __private __guarded_by
    __init __exit __initdata __exitdata __initconst __exitconst __initdata_memblock __init_memblock __meminit
    __meminitdata __meminitconst __memexit __cpuinit __cpuexit __devinit __devexit __devinitdata __devinitconst
    __net_init __net_exit __net_initdata __ref __refdata __refconst __init_or_module __initdata_or_module
    __initconst_or_module __init_refok __head __init_or_acpilib __initdata_or_acpilib __init_or_cpufreq
    __must_check __always_inline __inline __inline__ inline __inline_maybe_unused noinline __noinline
    noinline_for_stack noinline_for_kasan noinline_for_tracing __noreturn __cold __hot __pure __attribute_const__
    __attribute_pure__ __weak __used __unused __maybe_unused __always_unused __visible __packed __deprecated
    __malloc __latent_entropy __no_sanitize_address __no_sanitize_undefined __no_sanitize_thread
    __no_sanitize_memory __no_sanitize_or_inline __no_kcsan __no_kasan_or_inline __no_kmsan_checks __nocfi
    __noscs __nostackprotector __no_profile __no_randomize_layout __randomize_layout __designated_init
    __disable_sanitizer_instrumentation __signed__ __extension__ __restrict __restrict__ restrict __volatile__
    notrace noinstr asmlinkage fastcall __kprobes nokprobe_inline __entry_text __irq_entry __softirq_entry
    __exception_irq_entry __lockfunc __sched __mm_cid __ro_after_init __read_mostly __cacheline_aligned
    __cacheline_aligned_in_smp ____cacheline_aligned ____cacheline_aligned_in_smp
    ____cacheline_internodealigned_in_smp __page_aligned_data __page_aligned_bss __ro_after_init_if_module
    __data_racy __counted_ptr __nosavedata __nonstring __gnu_inline __cpuidle __bpf_kfunc __bpf_hook_start
    __bpf_hook_end __ksym __kconfig __noclone __pgtable_init __efistub_global __efi_rt __noendbr __ibt_noseal
    __mips16e __mips_mt __nomips16 __flatten __cpuid __tracepoint_string __asmeq __init_fini __initcall_start
    __wake_up_fn __nosanitize __rtas_fn __emit_inst __nmi_stack __vdso __syscall_fn asmlinkage_protect
    __rte_always_inline __rte_cache_aligned ACPI_SYSTEM_XFACE ACPI_INTERNAL_VAR_XFACE ACPI_EXTERNAL_XFACE
    ACPI_INTERNAL_XFACE ACPI_UNUSED_VAR EXPORT_FOR_TESTS STATIC_IFN_KUNIT VISIBLE_IF_KUNIT INIT_OR_EXIT
    __CONST_IO __hyp_text __noinitretpoline __crypt_aligned __mutex_fastpath __flexarr __ALIGNED __INIT
    noinline_if_stackbloat __intel_pmu __no_caller_saved_registers __fortify_function __FORTIFY_INLINE
    __retain __zalloc_attr __overloadable __no_stack_protector __diagnose_as_builtin __waited __spu __arm_smccc
    __net_initconst __compat_packed __cpumask_var_read_mostly FORCE_INLINE_ATTR UNUSED_ATTR MEM_STATIC STATIC INIT
    __constructor __destructor __fallthrough __compiletime_object_size notrace_noinline __clocksource_read
    __uaccess_fn __uapi __ptr32 __jited WARN_UNUSED_RESULT register auto _Noreturn _Thread_local __thread
    """

  /// Annotations that take an argument list, which goes with them.
  static let annotationCalls = """
    __attribute__ __attribute __declspec __aligned __section __printf __scanf __alloc_size __assume_aligned
    __no_sanitize __acquires __releases __acquire __release __must_hold __cond_acquires __cond_lock __guarded
    __counted_by __counted_by_le __counted_by_be __sized_by __nonnull __returns_nonnull __malloc_like __cleanup
    __alias __weak_alias __compiletime_error __compiletime_warning __must_be_aligned __mode __target __optimize
    __error __warning __visible_in __attribute_format __format_arg __sentinel __no_context_analysis _Alignas
    alignas __rcu_access __bpf_md_ptr SEC __uint __bpf_prog_name __bpf_kfunc_flags ACPI_PRINTF_LIKE
    ACPI_DEPENDENT_RETURN __diag_ignore_all __arg_ctx_of __diag_push __diag_pop __diag_ignore __vdso_section
    __ADDRESSABLE_ASM PRINTF __bpf_ops __init_section PRINTF_FMT __printf_like KPROBE_ATTR __nocapture
    __copy __access __section_of __used_section __noreturn_if __user_section __nds32_section __crypto_section
    __ARM_ATTRIBUTE asm __asm__ __asm
    """

  static let classes: [(CWord, String)] = [
    (.annotation, annotations), (.annotationCall, annotationCalls),
    (.static, "static"), (.extern, "extern"), (.typedef, "typedef"), (.structure, "struct"), (.union, "union"),
    (.enumeration, "enum"), (.typeOf, "typeof __typeof__ __typeof typeof_unqual __auto_type_of"),
    (.namespace, "namespace"),
    (.builtinType, "void char short int long float double signed unsigned const volatile bool _Bool __signed"),
  ]

  static let table = WordTable(
    classes.flatMap { entry in
      entry.1.split(whereSeparator: \.isWhitespace).map {
        (String($0), entry.0.rawValue)
      }
    })
}

/// Words to small numbers by an open hash table over `CodeHash.word`, so that a reader looks a word up by bytes.
struct WordTable: Sendable {
  private let keys: [UInt64]
  private let values: [UInt8]
  private let mask: Int

  init(_ words: [(String, UInt8)]) {
    var size = 64
    while size < words.count * 4 { size *= 2 }
    var keys = [UInt64](repeating: 0, count: size)
    var values = [UInt8](repeating: 0, count: size)
    for (word, value) in words {
      var word = word
      let hash = word.withUTF8 { CodeHash.word($0.baseAddress!, 0..<$0.count) }
      var slot = Int(truncatingIfNeeded: hash) & (size - 1)
      while keys[slot] != 0, keys[slot] != hash { slot = (slot + 1) & (size - 1) }
      keys[slot] = hash
      values[slot] = value
    }
    self.keys = keys
    self.values = values
    mask = size - 1
  }

  /// The word's number; 0 for a word that is not in the table.
  @inline(__always) subscript(_ hash: UInt64) -> UInt8 {
    var slot = Int(truncatingIfNeeded: hash) & mask
    while keys[slot] != 0 {
      if keys[slot] == hash { return values[slot] }
      slot = (slot + 1) & mask
    }
    return 0
  }
}
