// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization

/// Runs Swift code when a signal comes. What a signal's handler may do is little, so it writes the signal's number to a
/// pipe, and what is to be done is done where the pipe is read. Dispatch's own sources are not used, because on a busy
/// machine one signal in thousands was lost between the main thread's handler and the thread that should have read it:
/// a server that was told to stop went on.
enum SignalPipe {
  /// Calls `action` for each of the signal that comes from now on, one after the other.
  static func on(_ number: Int32, _ action: @escaping @Sendable () -> Void) {
    guard isOpen else { return }
    actions.withLock { $0[number] = action }
    signal(number) { number in
      let error = errno
      var byte = UInt8(truncatingIfNeeded: number)
      // A full pipe has this signal in it many times over.
      _ = write(SignalPipe.writeEnd, &byte, 1)
      errno = error
    }
  }

  /// Lets the signal pass without effect.
  static func ignore(_ number: Int32) {
    signal(number, SIG_IGN)
    actions.withLock { $0[number] = nil }
  }

  private static let actions = Mutex<[Int32: @Sendable () -> Void]>([:])

  // Not checked, because it is written once, before any handler that reads it is installed.
  nonisolated(unsafe) private static var writeEnd: Int32 = -1

  /// Set up when first asked for. Open as long as the program runs: a handler may be about to write at any time.
  private static let isOpen: Bool = {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "no pipe for signals: \(String(cString: strerror(errno)))")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    let readEnd = ends[0]
    writeEnd = ends[1]
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while true {
        let count = read(readEnd, &byte, 1)
        guard count == 1 || errno == EINTR else { return }
        if count == 1 { actions.withLock { $0[Int32(byte)] }?() }
      }
    }
    return true
  }()
}
