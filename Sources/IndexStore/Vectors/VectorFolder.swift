// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// The files of one home's vectors: a folder for each space, in it `SEGMENT-N.vectors`.
struct VectorFolder: Sendable {
  /// `HomeLayout.vectors`.
  let path: String
  /// A folder of the same form elsewhere, with the vectors of an overlay.
  var overlay: String?

  init(path: String) { self.path = path }

  func path(of space: VectorSpace) -> String { "\(path)/\(space.folder)" }

  /// The names of all folders.
  var spaces: [String] { SmallFile.names(in: path) }

  /// The files of a segment in a folder, in order of number.
  func files(_ folder: String, segment: Int64) -> [String] {
    let path = segment == OverlayBase.segmentNumber ? overlay ?? path : path
    return SmallFile.names(in: "\(path)/\(folder)").filter { VectorFolder.segment(ofFile: $0) == segment }
      .map { "\(path)/\(folder)/\($0)" }
  }

  /// The name of the next file of a segment.
  func nextFile(_ folder: String, segment: Int64) -> String {
    let numbers = SmallFile.names(in: "\(path)/\(folder)").filter { VectorFolder.segment(ofFile: $0) == segment }
      .compactMap { Int($0.split(separator: "-")[1].dropLast(".vectors".count)) }
    return "\(path)/\(folder)/\(segment)-\((numbers.max() ?? 0) + 1).vectors"
  }

  /// Removes files of segments that are gone, and what an interrupted run left unfinished.
  func removeLeftovers(live: Set<Int64>) {
    for folder in spaces {
      for name in SmallFile.names(in: "\(path)/\(folder)")
      where !(VectorFolder.segment(ofFile: name).map(live.contains) ?? false) {
        unlink("\(path)/\(folder)/\(name)")
      }
    }
  }

  /// Nil for anything but a finished file.
  static func segment(ofFile name: String) -> Int64? {
    guard name.hasSuffix(".vectors") else { return nil }
    let parts = name.dropLast(".vectors".count).split(separator: "-")
    guard parts.count == 2, Int(parts[1]) != nil else { return nil }
    return Int64(parts[0])
  }
}

/// One segment's vectors in one space.
struct SegmentVectors: Sendable {
  let segment: Segment
  let files: [VectorFile]
  /// A bit for each chunk of the segment that was looked at.
  let looked: [UInt8]

  /// Files that cannot be read count as missing: the next index run makes their vectors again.
  init(_ segment: Segment, _ space: VectorSpace, in folder: VectorFolder) {
    self.init(segment, space.folder, in: folder)
  }

  /// The same of a space of which only the folder's name is known.
  init(_ segment: Segment, _ space: String, in folder: VectorFolder) {
    self.segment = segment
    files = folder.files(space, segment: segment.number).compactMap {
      try? VectorFile(path: $0, chunkCount: segment.chunkCount)
    }
    var bits = [UInt8](repeating: 0, count: (segment.chunkCount + 7) / 8)
    for file in files { file.addLooked(to: &bits) }
    looked = bits
  }

  func hasLooked(at local: Int) -> Bool { looked[local / 8] & (1 << UInt8(local % 8)) != 0 }
}
