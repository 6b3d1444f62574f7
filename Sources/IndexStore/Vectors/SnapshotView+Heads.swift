// SPDX-License-Identifier: Apache-2.0
package import Glossary

extension SnapshotView {
  /// Where the text stands that a chunk of the view is embedded by: a blob that holds it, and the byte range in that;
  /// nil where the chunk is not in the view.
  package func head(ofChunk number: UInt32) -> (blob: ObjectID, bytes: Range<Int>)? {
    guard Int(number) < layout.chunkFile.count, let place = locations(ofChunk: number).first else { return nil }
    let segment = Segment.holding(number, among: segments)
    let traits = segment.chunkTraits[Int(number) - segment.chunkBase]
    let start = place.bytes.lowerBound + Int(traits.headStart)
    let end = min(start + Int(traits.headCount), place.bytes.upperBound)
    return (manifest[place.file].object, start..<max(start, end))
  }
}
