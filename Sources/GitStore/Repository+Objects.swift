// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
package import Glossary

extension Repository {
  /// The whole blob. Throws `objectUnreadable`.
  package func bytes(of blob: ObjectID) throws -> [UInt8] {
    try withBytes(of: blob) { Array($0) }
  }

  /// The blob's length in bytes, read from its header alone. Throws `objectUnreadable`.
  package func byteCount(of blob: ObjectID) throws -> Int {
    var length = 0
    var type = GIT_OBJECT_INVALID
    var id = blob.gitID
    do {
      try git(.readObject) { git_odb_read_header(&length, &type, objects, &id) }
    } catch let failure as GitFailure {
      throw unreadable(blob, failure.message, isMissing: failure.isNotFound)
    }
    guard type == GIT_OBJECT_BLOB else { throw unreadable(blob, "it is a \(Repository.name(of: type)), not a blob") }
    return length
  }

  /// Lends the blob's bytes without a copy of their own, only for the length of the call. Throws `objectUnreadable`
  /// and what `body` throws.
  package func withBytes<R>(of blob: ObjectID, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    try withObject(blob, type: GIT_OBJECT_BLOB, body)
  }

  func withObject<R>(_ id: ObjectID, type: git_object_t, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    var object: OpaquePointer?
    var gitID = id.gitID
    do {
      try git(.readObject) { git_odb_read(&object, objects, &gitID) }
    } catch let failure as GitFailure {
      throw unreadable(id, failure.message, isMissing: failure.isNotFound)
    }
    defer { git_odb_object_free(object) }
    let found = git_odb_object_type(object)
    guard found == type || type == GIT_OBJECT_ANY else {
      throw unreadable(id, "it is a \(Repository.name(of: found)), not a \(Repository.name(of: type))")
    }
    return try body(UnsafeRawBufferPointer(start: git_odb_object_data(object), count: git_odb_object_size(object)))
  }

  static func name(of type: git_object_t) -> String {
    String(cString: git_object_type2string(type))
  }

  /// The name that git gives a blob of these bytes.
  package static func objectID(ofBlob bytes: UnsafeRawBufferPointer) -> ObjectID {
    _ = Libgit2.started
    var id = git_oid()
    // A status is not looked at: hashing can fail only for want of memory. An empty buffer has no address.
    if let start = bytes.baseAddress {
      _ = git_odb_hash(&id, start, bytes.count, GIT_OBJECT_BLOB)
    } else {
      _ = git_odb_hash(&id, "", 0, GIT_OBJECT_BLOB)
    }
    return ObjectID(id)
  }

  /// The first 16 bytes of `objectID(ofBlob:)`, big-endian: an identity for a piece of text.
  package static func hash16(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
    let id = objectID(ofBlob: bytes)
    return (id.high, id.middle)
  }
}
