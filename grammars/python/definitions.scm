; SPDX-License-Identifier: Apache-2.0
(function_definition name: (identifier) @name body: (block) @body) @function
(class_definition name: (identifier) @name body: (block) @body) @type
(module (expression_statement (assignment left: (identifier) @name right: (_) @body)) @variable)
