// SPDX-License-Identifier: Apache-2.0
import CCurl

/// libcurl's handle of one transfer, on libcurl's thread.
final class EasyHandle {
  let easy: UnsafeMutableRawPointer
  let transfer: Transfer
  private var headers: UnsafeMutablePointer<curl_slist>?
  /// Where libcurl writes what went wrong.
  private let message: UnsafeMutablePointer<CChar>
  /// libcurl does not copy the body.
  private let body: UnsafeMutableBufferPointer<CChar>

  /// Nil where libcurl has no memory left.
  init?(_ transfer: Transfer) {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = easy
    self.transfer = transfer
    message = .allocate(capacity: Int(CURL_ERROR_SIZE))
    message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    body = .allocate(capacity: max(1, transfer.request.body.count))
    _ = body.initialize(from: transfer.request.body.lazy.map { CChar(bitPattern: $0) })
    for (name, value) in transfer.request.headers { addHeader("\(name): \(value)") }
    // libcurl would wait a second for a server's leave to send a large body.
    addHeader("Expect:")
    configure()
    receive()
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headers)
    message.deallocate()
    body.deallocate()
  }

  func remove(from multi: UnsafeMutableRawPointer) { curl_multi_remove_handle(multi, easy) }

  /// A line of a header; one with a line's end in it could add another.
  private func addHeader(_ line: String) {
    guard !line.utf8.contains(where: { $0 == 0x0a || $0 == 0x0d || $0 == 0 }) else { return }
    headers = curl_slist_append(headers, line) ?? headers
  }

  private func configure() {
    let request = transfer.request
    nenrin_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, message)
    nenrin_curl_set_string(easy, CURLOPT_URL, request.url)
    nenrin_curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    nenrin_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headers)
    nenrin_curl_set_string(easy, CURLOPT_USERAGENT, "nenrin")
    if request.method == "GET" {
      nenrin_curl_set_long(easy, CURLOPT_HTTPGET, 1)
    } else {
      nenrin_curl_set_long(easy, CURLOPT_POST, 1)
      nenrin_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
      nenrin_curl_set_string(easy, CURLOPT_POSTFIELDS, body.baseAddress)
      if request.method != "POST" { nenrin_curl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method) }
    }
    // A multiplexed connection would take megabytes for a paused stream; this one stops at its socket's buffer.
    nenrin_curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    nenrin_curl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    nenrin_curl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    nenrin_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    nenrin_curl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    nenrin_curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
    nenrin_curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
    let connect = request.timeouts.connect.components
    let milliseconds = connect.seconds * 1_000 + connect.attoseconds / 1_000_000_000_000_000
    nenrin_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, milliseconds)))
    // The environment's proxies count, as for the curl command; this machine itself is never behind one.
    if RemoteAddress(request.url).isLoopback { nenrin_curl_set_string(easy, CURLOPT_NOPROXY, "*") }
  }

  private func receive() {
    // The loop keeps this handle, and the handle its transfer, for as long as libcurl calls.
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    let onHeader: nenrin_curl_receiver = { bytes, size, count, context in
      guard let context else { return 0 }
      let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      transfer.addHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    let onBytes: nenrin_curl_receiver = { bytes, size, count, context in
      guard let context else { return 0 }
      let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      let isTaken = transfer.add(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return isTaken ? size * count : Int(CURL_WRITEFUNC_PAUSE)
    }
    nenrin_curl_set_receiver(easy, CURLOPT_HEADERFUNCTION, onHeader)
    nenrin_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    nenrin_curl_set_receiver(easy, CURLOPT_WRITEFUNCTION, onBytes)
    nenrin_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
  }

  /// What libcurl's last word on the transfer means.
  func result(_ code: CURLcode) -> Result<Void, any Error> {
    guard code != CURLE_OK else { return .success(()) }
    let detail = message.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: message)
    let kind: RemoteFailure.Kind =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: .unreachable
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
        CURLE_SSL_ISSUER_ERROR:
        .untrusted
      case CURLE_OPERATION_TIMEDOUT: .timedOut
      case CURLE_URL_MALFORMAT: .badAddress
      default: .broken
      }
    return .failure(RemoteFailure(kind, detail))
  }
}
