// SPDX-License-Identifier: Apache-2.0
// zlib, which commit messages are kept with.
#ifndef NENRIN_CZLIB_SHIM_H
#define NENRIN_CZLIB_SHIM_H
#include <zlib.h>
#endif
