; SPDX-License-Identifier: Apache-2.0
; What defines a name in Rust. A capture is named as the kind it defines; @name names it, @body is what the signature
; does not hold.
(function_item name: (identifier) @name body: (block) @body) @function
(function_signature_item name: (identifier) @name) @function
(struct_item name: (type_identifier) @name body: (_)? @body) @struct
(union_item name: (type_identifier) @name body: (_)? @body) @union
(enum_item name: (type_identifier) @name body: (_)? @body) @enum
(enum_variant name: (identifier) @name) @enumerator
(trait_item name: (type_identifier) @name body: (_) @body) @trait
(impl_item type: (type_identifier) @name body: (_) @body) @impl
(impl_item type: (generic_type type: (type_identifier) @name) body: (_) @body) @impl
(impl_item type: (scoped_type_identifier name: (type_identifier) @name) body: (_) @body) @impl
(macro_definition name: (identifier) @name) @macro
(type_item name: (type_identifier) @name) @typedef
(const_item name: (identifier) @name) @variable
(static_item name: (identifier) @name) @variable
(mod_item name: (identifier) @name body: (_) @body) @section
