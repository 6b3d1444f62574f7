// SPDX-License-Identifier: Apache-2.0
import CCurl
import Glibc
import Synchronization

/// The one thread that libcurl runs on: it owns the multi handle and every easy handle. Others hand it orders and wake
/// it.
///
/// `@unchecked` because all but `orders` is touched by that thread alone.
final class TransferLoop: @unchecked Sendable {
  private enum Order: Sendable {
    case start(Transfer)
    case goOn(Transfer)
    case cancel(Transfer)
  }

  /// What other threads touch. `multi` is there while the thread runs, so that nobody wakes a handle that is gone.
  private struct Orders: @unchecked Sendable {  // because the handle is woken under the lock, which libcurl allows.
    var list: [Order] = []
    var multi: UnsafeMutableRawPointer?
    var isStopped = false
  }

  private let orders = Mutex(Orders())
  private var running: [ObjectIdentifier: EasyHandle] = [:]

  /// libcurl wants this once, before anything else.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  func start(_ transfer: Transfer) { order(.start(transfer)) }

  /// Lets a paused transfer go on.
  func goOn(_ transfer: Transfer) { order(.goOn(transfer)) }

  func cancel(_ transfer: Transfer) {
    transfer.end(.failure(CancellationError()))
    order(.cancel(transfer))
  }

  /// Ends all transfers and the thread.
  func stop() {
    orders.withLock { orders in
      orders.isStopped = true
      if let multi = orders.multi { curl_multi_wakeup(multi) }
    }
  }

  private func order(_ order: Order) {
    let isFirst = orders.withLock { orders -> Bool in
      orders.list.append(order)
      if let multi = orders.multi {
        curl_multi_wakeup(multi)
        return false
      }
      guard TransferLoop.isReady, !orders.isStopped else { return false }
      orders.multi = curl_multi_init()
      return orders.multi != nil
    }
    if isFirst { startThread() }
  }

  private func startThread() {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self).toOpaque()
    let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
      if let context { Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run() }
      return nil
    }
    guard pthread_create(&thread, nil, body, context) == 0 else {
      Unmanaged<TransferLoop>.fromOpaque(context).release()
      let list = orders.withLock { orders in
        orders.multi = nil
        return orders.list
      }
      for case .start(let transfer) in list {
        transfer.end(.failure(RemoteFailure(.unreachable, "the system has no thread to spare")))
      }
      return
    }
    pthread_detach(thread)
  }

  // From here on, on the thread.

  private func run() {
    guard let multi = orders.withLock({ $0.multi }) else { return }
    nenrin_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 64)
    while true {
      let (list, isStopped) = orders.withLock { orders in
        defer { orders.list = [] }
        return (orders.list, orders.isStopped)
      }
      if isStopped { break }
      for order in list { obey(order, multi) }
      var count: Int32 = 0
      curl_multi_perform(multi, &count)
      takeFinished(multi)
      curl_multi_poll(multi, nil, 0, endOverdue(multi), nil)
    }
    for handle in running.values {
      handle.transfer.end(.failure(CancellationError()))
      handle.remove(from: multi)
    }
    running = [:]
    orders.withLock { orders in
      for case .start(let transfer) in orders.list { transfer.end(.failure(CancellationError())) }
      orders.list = []
      orders.multi = nil
    }
    curl_multi_cleanup(multi)
  }

  private func obey(_ order: Order, _ multi: UnsafeMutableRawPointer) {
    switch order {
    case .start(let transfer):
      guard !transfer.isEnded else { return }
      guard let handle = EasyHandle(transfer) else {
        transfer.end(.failure(RemoteFailure(.unreachable, "libcurl has no handle to spare")))
        return
      }
      running[ObjectIdentifier(transfer)] = handle
      curl_multi_add_handle(multi, handle.easy)
    case .goOn(let transfer):
      // libcurl gives what it kept back at once, so this may pause the transfer anew.
      if let handle = running[ObjectIdentifier(transfer)] { curl_easy_pause(handle.easy, CURLPAUSE_CONT) }
    case .cancel(let transfer):
      running.removeValue(forKey: ObjectIdentifier(transfer))?.remove(from: multi)
    }
  }

  private func takeFinished(_ multi: UnsafeMutableRawPointer) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      var easy: UnsafeMutableRawPointer?
      var code = CURLE_OK
      guard nenrin_curl_finished(message, &easy, &code) != 0,
        let entry = running.first(where: { $0.value.easy == easy })
      else { continue }
      running.removeValue(forKey: entry.key)
      let result = entry.value.result(code)
      entry.value.remove(from: multi)
      entry.value.transfer.end(result)
    }
  }

  /// Ends what is beyond its limits; gives the milliseconds until the next limit.
  private func endOverdue(_ multi: UnsafeMutableRawPointer) -> Int32 {
    let now = ContinuousClock.now
    var nearest = Duration.seconds(60)
    for (key, handle) in running {
      let (time, failure) = handle.transfer.remaining(now: now)
      if time > .zero {
        nearest = min(nearest, time)
      } else {
        running.removeValue(forKey: key)
        handle.remove(from: multi)
        handle.transfer.end(.failure(failure))
      }
    }
    return Int32(nearest.components.seconds * 1_000 + nearest.components.attoseconds / 1_000_000_000_000_000) + 1
  }
}
