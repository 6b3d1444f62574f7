// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import Synchronization

/// The HTTP server.
package struct Server: Sendable {
  private let configuration: ServerConfiguration
  private let knowledge: any Knowledge
  private let models: ServedModels
  private let logger: Logger

  package init(
    configuration: ServerConfiguration, knowledge: any Knowledge, models: ServedModels = ServedModels(), logger: Logger
  ) {
    self.configuration = configuration
    self.knowledge = knowledge
    self.models = models
    self.logger = logger
  }

  /// Serves until SIGTERM or SIGINT: running answers end, then it returns. Cancelling the task cuts them off.
  /// `onListening` gets the port that was bound. Throws `configurationInvalid` where the address cannot be listened on.
  package func run(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
    let limits = configuration.limits
    let isListening = Mutex(false)
    let connections = Connections()
    let channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ConnectionHandler(connections: connections, limits: limits)],
      idleTimeout: .seconds(Int64(limits.idleSeconds)),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: limits.headerByteCount, maxHeaderListSize: limits.headerByteCount,
        maxHeaderFieldCount: limits.headerCount))
    let application = Application(
      responder: Responder(
        configuration: configuration, knowledge: knowledge, models: models, connections: connections, logger: logger),
      server: .http1(configuration: channel),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port), serverName: "nenrin"),
      onServerRunning: { channel in
        isListening.withLock { $0 = true }
        await onListening(channel.localAddress?.port ?? configuration.port)
      },
      logger: logger)
    do {
      try await application.runService()
    } catch  where !isListening.withLock({ $0 }) {
      throw cannotListen(error)
    }
  }

  private func cannotListen(_ error: any Error) -> any Error {
    let address = "\(configuration.host):\(configuration.port)"
    switch error {
    case is CancellationError, is NenrinError: return error
    case let error as IOError where error.errnoCode == EADDRINUSE:
      return NenrinError(
        .configurationInvalid, "port \(configuration.port) is taken", reason: "a program listens on \(address) already",
        remedies: ["Stop it, or take another port: nenrin serve --port \(configuration.port + 1)"])
    case let error as IOError where error.errnoCode == EACCES:
      return NenrinError(
        .configurationInvalid, "port \(configuration.port) is not allowed",
        reason: "ports below 1024 are kept for the system",
        remedies: ["Take a port from 1024 on: nenrin serve --port 8471"])
    default:
      return NenrinError(
        .configurationInvalid, "\(address) is no address to listen on", reason: "\(error)",
        remedies: ["Take one of this machine's own addresses: nenrin serve --host 127.0.0.1"])
    }
  }
}
