// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import Synchronization

/// The connections that are open, so that an answer knows at once when its client has gone.
final class Connections: Sendable {
  private let watches = Mutex<[ObjectIdentifier: ConnectionWatch]>([:])

  /// The watch over a request's connection; one that never ends where the connection is gone already.
  func watch(_ channel: ObjectIdentifier) -> ConnectionWatch {
    watches.withLock { $0[channel] } ?? ConnectionWatch()
  }

  fileprivate func add(_ watch: ConnectionWatch, _ channel: ObjectIdentifier) {
    watches.withLock { $0[channel] = watch }
  }

  fileprivate func remove(_ channel: ObjectIdentifier) {
    watches.withLock { $0[channel] = nil }
  }
}

/// Whether a client is still there.
final class ConnectionWatch: Sendable {
  private struct State {
    var isClosed = false
    var nextToken = 0
    var actions: [Int: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())

  /// Calls the action once the client has gone, at once where it has; gives what `forget` takes.
  func onClose(_ action: @escaping @Sendable () -> Void) -> Int {
    let token = state.withLock { state -> Int? in
      guard !state.isClosed else { return nil }
      state.nextToken += 1
      state.actions[state.nextToken] = action
      return state.nextToken
    }
    if token == nil { action() }
    return token ?? 0
  }

  func forget(_ token: Int) { state.withLock { $0.actions[token] = nil } }

  fileprivate func close() {
    let actions = state.withLock { state in
      defer { state.actions = [:] }
      state.isClosed = true
      return state.actions
    }
    for action in actions.values { action() }
  }
}

/// Thrown where a client hung up before its answer was whole; nobody is left to be told.
struct ClientGone: Error {}

/// What the server library leaves to its users: it notices at once that a client hangs up, ends connections whose
/// client takes nothing any more, gives leave to send a body (`Expect: 100-continue`), and answers requests that are no
/// HTTP in the shape of our errors. On the connection's event loop alone.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let connections: Connections
  private let limits: ServerLimits
  private let watch = ConnectionWatch()
  private var stall: Scheduled<Void>?
  private var requestsInProgress = 0

  init(connections: Connections, limits: ServerLimits) {
    self.connections = connections
    self.limits = limits
  }

  func handlerAdded(context: ChannelHandlerContext) { connections.add(watch, ObjectIdentifier(context.channel)) }

  func handlerRemoved(context: ChannelHandlerContext) {
    connections.remove(ObjectIdentifier(context.channel))
    stall?.cancel()
    watch.close()
  }

  func channelInactive(context: ChannelHandlerContext) {
    stall?.cancel()
    watch.close()
    context.fireChannelInactive()
  }

  /// A client that closes its end has hung up: none of HTTP's clients closes one direction and reads on.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { watch.close() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data) {
      requestsInProgress += 1
      let length = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
      let isExpected = head.headerFields[.expect]?.lowercased() == "100-continue"
      // Leave is not given for a body that will be refused.
      if isExpected, requestsInProgress == 1, length <= limits.bodyByteCount {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
      }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { requestsInProgress -= 1 }
    context.write(data, promise: promise)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      stall?.cancel()
      stall = nil
    } else if stall == nil {
      let channel = context.channel
      stall = context.eventLoop.scheduleTask(in: TimeAmount(limits.stallDuration)) { channel.close(promise: nil) }
    }
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError, requestsInProgress == 0 else {
      context.fireErrorCaught(error)
      return
    }
    let failure = ConnectionHandler.failure(error, limits)
    let body = (try? JSONDocument.encode(failure.document)) ?? []
    let head = HTTPResponse(
      status: HTTPResponse.Status(code: failure.status),
      headerFields: [
        .contentType: "application/json; charset=utf-8", .contentLength: String(body.count), .connection: "close",
      ])
    let channel = context.channel
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
  }

  private static func failure(_ error: HTTPParserError, _ limits: ServerLimits) -> RequestFailure {
    guard error == .headerOverflow else {
      var failure = RequestFailure.invalid("request is not HTTP", reason: "\(error)")
      failure.status = 400
      return failure
    }
    var failure = RequestFailure(
      NenrinError(
        .requestTooLarge, "request's head is too large",
        reason: "headers may have \(limits.headerByteCount) bytes and \(limits.headerCount) fields",
        remedies: ["Send fewer or shorter headers."]))
    failure.status = 431
    return failure
  }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
