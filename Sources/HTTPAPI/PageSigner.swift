// SPDX-License-Identifier: Apache-2.0

/// A page of a snapshot that a signature opens.
enum SignedPage {
  case source(path: [UInt8])
  case commit(id: String)
}

/// Signs the links that citations carry where pages are private: who holds such a link reads that file or that commit
/// of that snapshot, and no other, until a day that the link names.
package struct PageSigner: Sendable {
  /// Bytes that a secret must have at least.
  package static let secretByteCount = 16
  private static let secondsPerDay: Int64 = 86_400

  private let sourceKey: [UInt8]
  private let commitKey: [UInt8]
  /// How many days a link serves; 0: for good.
  private let days: Int

  /// `secret` is what only servers of this home know, at least `secretByteCount` bytes.
  package init(secret: [UInt8], days: Int) {
    // Keys of their own, so that the same secret in another place could never sign a page, nor one of a file open that
    // of a commit.
    sourceKey = SHA256.authenticationCode(of: Array("nenrin source page".utf8), key: secret)
    commitKey = SHA256.authenticationCode(of: Array("nenrin commit page".utf8), key: secret)
    self.days = days
  }

  /// `until=…&sign=…` for a page of a snapshot. The day is counted whole, so that a link stays the same for a day.
  func query(snapshot: String, _ page: SignedPage, now: Int64) -> String {
    let day = PageSigner.secondsPerDay
    let until = days == 0 ? 0 : (now / day + Int64(days) + 1) * day
    return "until=\(until)&sign=\(signature(snapshot, page, until))"
  }

  /// Whether the signature is this page's and its day has not come.
  func accepts(_ signature: String, until: String, snapshot: String, _ page: SignedPage, now: Int64) -> Bool {
    guard let until = Int64(until), until == 0 || until > now else { return false }
    return SHA256.isEqual(Array(signature.utf8), Array(self.signature(snapshot, page, until).utf8))
  }

  /// Hexadecimal. What is signed is counted, so that no two pages and days make the same message.
  private func signature(_ snapshot: String, _ page: SignedPage, _ until: Int64) -> String {
    let (name, key) =
      switch page {
      case .source(let path): (path, sourceKey)
      case .commit(let id): (Array(id.utf8), commitKey)
      }
    let digits = Array("0123456789abcdef".utf8)
    let message = Array("\(until) \(snapshot.utf8.count) \(snapshot) ".utf8) + name
    let code = SHA256.authenticationCode(of: message, key: key)
    return String(decoding: code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
