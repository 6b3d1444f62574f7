; SPDX-License-Identifier: Apache-2.0
; Menus and choices are sections, which are taken apart into what they hold.
(config name: (name) @name) @config
(menuconfig name: (name) @name) @config
(menu name: (string (string_content) @name)) @section
(choice (input_prompt (string (string_content) @name))) @section
