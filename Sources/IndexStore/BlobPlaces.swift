// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Where the blobs of a manifest lie: for each path the segment (its place in the list) and the row; -1 for what is no
/// file, and for a blob that no segment holds.
struct BlobPlaces {
  private(set) var segments: [Int16]
  private(set) var rows: [Int32]

  /// A segment with more than so many rows for each path of the manifest is searched, not walked through.
  private static let mostRowsPerPath = 8

  init(_ manifest: ManifestTable, in list: [Segment]) {
    segments = [Int16](repeating: -1, count: manifest.count)
    rows = [Int32](repeating: -1, count: manifest.count)
    // Blobs lie in order of name, so a manifest in the same order is joined to a segment in one pass over both.
    var wanted = BlobPlaces.inOrderOfKey(manifest)
    for (place, segment) in list.enumerated() where !wanted.isEmpty {
      if segment.blobs.count > wanted.count * BlobPlaces.mostRowsPerPath {
        wanted.removeAll { take($0, segment.blobRow($0.key), place) }
      } else {
        join(&wanted, segment, place)
      }
    }
  }

  private struct Wanted {
    var key: BlobKey
    var index: Int
  }

  private mutating func take(_ wanted: Wanted, _ row: Int?, _ place: Int) -> Bool {
    guard let row else { return false }
    segments[wanted.index] = Int16(place)
    rows[wanted.index] = Int32(row)
    return true
  }

  private mutating func join(_ wanted: inout [Wanted], _ segment: Segment, _ place: Int) {
    var left: [Wanted] = []
    segment.blobs.withBuffer { blobs in
      var row = 0
      for blob in wanted {
        let high = blob.key.object.high
        while row < blobs.count, blobs[row].high < high { row += 1 }
        while row < blobs.count, blobs[row].high == high, blobs[row].key < blob.key { row += 1 }
        let isFound = row < blobs.count && blobs[row].high == high && blobs[row].key == blob.key
        if !take(blob, isFound ? row : nil, place) { left.append(blob) }
      }
    }
    wanted = left
  }

  /// The files of a manifest in order of key. Object names are spread evenly: sorted into as many drawers as there are
  /// names, each drawer holds few.
  private static func inOrderOfKey(_ manifest: ManifestTable) -> [Wanted] {
    let files = (0..<manifest.count).filter { manifest.kind(at: $0).isFile }
    let drawers = max(1, files.count)
    func drawer(_ index: Int) -> Int {
      Int(manifest.objects[index].high.multipliedFullWidth(by: UInt64(drawers)).high)
    }
    var ends = [Int](repeating: 0, count: drawers + 1)
    for index in files { ends[drawer(index) + 1] += 1 }
    for place in 0..<drawers { ends[place + 1] += ends[place] }
    guard let first = files.first else { return [] }
    var sorted = [Wanted](repeating: Wanted(key: manifest.blobKey(at: first), index: first), count: files.count)
    for index in files {
      let place = drawer(index)
      sorted[ends[place]] = Wanted(key: manifest.blobKey(at: index), index: index)
      ends[place] += 1
    }
    // What shares a drawer is put in order as it would be by hand: each before those it precedes.
    for place in sorted.indices.dropFirst() where sorted[place].key < sorted[place - 1].key {
      let moved = sorted[place]
      var target = place
      while target > 0, moved.key < sorted[target - 1].key {
        sorted[target] = sorted[target - 1]
        target -= 1
      }
      sorted[target] = moved
    }
    return sorted
  }
}
