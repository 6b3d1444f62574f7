// SPDX-License-Identifier: Apache-2.0
// libgit2 as Swift can call it: its variadic option setter is wrapped here.
#ifndef NENRIN_CLIBGIT2_SHIM_H
#define NENRIN_CLIBGIT2_SHIM_H
#include <git2.h>
#include <git2/sys/repository.h>

/// Turns the owner check of `git_repository_open` on (1) or off (0).
static inline int nenrin_git_set_owner_validation(int enabled) {
  return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

/// Bounds libgit2's object cache, in bytes, for the whole process.
static inline int nenrin_git_set_cache_max_size(ssize_t bytes) {
  return git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, bytes);
}

/// Turns on the SHA-1 check of every object that is read (1, the default) or off (0).
static inline int nenrin_git_set_strict_hash_verification(int enabled) {
  return git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, enabled);
}
#endif
