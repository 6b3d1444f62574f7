// SPDX-License-Identifier: Apache-2.0

/// The program's version, as `nenrin --version` prints it and CHANGELOG.md tells its story.
let programVersion = "0.1.0"
