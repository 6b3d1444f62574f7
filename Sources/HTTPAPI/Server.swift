// SPDX-License-Identifier: Apache-2.0
package import Logging

/// The HTTP server.
package struct Server: Sendable {
  private let configuration: ServerConfiguration
  private let knowledge: any Knowledge
  private let logger: Logger

  package init(configuration: ServerConfiguration, knowledge: any Knowledge, logger: Logger) {
    self.configuration = configuration
    self.knowledge = knowledge
    self.logger = logger
  }

  /// Serves until SIGTERM or SIGINT, or until the task is cancelled: running streams end, then it returns.
  /// `onListening` gets the port that was bound. Throws where the address cannot be bound.
  package func run(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
    fatalError("being written")
  }
}
