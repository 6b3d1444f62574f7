// SPDX-License-Identifier: Apache-2.0
// libgit2 as Swift can call it, its variadic option setter wrapped; and zlib, which git's objects are packed with.
#ifndef NENRIN_CLIBGIT2_SHIM_H
#define NENRIN_CLIBGIT2_SHIM_H
#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <zlib.h>

/// Turns the owner check of `git_repository_open` on (1) or off (0).
static inline int nenrin_git_set_owner_validation(int enabled) {
  return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

/// Bounds libgit2's object cache, in bytes, for the whole process.
static inline int nenrin_git_set_cache_max_size(ssize_t bytes) {
  return git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, bytes);
}

/// Bounds how much of the packs is mapped at once: one window, and all windows of the process together, in bytes.
static inline int nenrin_git_set_mapped_windows(size_t window, size_t all) {
  int status = git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, window);
  return status < 0 ? status : git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, all);
}

/// Turns on the SHA-1 check of every object that is read (1, the default) or off (0).
static inline int nenrin_git_set_strict_hash_verification(int enabled) {
  return git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, enabled);
}

/// Makes libgit2 open repositories with these `extensions.*` (lower case) besides those it knows.
static inline int nenrin_git_set_extensions(const char **names, size_t count) {
  return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, count);
}

/// Makes libgit2 look for configuration of one level (`git_config_level_t`) in these folders, separated by `:`.
static inline int nenrin_git_set_search_path(int level, const char *path) {
  return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}

/// Makes libgit2 flush packs and references to the disk as it writes them (1) or leave that to the system (0).
static inline int nenrin_git_set_fsync(int enabled) {
  return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, enabled);
}
#endif
