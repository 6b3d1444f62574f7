// SPDX-License-Identifier: Apache-2.0
import Glossary
import Synchronization

/// Counts of what the server did, as Prometheus reads them.
final class ServerMetrics: Sendable {
  /// Upper bounds of the latency histogram, in seconds.
  private static let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

  private struct Series: Hashable {
    var route: String
    var method: String
    var status: Int
  }

  private struct Histogram {
    var buckets = [Int](repeating: 0, count: ServerMetrics.bounds.count)
    var count = 0
    var seconds = 0.0
  }

  private struct State {
    var requests: [Series: Int] = [:]
    var latency: [String: Histogram] = [:]
    var inFlight = 0
    var completionTokens = 0
    var unverifiedNames = 0
  }

  private let state = Mutex(State())

  func began() { state.withLock { $0.inFlight += 1 } }

  func ended(route: String, method: String, status: Int, after duration: Duration) {
    let seconds = DocumentFormat.milliseconds(duration) / 1_000
    state.withLock { state in
      state.inFlight -= 1
      state.requests[Series(route: route, method: method, status: status), default: 0] += 1
      var histogram = state.latency[route] ?? Histogram()
      for (index, bound) in ServerMetrics.bounds.enumerated() where seconds <= bound { histogram.buckets[index] += 1 }
      histogram.count += 1
      histogram.seconds += seconds
      state.latency[route] = histogram
    }
  }

  func answered(completionTokens: Int, unverifiedNames: Int) {
    state.withLock { state in
      state.completionTokens += completionTokens
      state.unverifiedNames += unverifiedNames
    }
  }

  /// Prometheus' text format, version 0.0.4.
  func text(version: String, load: (running: Int, waiting: Int), snapshots: [SnapshotInfo]) -> String {
    let state = state.withLock { $0 }
    var page = MetricsPage()
    page.begin("nenrin_build_info", .gauge, "The version that runs.")
    page.add("nenrin_build_info", [("version", version)], 1)
    page.begin("nenrin_http_requests_total", .counter, "Requests answered, by route, method and status.")
    let requests = state.requests.sorted { left, right in
      (left.key.route, left.key.method, left.key.status) < (right.key.route, right.key.method, right.key.status)
    }
    for (series, count) in requests {
      let labels = [("route", series.route), ("method", series.method), ("status", String(series.status))]
      page.add("nenrin_http_requests_total", labels, Double(count))
    }
    page.begin("nenrin_http_request_seconds", .histogram, "From a request's head to its answer's last byte.")
    for (route, histogram) in state.latency.sorted(by: { $0.key < $1.key }) { page.add(route, histogram) }
    page.gauge("nenrin_http_requests_in_flight", "Requests that are being answered.", state.inFlight)
    page.gauge("nenrin_index_requests_running", "Requests that ask the index.", load.running)
    page.gauge("nenrin_index_requests_waiting", "Requests that wait for their turn.", load.waiting)
    page.counter("nenrin_completion_tokens_total", "Tokens of answers, estimated.", state.completionTokens)
    page.counter(
      "nenrin_unverified_names_total", "Names in answers that their snapshot does not hold.", state.unverifiedNames)
    page.add(snapshots)
    return page.text
  }

  /// Prometheus' text as it grows.
  private struct MetricsPage {
    enum Kind: String { case counter, gauge, histogram }

    private(set) var text = ""

    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func add(_ name: String, _ labels: [(String, String)], _ value: Double) {
      let list = labels.map { "\($0.0)=\"\(MetricsPage.escaped($0.1))\"" }.joined(separator: ",")
      let number = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
      text += labels.isEmpty ? "\(name) \(number)\n" : "\(name){\(list)} \(number)\n"
    }

    mutating func gauge(_ name: String, _ help: String, _ value: Int) {
      begin(name, .gauge, help)
      add(name, [], Double(value))
    }

    mutating func counter(_ name: String, _ help: String, _ value: Int) {
      begin(name, .counter, help)
      add(name, [], Double(value))
    }

    mutating func add(_ route: String, _ histogram: Histogram) {
      for (bound, count) in zip(ServerMetrics.bounds, histogram.buckets) {
        add("nenrin_http_request_seconds_bucket", [("route", route), ("le", String(bound))], Double(count))
      }
      add("nenrin_http_request_seconds_bucket", [("route", route), ("le", "+Inf")], Double(histogram.count))
      add("nenrin_http_request_seconds_sum", [("route", route)], histogram.seconds)
      add("nenrin_http_request_seconds_count", [("route", route)], Double(histogram.count))
    }

    mutating func add(_ snapshots: [SnapshotInfo]) {
      gauge("nenrin_snapshots", "Snapshots that can be asked.", snapshots.count)
      let facts: [(name: String, help: String, value: (SnapshotInfo) -> Double)] = [
        ("nenrin_snapshot_files", "Paths in the snapshot.", { Double($0.files) }),
        ("nenrin_snapshot_bytes", "Bytes of its files.", { Double($0.bytes) }),
        ("nenrin_snapshot_chunks", "Distinct chunks it holds.", { Double($0.chunks) }),
        ("nenrin_snapshot_own_bytes", "Bytes that its own ring takes in the home.", { Double($0.ownBytes) }),
      ]
      for fact in facts {
        begin(fact.name, .gauge, fact.help)
        for snapshot in snapshots {
          let labels = [("collection", snapshot.collection), ("revision", snapshot.revision)]
          add(fact.name, labels, fact.value(snapshot))
        }
      }
    }

    private static func escaped(_ text: String) -> String {
      var escaped = ""
      for character in text {
        switch character {
        case "\\": escaped += "\\\\"
        case "\"": escaped += "\\\""
        case "\n": escaped += "\\n"
        default: escaped.append(character)
        }
      }
      return escaped
    }
  }
}
