// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The HTTP server.
package final class Server: Sendable {
  private struct Life {
    var group: ServiceGroup?
    var isStopped = false
  }

  /// The address and the headers' limits of this one hold for the server's life.
  private let configuration: ServerConfiguration
  private let responder: CurrentResponder
  private let connections = Connections()
  private let life = Mutex(Life())
  private let logger: Logger

  package init(
    configuration: ServerConfiguration, knowledge: any Knowledge, models: ServedModels = ServedModels(), logger: Logger
  ) {
    self.configuration = configuration
    self.logger = logger
    responder = CurrentResponder(
      Responder(
        configuration: configuration, knowledge: knowledge, models: models, connections: connections, logger: logger))
  }

  /// Serves until `stop`: running answers end, then it returns. Cancelling the task cuts them off. `onListening` gets
  /// the port that was bound. Throws `configurationInvalid` where the address cannot be listened on.
  package func run(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
    let limits = configuration.limits
    let (port, connections) = (configuration.port, connections)
    let isListening = Mutex(false)
    let channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ConnectionHandler(connections: connections, limits: limits)],
      idleTimeout: .seconds(Int64(limits.idleSeconds)),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: limits.headerByteCount, maxHeaderListSize: limits.headerByteCount,
        maxHeaderFieldCount: limits.headerCount))
    let application = Application(
      responder: responder, server: .http1(configuration: channel),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: port), serverName: "nenrin"),
      onServerRunning: { channel in
        isListening.withLock { $0 = true }
        await onListening(channel.localAddress?.port ?? port)
      },
      logger: logger)
    // The caller sees to signals, and then calls `stop`.
    let group = ServiceGroup(services: [application], logger: logger)
    let isStopped = life.withLock { life in
      life.group = group
      return life.isStopped
    }
    if isStopped { return }
    do {
      try await group.run()
    } catch  where !isListening.withLock({ $0 }) {
      throw cannotListen(error)
    }
  }

  /// Takes no more requests; `run` returns when the running answers have ended. May be called at any time, from
  /// anywhere, more than once.
  package func stop() {
    let group = life.withLock { life in
      life.isStopped = true
      return life.group
    }
    guard let group else { return }
    Task { await group.triggerGracefulShutdown() }
  }

  /// Puts another configuration and other models in force for requests that come from now on; those that run end with
  /// what they began with. The address and the headers' limits stay as they were at the start.
  package func change(to configuration: ServerConfiguration, models: ServedModels) {
    responder.change(to: configuration, models)
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

/// The responder of the configuration in force.
private final class CurrentResponder: HTTPResponder {
  typealias Context = ConnectionContext

  private let current: Mutex<Responder>

  init(_ responder: Responder) { current = Mutex(responder) }

  func change(to configuration: ServerConfiguration, _ models: ServedModels) {
    current.withLock { $0 = $0.changed(to: configuration, models) }
  }

  func respond(to request: Request, context: ConnectionContext) async throws -> Response {
    try await current.withLock { $0 }.respond(to: request, context: context)
  }
}
