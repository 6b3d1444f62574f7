// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// Definitions as text, to compare with what another reader of the same sources says.
package enum DefinitionDump {
  /// A line for each definition: path, kind, name, line, `s` where static and `x` where exported, between tabs.
  package static func lines(path: String, analysis: BlobAnalysis) -> String {
    var text = ""
    for chunk in analysis.chunks {
      for definition in chunk.definitions {
        text += "\(path)\t\(definition.kind.name)\t\(definition.name)\t\(definition.line)\t"
        text += "\(definition.isStatic ? "s" : "")\(definition.isExported ? "x" : "")\n"
      }
    }
    return text
  }
}
