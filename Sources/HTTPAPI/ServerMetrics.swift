// SPDX-License-Identifier: Apache-2.0
import Answering
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

    mutating func add(_ value: Double) {
      for (index, bound) in ServerMetrics.bounds.enumerated() where value <= bound { buckets[index] += 1 }
      count += 1
      seconds += value
    }
  }

  private struct State {
    var requests: [Series: Int] = [:]
    var latency: [String: Histogram] = [:]
    var inFlight = 0
    var promptTokens = 0
    var completionTokens = 0
    var unverifiedNames = 0
    var extractiveAnswers = 0
    var modelAnswers = 0
    var modelFallbacks = 0
    var stages: [String: Histogram] = [:]
  }

  private let state = Mutex(State())

  func began() { state.withLock { $0.inFlight += 1 } }

  func ended(route: String, method: String, status: Int, after duration: Duration) {
    let seconds = DocumentFormat.milliseconds(duration) / 1_000
    state.withLock { state in
      state.inFlight -= 1
      state.requests[Series(route: route, method: method, status: status), default: 0] += 1
      state.latency[route, default: Histogram()].add(seconds)
    }
  }

  func answered(_ answer: Answer) {
    state.withLock { state in
      if answer.model == Answerer.extractiveModel { state.extractiveAnswers += 1 } else { state.modelAnswers += 1 }
      state.promptTokens += answer.usage.promptTokens
      state.completionTokens += answer.usage.completionTokens
      state.unverifiedNames += answer.unverified.count
    }
  }

  /// A configured chat model did not answer, so that the answer is extractive.
  func fellBack() { state.withLock { $0.modelFallbacks += 1 } }

  /// A stage of an answer is over.
  func took(_ stage: String, _ duration: Duration) {
    state.withLock { $0.stages[stage, default: Histogram()].add(DocumentFormat.milliseconds(duration) / 1_000) }
  }

  /// Prometheus' text format, version 0.0.4.
  func text(
    version: String, load: (running: Int, waiting: Int), upstreamFailures: Int, snapshots: [SnapshotInfo]
  ) -> String {
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
    for (route, histogram) in state.latency.sorted(by: { $0.key < $1.key }) {
      page.add("nenrin_http_request_seconds", ("route", route), histogram)
    }
    page.begin("nenrin_answer_stage_seconds", .histogram, "Stages of streamed answers: retrieval, then first_token.")
    for (stage, histogram) in state.stages.sorted(by: { $0.key < $1.key }) {
      page.add("nenrin_answer_stage_seconds", ("stage", stage), histogram)
    }
    page.gauge("nenrin_http_requests_in_flight", "Requests that are being answered.", state.inFlight)
    page.gauge("nenrin_index_requests_running", "Requests that ask the index.", load.running)
    page.gauge("nenrin_index_requests_waiting", "Requests that wait for their turn.", load.waiting)
    page.begin("nenrin_answers_total", .counter, "Answers that were whole, by who wrote them.")
    page.add("nenrin_answers_total", [("by", "model")], Double(state.modelAnswers))
    page.add("nenrin_answers_total", [("by", "extract")], Double(state.extractiveAnswers))
    page.counter(
      "nenrin_model_fallbacks_total", "Answers that are extractive because the chat model did not answer.",
      state.modelFallbacks)
    page.counter("nenrin_upstream_failures_total", "Requests to chat model servers that failed.", upstreamFailures)
    page.counter("nenrin_prompt_tokens_total", "Tokens of prompts, estimated where none counted.", state.promptTokens)
    page.counter(
      "nenrin_completion_tokens_total", "Tokens of answers, estimated where none counted.", state.completionTokens)
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

    mutating func add(_ name: String, _ label: (String, String), _ histogram: Histogram) {
      for (bound, count) in zip(ServerMetrics.bounds, histogram.buckets) {
        add(name + "_bucket", [label, ("le", String(bound))], Double(count))
      }
      add(name + "_bucket", [label, ("le", "+Inf")], Double(histogram.count))
      add(name + "_sum", [label], histogram.seconds)
      add(name + "_count", [label], Double(histogram.count))
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
