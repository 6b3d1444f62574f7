// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// One request on its way: libcurl's thread fills it, one task drains it. What waits between the two is bounded: a
/// full transfer is paused, and the other server with it.
final class Transfer: Sendable {
  /// Bytes that wait for their reader before the transfer is paused; one more piece (16 KB) may come on top.
  static let bufferLimit = 128 << 10
  private static let headerCountLimit = 256

  /// What its reader sees.
  enum Step: Sendable {
    case head(status: Int, headers: [String: String])
    case bytes([UInt8])
    case end
  }

  private struct State {
    var status = 0
    /// By lower-case name.
    var headers: [String: String] = [:]
    var headIsWhole = false
    var headIsTaken = false
    var pieces: [[UInt8]] = []
    var byteCount = 0
    var isPaused = false
    var end: Result<Void, any Error>?
    var waiter: CheckedContinuation<Void, Never>?
    let start = ContinuousClock.now
    /// When the last byte came, or the transfer went on after a pause.
    var lastByte = ContinuousClock.now
    var hasContent = false
  }

  let request: RemoteRequest
  private let state = Mutex(State())

  init(_ request: RemoteRequest) {
    self.request = request
  }

  // Called by the reader.

  /// The next step, and whether the transfer was paused and is to go on. Throws how it ended.
  func next() async throws -> (step: Step, wasPaused: Bool) {
    while true {
      if let step = try take() { return step }
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard !Transfer.isReady(state) else { return true }
          state.waiter = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    }
  }

  private func take() throws -> (step: Step, wasPaused: Bool)? {
    try state.withLock { state in
      if state.headIsWhole, !state.headIsTaken {
        state.headIsTaken = true
        return (.head(status: state.status, headers: state.headers), false)
      }
      if !state.pieces.isEmpty {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(state.byteCount)
        for piece in state.pieces { bytes.append(contentsOf: piece) }
        state.pieces = []
        state.byteCount = 0
        let wasPaused = state.isPaused
        state.isPaused = false
        if wasPaused { state.lastByte = .now }
        return (.bytes(bytes), wasPaused)
      }
      guard let end = state.end else { return nil }
      try end.get()
      return (.end, false)
    }
  }

  private static func isReady(_ state: State) -> Bool {
    (state.headIsWhole && !state.headIsTaken) || !state.pieces.isEmpty || state.end != nil
  }

  // Called by libcurl's thread.

  /// A line of the answer's head, with its end.
  func addHeader(_ line: UnsafeRawBufferPointer) {
    let text = String(decoding: line, as: UTF8.self).filter { !$0.isNewline }
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if text.hasPrefix("HTTP/") {
        state.status = Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0
        state.headers = [:]
      } else if text.isEmpty {
        // A head of the hundreds announces another one.
        state.headIsWhole = state.status >= 200
      } else if let colon = text.firstIndex(of: ":"), state.headers.count < Transfer.headerCountLimit {
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        state.headers[text[..<colon].lowercased()] = String(value)
      }
      return Transfer.takeWaiter(&state)
    }
    waiter?.resume()
  }

  /// Takes a piece of the answer's content; false where the transfer is to be paused, and the piece given again.
  func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let (isTaken, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
      guard state.byteCount < Transfer.bufferLimit else {
        state.isPaused = true
        return (false, nil)
      }
      state.pieces.append(Array(bytes))
      state.byteCount += bytes.count
      state.hasContent = true
      state.lastByte = .now
      return (true, Transfer.takeWaiter(&state))
    }
    waiter?.resume()
    return isTaken
  }

  /// Ends it. The first end counts; what came before it can still be read, but after a cancellation.
  func end(_ result: Result<Void, any Error>) {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.end == nil else { return nil }
      state.end = result
      if case .failure(is CancellationError) = result { state.pieces = [] }
      return Transfer.takeWaiter(&state)
    }
    waiter?.resume()
  }

  var isEnded: Bool { state.withLock { $0.end != nil } }

  /// How long until one of its limits is reached, and which; the limit is past where the time is not positive.
  func remaining(now: ContinuousClock.Instant) -> (time: Duration, failure: RemoteFailure) {
    let (start, lastByte, hasContent, isPaused) = state.withLock {
      ($0.start, $0.lastByte, $0.hasContent, $0.isPaused)
    }
    let limits = request.timeouts
    var nearest = (
      start + limits.total - now, RemoteFailure(.timedOut, "the answer took more than \(limits.total.seconds) s")
    )
    let stage =
      hasContent
      ? (
        lastByte + limits.idle - now,
        RemoteFailure(.timedOut, "the answer stalled: nothing came for \(limits.idle.seconds) s")
      )
      : (
        start + limits.firstByte - now,
        RemoteFailure(.timedOut, "no answer came within \(limits.firstByte.seconds) s")
      )
    if !isPaused, stage.0 < nearest.0 { nearest = stage }
    return nearest
  }

  private static func takeWaiter(_ state: inout State) -> CheckedContinuation<Void, Never>? {
    guard isReady(state) else { return nil }
    defer { state.waiter = nil }
    return state.waiter
  }
}

extension Duration {
  /// In seconds, for a person: `10`, `0.05`.
  var seconds: String {
    let value = Double(components.seconds) + Double(components.attoseconds) / 1e18
    return value == value.rounded() ? String(Int(value)) : String((value * 1_000).rounded() / 1_000)
  }
}
