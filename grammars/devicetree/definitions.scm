; SPDX-License-Identifier: Apache-2.0
; A label is what other nodes refer to. A node without one, or that another file defined (&label), is a unit of text.
(node label: (identifier) @name) @node
(document (node !label name: (_) @name) @unit.node)
(preproc_def name: (identifier) @name) @macro
(preproc_function_def name: (identifier) @name) @macro
