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
    /// Whether the pages of files and commits that citations lead to want the key too, or the signature that citation
    /// links then carry; it needs `api_keys`. Who has such a link reads that one file or commit without a key.
    var privatePages = false
    /// How many days the signature of a link serves; 0 means for good. Answers in old chats keep their links.
    var pageLinkDays = 90
    /// What links are signed with: `env:NAME`, the value of that environment variable, 16 bytes or more. Empty: a secret
    /// of the home's own, made at the first start in the file `page-secret` that only its owner may read. A home that
    /// cannot be written wants it set.
    var pageSecret = ""
    /// Whether answers carry Open WebUI's own events for status and sources: `auto` (where the client is Open WebUI),
    /// `always`, or `never`. Every client gets OpenAI's `url_citation` annotations.
    var openWebuiEvents = "auto"
    /// Pairs of snapshots that are listed among the models, each a chat about what changed:
    /// `linux@v6.1.192..v6.12.117`. Any other pair can be asked for by name, too.
    var comparisons: [String] = []
    /// Whether `worktree` can be asked for like a snapshot: the checkout that a collection was indexed from, with its
    /// uncommitted changes and new files. Who may ask then reads files that nobody has committed: set `api_keys`.
    var worktree = false
    /// How many requests ask the index at the same time.
    var concurrentRequests = 16
    /// How many more wait for their turn; beyond them 429 and `Retry-After`.
    var queuedRequests = 128
    /// How many answers a chat model writes at the same time; beyond them 429.
    var concurrentAnswers = 256
    /// Seconds that a request may take which no chat model answers; for one that it does, see `answer_timeout`.
    var requestTimeout = 120
  }

  /// Indexing, `nenrin index`.
  struct Index: Sendable {
    /// How many files are read and cut into chunks at once; 0 means one for each core.
    var workers = 0
    /// The folder of compiled grammars. Empty means where `tools/grammars` puts them: `.cache/grammars` in the
    /// program's checkout. `NENRIN_GRAMMARS` and `--grammars` come before it.
    var grammars = ""
  }

  /// The chat model that writes answers: one or several servers of OpenAI's API (vLLM, ollama, llama.cpp …). Without one,
  /// answers are made of the best passages themselves, and say so.
  struct Chat: Equatable, Sendable {
    /// The servers, in order of preference: `["http://127.0.0.1:11434/v1"]`. Where one does not answer, the next is asked.
    /// Proxies are those of the environment (`https_proxy`, `no_proxy` …), never for this machine itself.
    var baseURLs: [String] = []
    /// The model, as the servers call it. Empty takes the first that a server lists.
    var model = ""
    /// The servers' key: `env:NAME`, the value of that environment variable. Empty sends none.
    var apiKey = ""
    /// How many tokens the model takes, prompt and answer together. The prompt is made to fit. With ollama, set its
    /// `num_ctx` to the same: it cuts longer prompts without a word. vLLM and llama.cpp refuse them: a shorter prompt is
    /// sent then, and no longer one again.
    var contextTokens = 8_192
    /// Seconds until a connection must stand.
    var connectTimeout = 5
    /// Seconds until an answer must begin; a server that loads its model first takes long.
    var firstTokenTimeout = 120
    /// Seconds that an answer may pause.
    var stallTimeout = 60
    /// Seconds that an answer may take.
    var answerTimeout = 600
    /// How often all servers are asked again before an answer has begun; `Retry-After` is heeded.
    var retries = 2
    /// Whether the model may call Nenrin's own tools (search, symbol, callers, callees, callchain, grep, show) before it
    /// writes. It must be one that knows tool calls; each answer takes longer, by as many calls as it makes.
    var tools = false
    /// How often it may ask for tools before it has to answer, up to four calls at a time, for a minute at most.
    var toolTurns = 6
    /// Whether the model thinks about a question before it is searched for: it may put it in other words, in English, in
    /// parts, and propose names, all of which is searched for too. One call for each new question; without its answer in
    /// time, the search goes without. `--plan` and `--no-plan` come before it.
    var planning = false
    /// Seconds that a search waits for that.
    var planningTimeout = 5
  }

  /// A reranker reads a question and the files that were found together, and has a say in their order: servers of
  /// `/rerank` (llama.cpp, vLLM, TEI, Jina). It is asked where `base_urls` is set; without its answer in time, the order
  /// stays as it is, and a note says so. `--rerank` and `--no-rerank` come before it.
  struct Rerank: Equatable, Sendable {
    /// The servers, in order of preference: `["http://127.0.0.1:8080/v1"]`; for TEI without the `/v1`.
    var baseURLs: [String] = []
    /// The model, as the servers call it: `bge-reranker-v2-m3`. Empty where a server has only one.
    var model = ""
    /// The servers' key: `env:NAME`, the value of that environment variable. Empty sends none.
    var apiKey = ""
    /// How many of the best files it reads.
    var depth = 30
    /// Tokens of what it reads of each, estimated: path, head, the option's help, the best passage.
    var documentTokens = 400
    /// How much it has to say, in hundredths; the rest is the search's own order.
    var weight = 50
    /// Seconds that a search waits for it.
    var timeout = 3
  }

  /// What gives texts their vectors, for the search and for `/v1/embeddings`. Another embedder wants another `nenrin
  /// index` of each snapshot, which makes what is missing; vectors of several stay side by side.
  struct Embedding: Equatable, Sendable {
    /// `static` is a built-in table, made by `tools/models`, that needs no server; `openai` is a server of OpenAI's
    /// `/v1/embeddings` (ollama, vLLM, llama.cpp, TEI …), set by the keys below; `none` goes without.
    var embedder = "static"
    /// The servers, all of which are given work: `["http://127.0.0.1:11434/v1"]`.
    var baseURLs: [String] = []
    /// The model, as the servers call it: `bge-m3`.
    var model = ""
    /// What the servers call it for questions, where that is another name: `e5-query`. It must give vectors of the same
    /// space. What is set for questions can change without a new `nenrin index`.
    var queryModel = ""
    /// How many numbers its vectors have: 1024 for `bge-m3`. `nenrin doctor` tells.
    var dimensions = 0
    /// The servers' key: `env:NAME`, the value of that environment variable. Empty sends none.
    var apiKey = ""
    /// Written before each question, for models that want questions marked: `query: ` for e5.
    var queryPrefix = ""
    /// Written before each passage: `passage: ` for e5.
    var passagePrefix = ""
    /// Tokens of one text that the model takes, estimated; what is longer is cut. A text that the servers still refuse is
    /// cut shorter twice, and then left without a vector; `nenrin index` says how many.
    var inputTokens = 512
    /// Tokens of one request, estimated.
    var batchTokens = 8_192
    /// Texts of one request.
    var batchCount = 32
    /// Requests that each server has at the same time, from the whole program.
    var concurrency = 2
    /// Seconds that one request may take.
    var timeout = 120
    /// How often a request that failed is sent again; `Retry-After` is heeded.
    var retries = 5
  }

  var server = Server()
  var chat = Chat()
  var embedding = Embedding()
  var rerank = Rerank()
  var index = Index()
}
