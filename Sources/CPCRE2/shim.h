// SPDX-License-Identifier: Apache-2.0
// PCRE2 over bytes; its constants that Swift cannot read as macros.
#ifndef NENRIN_CPCRE2_SHIM_H
#define NENRIN_CPCRE2_SHIM_H
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static const uint32_t nenrin_pcre2_multiline = PCRE2_MULTILINE;
static const uint32_t nenrin_pcre2_caseless = PCRE2_CASELESS;
static const uint32_t nenrin_pcre2_never_utf = PCRE2_NEVER_UTF;
static const uint32_t nenrin_pcre2_jit_complete = PCRE2_JIT_COMPLETE;
#endif
