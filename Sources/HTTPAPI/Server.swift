// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

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
    let limits = configuration.limits
    let channel = HTTP1Channel.Configuration(
      idleTimeout: .seconds(Int64(limits.idleSeconds)),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: limits.headerByteCount, maxHeaderListSize: limits.headerByteCount,
        maxHeaderFieldCount: limits.headerCount))
    let application = Application(
      responder: Responder(configuration: configuration, knowledge: knowledge, logger: logger),
      server: .http1(configuration: channel),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port), serverName: "nenrin"),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? configuration.port) },
      logger: logger)
    try await application.runService()
  }
}
