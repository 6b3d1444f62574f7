// SPDX-License-Identifier: Apache-2.0

/// `/openapi.json`: the routes below `/api`, for clients that take them as tools. An operation's id is the tool's name
/// and its description is what a model reads.
enum OpenAPIDescription {
  /// `server` is a URL without a `/` at its end.
  static func text(server: String, version: String) -> String {
    template.replacing("__SERVER__", with: escaped(server)).replacing("__VERSION__", with: escaped(version))
  }

  private static func escaped(_ text: String) -> String {
    text.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline }
  }

  private static let template = head + paths + schemas

  private static let head = #"""
    {"openapi":"3.1.0","info":{"title":"Nenrin","version":"__VERSION__","description":"Knowledge of a source tree, commit by commit: find files, passages and symbols of one snapshot."},"servers":[{"url":"__SERVER__"}],
    """#

  private static let paths = #"""
    "paths":{
    "/api/snapshots":{"get":{"operationId":"list_snapshots","summary":"List snapshots","description":"Lists the indexed snapshots: collection, revision, commit, date.","responses":{"200":{"description":"The snapshots, newest first in each collection.","content":{"application/json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/Snapshot"}}}}},"401":{"$ref":"#/components/responses/Error"}}}},
    "/api/search":{"post":{"operationId":"search_source","summary":"Search a snapshot","description":"Finds the files and passages of a source tree that answer a question, in English or Japanese. Use it for 'which file implements X' and 'how does X work'.","requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/SearchBody"}}}},"responses":{"200":{"description":"Files and passages, best first.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/SearchResult"}}}},"400":{"$ref":"#/components/responses/Error"},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"413":{"$ref":"#/components/responses/Error"},"429":{"$ref":"#/components/responses/Error"}}}},
    "/api/symbol":{"post":{"operationId":"find_symbol","summary":"Find a symbol","description":"Finds where a function, macro, type, system call, tracepoint or option is defined and, where wanted, the lines that use it.","requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/SymbolBody"}}}},"responses":{"200":{"description":"Definitions and references.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/SymbolResult"}}}},"400":{"$ref":"#/components/responses/Error"},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"413":{"$ref":"#/components/responses/Error"},"429":{"$ref":"#/components/responses/Error"}}}},
    "/api/source":{"get":{"operationId":"read_source","summary":"Read source lines","description":"Reads a file of a snapshot, or some of its lines.","parameters":[{"name":"path","in":"query","required":true,"schema":{"type":"string"},"description":"The file's path from the root of the tree."},{"name":"at","in":"query","schema":{"type":"string"},"description":"The snapshot, collection@revision; without it the newest."},{"name":"lines","in":"query","schema":{"type":"string","pattern":"^L?[0-9]+(-L?[0-9]+)?$"},"description":"1-based and inclusive: 12-40."}],"responses":{"200":{"description":"The lines.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Source"}}}},"400":{"$ref":"#/components/responses/Error"},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"429":{"$ref":"#/components/responses/Error"}}}}
    },
    """#

  private static let schemas = #"""
    "components":{"securitySchemes":{"key":{"type":"http","scheme":"bearer"}},
    "responses":{"Error":{"description":"What happened, why, and what to do next.","content":{"application/json":{"schema":{"type":"object","required":["error"],"properties":{"error":{"type":"object","properties":{"message":{"type":"string"},"type":{"type":"string"},"code":{"type":"string"},"param":{"type":["string","null"]}}}}}}}}},
    "schemas":{
    "Snapshot":{"type":"object","properties":{"collection":{"type":"string"},"revision":{"type":"string"},"commit":{"type":"string"},"date":{"type":"string"},"files":{"type":"integer"},"bytes":{"type":"integer"},"chunks":{"type":"integer"},"indexed_at":{"type":"string"},"own_bytes":{"type":"integer"}}},
    "SnapshotReference":{"type":"object","properties":{"collection":{"type":"string"},"revision":{"type":"string"},"commit":{"type":"string"}}},
    "SearchBody":{"type":"object","required":["query"],"properties":{"query":{"type":"string","minLength":1,"description":"The question, an identifier or a path."},"at":{"type":"string","description":"The snapshot, collection@revision; without it the newest."},"k":{"type":"integer","minimum":1,"maximum":100,"default":10},"path":{"type":"string","description":"A glob or a directory that paths must match: fs/btrfs/*"},"language":{"type":"string","description":"c, rust, python, shell, make, kconfig, devicetree, assembly, rst …"}}},
    "SearchResult":{"type":"object","properties":{"query":{"type":"string"},"snapshot":{"$ref":"#/components/schemas/SnapshotReference"},"elapsed_ms":{"type":"number"},"files":{"type":"array","items":{"type":"object","properties":{"rank":{"type":"integer"},"path":{"type":"string"},"score":{"type":"number"},"reasons":{"type":"array","items":{"type":"string"}}}}},"passages":{"type":"array","items":{"type":"object","properties":{"rank":{"type":"integer"},"path":{"type":"string"},"start_line":{"type":"integer"},"end_line":{"type":"integer"},"symbol":{"type":["string","null"]},"kind":{"type":["string","null"]},"language":{"type":"string"},"score":{"type":"number"},"text":{"type":"string"}}}}}},
    "SymbolBody":{"type":"object","required":["name"],"properties":{"name":{"type":"string","minLength":1,"description":"openat2, vfs_read, CONFIG_BTRFS_FS, trace_sched_switch …"},"at":{"type":"string"},"references":{"type":["boolean","integer"],"default":false,"description":"true, or how many lines that use it are wanted"}}},
    "SymbolResult":{"type":"object","properties":{"name":{"type":"string"},"snapshot":{"$ref":"#/components/schemas/SnapshotReference"},"definitions":{"type":"array","items":{"type":"object","properties":{"path":{"type":"string"},"start_line":{"type":"integer"},"end_line":{"type":"integer"},"kind":{"type":"string"},"signature":{"type":"string"}}}},"members":{"type":"array","description":"Members of structs and unions that bear the name, where no function, macro or type does.","items":{"type":"object","properties":{"path":{"type":"string"},"line":{"type":"integer"},"owner":{"type":"string"},"text":{"type":"string"}}}},"references":{"type":"array","items":{"type":"object","properties":{"path":{"type":"string"},"line":{"type":"integer"},"in_symbol":{"type":["string","null"]},"text":{"type":"string"}}}},"references_truncated":{"type":"boolean"},"near_misses":{"type":"array","items":{"type":"string"}}}},
    "Source":{"type":"object","properties":{"snapshot":{"$ref":"#/components/schemas/SnapshotReference"},"path":{"type":"string"},"blob":{"type":"string"},"language":{"type":"string"},"start_line":{"type":"integer"},"end_line":{"type":"integer"},"lines":{"type":"integer"},"binary":{"type":"boolean"},"text":{"type":"string"},"symbols":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"kind":{"type":"string"},"start_line":{"type":"integer"},"end_line":{"type":"integer"}}}}}}
    }},"security":[{"key":[]},{}]}
    """#
}
