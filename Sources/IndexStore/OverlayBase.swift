// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A snapshot and all that its home holds, for a view of changes to it that are written nowhere.
package struct OverlayBase: Sendable {
  package let manifest: ManifestTable
  let segments: [Segment]
  let vectorFolder: VectorFolder

  /// No segment of a home reaches this number.
  static let segmentNumber = Int64.max

  /// What need not be read again.
  package var known: KnownContent { KnownContent(segments: segments) }

  /// The view of a manifest whose blobs the home holds or `blobs` brings.
  ///
  /// - Parameters:
  ///   - info: under which name it goes; its files, bytes and chunks are counted here.
  ///   - folder: where the segment of the new chunks is written. It may be removed when this returns; vectors need it
  ///     until they are added.
  /// Throws `indexDamaged` where a blob is in neither, `diskFull`.
  package func view(
    _ info: SnapshotInfo, manifest: ManifestTable, blobs: [PreparedBlob], folder: String
  ) throws -> SnapshotView {
    let known = known
    let builder = SegmentBuilder(chunkBase: known.nextChunk, known: known, termCapacity: 1 << 14)
    for blob in blobs { _ = builder.add(blob) }
    var segments = segments
    if !builder.isEmpty {
      let path = "\(folder)/overlay.segment"
      _ = try builder.seal(into: path)
      segments.append(
        try Segment(path: path, number: OverlayBase.segmentNumber, chunkBase: Int(builder.chunkBase)))
    }
    var vectors = vectorFolder
    vectors.overlay = "\(folder)/vectors"
    return try SnapshotView(
      info: info, manifest: manifest, segments: segments, vectorFolder: vectors, isOverlay: true)
  }
}

extension SnapshotView {
  /// The new chunks of an overlay that have no vector yet; nil where there are none, or where what lies below has no
  /// vectors in that space either.
  package func unembeddedOverlay(in space: VectorSpace) -> UnembeddedSegment? {
    guard vectorFolder.spaces.contains(space.folder),
      let place = segments.firstIndex(where: { $0.number == OverlayBase.segmentNumber })
    else { return nil }
    let blobs = segments[place].blobs
    return UnembeddedHeads.of((0..<blobs.count).map { blobs[$0].key }, among: segments, in: space, vectorFolder)
      .first { $0.number == OverlayBase.segmentNumber }
  }

  /// Takes in the vectors of an overlay's new chunks. Throws `diskFull`.
  package func addOverlay(_ batch: VectorBatch, in space: VectorSpace) throws {
    guard let path = vectorFolder.overlay else { return }
    let folder = VectorFolder(path: path)
    try HomeWriter.makeFolder(folder.path(of: space))
    _ = try VectorFile.write(batch, into: folder.nextFile(space.folder, segment: OverlayBase.segmentNumber))
    openVectors()
  }
}
