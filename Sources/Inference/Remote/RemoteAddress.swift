// SPDX-License-Identifier: Apache-2.0

/// A server's address as far as it needs to be understood here; libcurl reads it for real.
package struct RemoteAddress: Hashable, Sendable {
  /// As it may be shown: without user, password and query.
  package let shown: String
  /// `http` or `https`, a host, and what may follow.
  package let isValid: Bool
  /// Whether it means this machine itself.
  package let isLoopback: Bool

  package init(_ text: String) {
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    let scheme = parts.count == 2 ? parts[0].lowercased() : ""
    let rest = parts.count == 2 ? parts[1] : parts[0]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let path = rest.dropFirst(authority.count).prefix { $0 != "?" && $0 != "#" }
    let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? authority
    let host = place.hasPrefix("[") ? place.dropFirst().prefix { $0 != "]" } : place.prefix { $0 != ":" }
    shown = (scheme.isEmpty ? "" : scheme + "://") + place + path
    isValid =
      ["http", "https"].contains(scheme) && !host.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    isLoopback =
      host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.allSatisfy { "0123456789.".contains($0) })
  }
}
