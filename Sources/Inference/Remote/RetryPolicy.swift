// SPDX-License-Identifier: Apache-2.0

/// How often something is tried again, and after how long.
package struct RetryPolicy: Hashable, Sendable {
  /// Tries after the first.
  package var retryCount: Int
  /// Before the first retry; each further one waits twice as long.
  package var firstDelay: Duration
  package var longestDelay: Duration

  package init(
    retryCount: Int = 2, firstDelay: Duration = .milliseconds(500), longestDelay: Duration = .seconds(20)
  ) {
    self.retryCount = retryCount
    self.firstDelay = firstDelay
    self.longestDelay = longestDelay
  }

  /// Before retry `index` (from 0): what the server asked for, else a random share of 50 to 100 % of the doubled delay,
  /// so that clients that failed together do not come back together.
  package func delay(before index: Int, asked: Duration?) -> Duration {
    if let asked { return min(asked, longestDelay) }
    let doubled = min(firstDelay * (1 << min(index, 16)), longestDelay)
    return doubled * Double.random(in: 0.5...1)
  }
}
