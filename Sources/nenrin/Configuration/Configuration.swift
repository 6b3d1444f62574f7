// SPDX-License-Identifier: Apache-2.0

/// What a person can set, with its defaults. The comments of the keys below are the text of docs/CONFIGURATION.md, and
/// `ConfigurationKey.all` says how each is read.
struct Configuration: Sendable {
  /// The HTTP server, `nenrin serve`.
  struct Server: Sendable {
    /// The address to listen on. `0.0.0.0` lets other machines in: set `api_keys` then.
    var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one and says which.
    var port = 8471
    /// What links begin with, where a browser or a container sees another address than the server does:
    /// `http://host.docker.internal:8471`. Empty means the address it listens on.
    var publicURL = ""
    /// Who may ask. Each entry is `env:NAME` (the key is the value of that environment variable) or `sha256:HEX` (the
    /// SHA-256 of the key, as `printf %s KEY | sha256sum` prints it). Empty means everyone who reaches the address.
    var apiKeys: [String] = []
    /// Whether the source pages that citations lead to want the key too, or the signature that citation links then
    /// carry.
    var privatePages = false
    /// Whether answers carry Open WebUI's own events for status and sources: `auto` (where the client is Open WebUI),
    /// `always`, or `never`. Every client gets OpenAI's `url_citation` annotations.
    var openWebuiEvents = "auto"
    /// Pairs of snapshots that are listed among the models, each a chat about what changed:
    /// `linux@v6.1.192..v6.12.117`. Any other pair can be asked for by name, too.
    var comparisons: [String] = []
  }

  /// Indexing, `nenrin index`.
  struct Index: Sendable {
    /// How many files are read and cut into chunks at once; 0 means one for each core.
    var workers = 0
    /// The folder of compiled grammars. Empty means where `tools/grammars` puts them: `.cache/grammars` in the
    /// program's checkout. `NENRIN_GRAMMARS` and `--grammars` come before it.
    var grammars = ""
  }

  var server = Server()
  var index = Index()
}
