// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// Standard output has no reader any more (`| head` has seen enough): the program ends quietly.
struct OutputClosed: Error {}

/// Standard output and standard error. Answers go to the one, everything that is about answering to the other.
enum Console {
  static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
  static let errorIsTerminal = isatty(STDERR_FILENO) == 1

  /// Writes an answer, whole. Throws `OutputClosed`, or `diskFull` where standard output is a file that cannot grow.
  static func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  static func write(_ bytes: some Sequence<UInt8>) throws {
    try Array(bytes).withUnsafeBytes { try write($0) }
  }

  /// Writes a line of progress, a notice or an error; one that cannot be written is dropped.
  static func notice(_ text: String) {
    var text = text + "\n"
    text.withUTF8 { _ = try? write(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
  }

  /// The same without the line's end, for a display that is updated in place.
  static func update(_ text: String) {
    var text = text
    text.withUTF8 { _ = try? write(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
  }

  /// Columns of the terminal behind standard error; 80 where it does not say.
  static var errorColumns: Int { columns(STDERR_FILENO) ?? 80 }

  /// Columns of the terminal behind standard output; 100 where it is none.
  static var outputColumns: Int { columns(STDOUT_FILENO) ?? 100 }

  private static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes to a descriptor until all is written. Throws as the others do, with the name in the words.
  static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32 = STDOUT_FILENO, named name: String = "standard output"
  ) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
        continue
      }
      switch errno {
      case EINTR, EAGAIN: continue
      case EPIPE: throw OutputClosed()
      case ENOSPC:
        throw NenrinError(
          .diskFull, "\(name): no space left on the device",
          remedies: ["Free some space, or write the output elsewhere."])
      default:
        throw NenrinError(
          .fileUnreadable, "\(name): cannot be written", reason: String(cString: strerror(errno)))
      }
    }
  }
}

/// Colours, where a person's terminal is behind and `NO_COLOR` is not set.
struct Style {
  let isOn: Bool

  static let output = Style(isOn: Console.outputIsTerminal && !Environment.isSet("NO_COLOR"))
  static let error = Style(isOn: Console.errorIsTerminal && !Environment.isSet("NO_COLOR"))

  func bold(_ text: String) -> String { paint(text, "1") }
  func faint(_ text: String) -> String { paint(text, "2") }
  func path(_ text: String) -> String { paint(text, "36") }
  func warning(_ text: String) -> String { paint(text, "33") }
  func failure(_ text: String) -> String { paint(text, "31") }

  func paint(_ text: String, _ code: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
