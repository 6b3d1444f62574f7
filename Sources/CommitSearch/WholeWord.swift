// SPDX-License-Identifier: Apache-2.0

/// A name in a text, where no letter, digit or underscore stands at its sides.
enum WholeWord {
  static func stands(_ needle: [UInt8], in text: ArraySlice<UInt8>) -> Bool {
    guard let first = needle.first, needle.count <= text.count else { return false }
    return text.withUnsafeBufferPointer { text in
      needle.withUnsafeBufferPointer { needle in
        var index = 0
        let last = text.count - needle.count
        while index <= last {
          if text[index] == first {
            var offset = 1
            while offset < needle.count, text[index + offset] == needle[offset] { offset += 1 }
            if offset == needle.count, index == 0 || !isName(text[index - 1]),
              index + offset == text.count || !isName(text[index + offset])
            {
              return true
            }
          }
          index += 1
        }
        return false
      }
    }
  }

  private static func isName(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
      || byte >= 0x80
  }
}
