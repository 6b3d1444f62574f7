// SPDX-License-Identifier: Apache-2.0
import Foundation

/// JSON by keys and places: `json["files"][0]["path"].text`. What is not there is null.
enum JSON: Decodable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case table([String: JSON])

  /// Null where the text is no JSON.
  init(parsing text: String) {
    self = (try? JSONDecoder().decode(JSON.self, from: Data(text.utf8))) ?? .null
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .table(try container.decode([String: JSON].self))
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var list: [JSON] { if case .list(let list) = self { list } else { [] } }
  var keys: [String] { if case .table(let table) = self { table.keys.sorted() } else { [] } }

  subscript(_ key: String) -> JSON {
    if case .table(let table) = self { table[key] ?? .null } else { .null }
  }

  subscript(_ index: Int) -> JSON { index < list.count ? list[index] : .null }
}
