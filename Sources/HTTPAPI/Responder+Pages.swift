// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import Hummingbird
import HummingbirdCore

extension Responder {
  func startPage(_ client: ClientRequest) -> Response { .page(StartPage.page(client.pageWords)) }

  func pageLinks(_ client: ClientRequest) -> PageLinks {
    PageLinks(source: link(client), commit: commitLink(client))
  }

  /// Makes the links of citations: with a signature where pages are private.
  func link(_ client: ClientRequest) -> @Sendable (SnapshotInfo, TreePath, ClosedRange<Int>) -> String {
    let (base, signer) = (base(client), configuration.pageSigner)
    let now = Int64(time(nil))
    return { snapshot, path, lines in
      SourceLink.url(
        base: base, snapshot: snapshot, path: path, lines: lines,
        signature: signer?.query(snapshot: snapshot.name, .source(path: path.bytes), now: now))
    }
  }

  /// Makes the links of commits, likewise.
  func commitLink(_ client: ClientRequest) -> @Sendable (SnapshotInfo, ObjectID) -> String {
    let (base, signer) = (base(client), configuration.pageSigner)
    let now = Int64(time(nil))
    return { snapshot, id in
      SourceLink.url(
        base: base, snapshot: snapshot, commit: id,
        signature: signer?.query(snapshot: snapshot.name, .commit(id: id.hex), now: now))
    }
  }

  /// Whether the request carries the signature of the page that it asks for.
  func isSigned(_ client: ClientRequest, _ snapshot: String, _ page: SignedPage) -> Bool {
    guard let signer = configuration.pageSigner, let signature = try? client.parameter("sign"),
      let until = try? client.parameter("until")
    else { return false }
    return signer.accepts(signature, until: until, snapshot: snapshot, page, now: Int64(time(nil)))
  }

  /// The page of a file. The path is only ever compared with the paths of the snapshot, so one that climbs
  /// (`../../etc/passwd`) or begins at a root is simply not there.
  func sourcePage(_ client: ClientRequest, _ snapshot: String, _ path: [UInt8]) async throws -> Response {
    let wanted = try client.parameter("lines").map { try Responder.lines($0) }
    let first = wanted?.lowerBound ?? 1
    let window = first...min(wanted?.upperBound ?? .max, first + SourceLink.pageLineLimit - 1)
    let knowledge = knowledge
    let excerpt = try await admitted {
      try await knowledge.source(
        of: TreePath(bytes: path), lines: window, in: knowledge.resolve(SnapshotName(snapshot)))
    }
    // The ways to other lines of the file are as open to the reader as these.
    let signature = try client.parameter("sign").map { "until=\(try client.parameter("until") ?? "")&sign=\($0)" }
    var response = Response.page(
      SourcePage.page(excerpt, client.pageWords, signature: configuration.pageSigner == nil ? nil : signature))
    response.headers[.cacheControl] = "private, max-age=300"
    return response
  }

  /// The page of a commit. Its links to files are not signed: who may read the commit may not read those for that.
  func commitPage(_ client: ClientRequest, _ snapshot: String, _ id: String) async throws -> Response {
    let knowledge = knowledge
    let excerpt = try await admitted {
      try await knowledge.commit(id, in: knowledge.resolve(SnapshotName(snapshot)))
    }
    var response = Response.page(CommitPage.page(excerpt, client.pageWords))
    response.headers[.cacheControl] = "private, max-age=300"
    return response
  }
}
