// SPDX-License-Identifier: Apache-2.0
import Glossary

extension StoreInspection {
  /// Every file of a segment's vectors is as it was written.
  func inspectVectors(of segment: Segment) {
    let folder = VectorFolder(path: layout.vectors)
    for space in folder.spaces {
      for path in folder.files(space, segment: segment.number) {
        do {
          let file = try VectorFile(path: path, chunkCount: segment.chunkCount)
          if !file.isWhole { note(.vectors, path, "it is not what was written: its checksum differs") }
          count("vectors", file.rowCount)
        } catch {
          note(.vectors, path, StoreInspection.words(error))
        }
      }
    }
  }
}
