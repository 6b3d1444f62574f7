// SPDX-License-Identifier: Apache-2.0
import Glossary
import Hummingbird
import HummingbirdCore

extension Responder {
  func startPage() -> Response { .page(StartPage.page()) }

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
    var response = Response.page(SourcePage.page(excerpt))
    response.headers[.cacheControl] = "private, max-age=300"
    return response
  }
}
