// SPDX-License-Identifier: Apache-2.0

/// How a name is used where it is not called by its name.
package enum NameUseKind: String, Sendable, CaseIterable {
  /// `name(…)`, in a function, a macro or an initialiser.
  case call
  /// The value of a designated field of a table: `.read = name`.
  case table
  /// Its address in an expression: an argument, an assignment, an element of an array.
  case address
  /// `EXPORT_SYMBOL(name)` and its kin.
  case export
  /// The argument of a macro outside all functions: `module_init(name)`.
  case registration
  /// The callee of `call` or the like in assembly.
  case assembly
  /// A call through a field, `->read(…)`, that a table lets reach it.
  case possible

  /// The name in JSON and for a person.
  package var name: String { rawValue }
}
