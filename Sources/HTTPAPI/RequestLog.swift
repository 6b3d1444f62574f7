// SPDX-License-Identifier: Apache-2.0
import Logging
import Synchronization

/// One request from its head to its answer's last byte: counted and logged once, whatever became of it. The log holds
/// the path without its query, no key and no question.
final class RequestLog: Sendable {
  let id: String
  private let route: String
  private let path: String
  private let method: String
  private let metrics: ServerMetrics
  private let logger: Logger
  private let start = ContinuousClock.now
  private let isOpen = Mutex(true)

  init(id: String, route: String, path: String, method: String, metrics: ServerMetrics, logger: Logger) {
    self.id = id
    self.route = route
    self.path = String(path.prefix(200))
    self.method = method
    self.metrics = metrics
    self.logger = logger
    metrics.began()
  }

  /// An answer that was let go before its last byte: its client went away.
  deinit { finish(status: 499) }

  func finish(status: Int) {
    let isFirst = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    guard isFirst else { return }
    let duration = ContinuousClock.now - start
    metrics.ended(route: route, method: method, status: status, after: duration)
    logger.info(
      "request",
      metadata: [
        "method": "\(method)", "path": "\(path)", "status": "\(status)",
        "ms": "\(DocumentFormat.milliseconds(duration))", "request_id": "\(id)",
      ])
  }

  /// What a client is not told about an error.
  func failed(_ detail: String) {
    logger.error("request failed", metadata: ["path": "\(path)", "request_id": "\(id)", "error": "\(detail)"])
  }
}
