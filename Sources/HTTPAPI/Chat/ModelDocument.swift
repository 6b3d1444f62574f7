// SPDX-License-Identifier: Apache-2.0
import Glossary

/// `GET /v1/models`: one model for each snapshot, and one for each collection's newest.
struct ModelListDocument: Encodable {
  var object = "list"
  var data: [ModelDocument]

  /// The snapshots come by collection, newest first, and so do the models; each collection's own name leads.
  init(_ snapshots: [SnapshotInfo]) {
    data = []
    var collection: String?
    for snapshot in snapshots {
      if snapshot.collection != collection {
        collection = snapshot.collection
        data.append(ModelDocument(id: snapshot.collection, snapshot))
      }
      data.append(ModelDocument(id: snapshot.name, snapshot))
    }
  }
}

/// One model. `info.meta` is what Open WebUI shows and heeds.
struct ModelDocument: Encodable {
  struct Info: Encodable {
    struct Meta: Encodable {
      struct Suggestion: Encodable {
        var title: [String]
        var content: String
      }

      struct Capabilities: Encodable {
        /// Open WebUI's 36 tools would be sent with each turn and help nobody here.
        var builtinTools = false
        var usage = true
        var citations = true

        private enum CodingKeys: String, CodingKey {
          case usage, citations
          case builtinTools = "builtin_tools"
        }
      }

      var description: String
      var suggestionPrompts: [Suggestion]
      var capabilities = Capabilities()

      private enum CodingKeys: String, CodingKey {
        case description, capabilities
        case suggestionPrompts = "suggestion_prompts"
      }
    }

    var meta: Meta
  }

  var id: String
  var object = "model"
  var name: String
  /// When the snapshot was indexed.
  var created: Int64
  var ownedBy = "nenrin"
  var info: Info

  private enum CodingKeys: String, CodingKey {
    case id, object, name, created, info
    case ownedBy = "owned_by"
  }

  /// What changed between two snapshots.
  init(id: String, from old: SnapshotInfo, to new: SnapshotInfo) {
    self.id = id
    name = id
    created = max(old.indexedAt, new.indexedAt)
    info = Info(
      meta: Info.Meta(
        description: "Tells what changed from `\(old.name)` to `\(new.name)`, with sources of both.",
        suggestionPrompts: [
          .init(title: ["What became of", "a function?"], content: "What became of the function "),
          .init(title: ["What is new", "in a subsystem?"], content: "What is new in "),
          .init(title: ["何が変わり", "ましたか?"], content: "次の機能は何が変わりましたか: "),
        ]))
  }

  init(id: String, _ snapshot: SnapshotInfo) {
    self.id = id
    name = id
    created = snapshot.indexedAt
    let day = DocumentFormat.timestamp(snapshot.date).prefix(10)
    let commit = snapshot.commit.hex.prefix(12)
    let newest = id == snapshot.collection ? "newest snapshot: " : ""
    info = Info(
      meta: Info.Meta(
        description:
          "Answers from \(newest)`\(snapshot.name)` (\(commit), \(day), \(snapshot.files) files), with sources.",
        suggestionPrompts: [
          .init(title: ["Which file", "implements a feature?"], content: "Which file implements "),
          .init(title: ["Where is", "a function defined?"], content: "Where is the function defined: "),
          .init(title: ["どのファイルが", "実装していますか?"], content: "次の機能を実装しているファイルはどれですか: "),
        ]))
  }
}
