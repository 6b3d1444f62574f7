// SPDX-License-Identifier: Apache-2.0
import Glossary
import Indexing
import Synchronization

/// How far an index run is, on standard error: one line kept up to date on a terminal, a line every few seconds
/// elsewhere.
final class ProgressDisplay: Sendable {
  private struct State {
    /// A run that is over in a moment shows nothing where lines stay.
    var lastShown = ContinuousClock.now
    var lastStage: IndexProgress.Stage?
    /// When reading began and how much was read by then, for speed and time left.
    var readingSince: Duration = .zero
    var published: [String] = []
    var holdsLine = false
  }

  /// The stages of which is known how much there is to do.
  private static let counted: [IndexProgress.Stage] = [.reading, .embedding, .history]

  private let isTerminal: Bool
  private let state = Mutex(State())

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// Snapshots that the run has published so far.
  var published: [String] { state.withLock { $0.published } }

  /// Takes note of the state of a run, and shows it where the last showing is long enough ago. Called from any thread.
  func show(_ progress: IndexProgress) {
    let now = ContinuousClock.now
    state.withLock { state in
      let changesStage = state.lastStage != progress.stage
      if changesStage, ProgressDisplay.counted.contains(progress.stage) { state.readingSince = progress.elapsed }
      if progress.stage == .done, state.published.last != progress.revision {
        state.published.append(progress.revision)
      }
      state.lastStage = progress.stage
      let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
      let isDue = state.lastShown.duration(to: now) >= interval
      guard isDue || (changesStage && isTerminal) else { return }
      guard progress.stage != .done else { return }
      state.lastShown = now
      let columns = Console.errorColumns - 1
      let text = line(progress, since: state.readingSince, columns: columns)
      if isTerminal {
        Console.update("\r\u{1B}[K" + String(text.prefix(columns)))
        state.holdsLine = true
      } else {
        Console.notice(text)
      }
    }
  }

  /// Clears the line, so that what follows stands alone.
  func clear() {
    state.withLock { state in
      if state.holdsLine { Console.update("\r\u{1B}[K") }
      state.holdsLine = false
    }
  }

  /// `reading v6.12.117  [#####.....]  45,231 of 86,691 files  34.2 MB/s  2:10 left`.
  private func line(_ progress: IndexProgress, since start: Duration, columns: Int) -> String {
    var parts = ["\(progress.stage.rawValue) \(progress.revision)"]
    if ProgressDisplay.counted.contains(progress.stage), progress.blobsTotal > 0 {
      let share = Double(progress.blobsDone) / Double(progress.blobsTotal)
      parts.append(
        "\(Figures.count(progress.blobsDone)) of \(Figures.count(progress.blobsTotal)) \(progress.stage == .history ? "commits" : "files")"
      )
      let seconds = (progress.elapsed - start) / .seconds(1)
      if seconds > 0.5, progress.blobsDone > 0 {
        if progress.bytesDone > 0 {
          parts.append("\(Figures.fixed(Double(progress.bytesDone) / seconds / 1e6, 1)) MB/s")
        }
        if progress.textsDone > 0 {
          parts.append("\(Figures.fixed(Double(progress.textsDone) / seconds, 1)) texts/s")
        }
        parts.append("\(Figures.clock(seconds / share * (1 - share))) left")
      }
      // The bar takes the room that the words leave.
      let room = columns - parts.reduce(0) { $0 + $1.count + 2 } - 2
      if isTerminal, room >= 5 { parts.insert(bar(share, width: min(30, room)), at: 1) }
    } else {
      parts.append(Figures.clock(progress.elapsed / .seconds(1)))
    }
    return parts.joined(separator: "  ")
  }

  private func bar(_ share: Double, width: Int) -> String {
    let filled = min(width, max(0, Int(share * Double(width))))
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]"
  }
}

/// A count that is kept up to date on a terminal, and silent elsewhere.
struct CountDisplay {
  let total: Int
  let noun: String
  private var done = 0
  private var lastShown: ContinuousClock.Instant?

  init(total: Int, noun: String) {
    self.total = total
    self.noun = noun
  }

  mutating func advance() {
    done += 1
    let now = ContinuousClock.now
    guard Console.errorIsTerminal, lastShown.map({ $0.duration(to: now) >= .milliseconds(100) }) ?? true else { return }
    lastShown = now
    Console.update("\r\u{1B}[K\(Figures.count(done)) of \(Figures.count(total)) \(noun)")
  }

  func finish() {
    if lastShown != nil { Console.update("\r\u{1B}[K") }
  }
}
