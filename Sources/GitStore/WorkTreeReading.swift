// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Dispatch
internal import Glibc
internal import Glossary
internal import Synchronization

/// Reads the files of a work tree that may differ from the index, on all cores.
struct WorkTreeReading {
  let tree: String
  /// The checkout's own git directory.
  let gitDirectory: String
  let root: Int32
  let index: CheckoutIndex
  let limits: WorkTree.Limits

  struct Result: Sendable {
    /// By place in the index.
    var changed: [Int: (kind: EntryKind, object: ObjectID)] = [:]
    var new: [ManifestEntry] = []
    /// Places in the index whose file went while it was looked at.
    var gone: Set<Int> = []
    var contents: [ObjectID: [UInt8]] = [:]
    var notes: [String] = []
    var byteCount = 0
    /// What git would have to read again, too.
    var reread = 0
  }

  /// Throws `unsupported` beyond the limits.
  func read(_ candidates: [WorkTreeWalk.Candidate]) throws -> Result {
    let new = candidates.count { $0.record == nil }
    guard new <= limits.files else { throw refusal("\(new) files that git does not follow") }
    let size = max(1, min(256, candidates.count / 8))
    let starts = Array(stride(from: 0, to: candidates.count, by: size))
    let total = Mutex(Result())
    let limits = limits
    DispatchQueue.concurrentPerform(iterations: starts.count) { part in
      if total.withLock({ $0.byteCount > limits.bytes || $0.changed.count + $0.new.count > limits.files }) { return }
      let filters = GitFilters(gitDirectory)
      var result = Result()
      for candidate in candidates[starts[part]..<min(starts[part] + size, candidates.count)] {
        read(candidate, filters, into: &result)
      }
      let done = result
      total.withLock { $0.add(done) }
    }
    var result = total.withLock { $0 }
    guard result.byteCount <= limits.bytes else {
      throw refusal("more than \(limits.bytes >> 20) MiB of changed files")
    }
    guard result.changed.count + result.new.count <= limits.files else {
      throw refusal("more than \(limits.files) changed files")
    }
    result.notes.sort()
    if result.reread > 1_000 {
      result.notes.append(
        "\(result.reread) unchanged files had to be read, since git's index does not know their times: "
          + "`git -C \(shellQuoted(tree)) update-index --refresh` makes this faster")
    }
    return result
  }

  private func read(_ candidate: WorkTreeWalk.Candidate, _ filters: GitFilters, into result: inout Result) {
    let path = TreePath(bytes: candidate.path)
    let directory = candidate.path.lastIndex(of: UInt8(ascii: "/")).map { candidate.path[..<$0] } ?? []
    let descriptor = WorkTreeWalk.open(directory, below: root, O_RDONLY | O_DIRECTORY)
    defer { if descriptor >= 0 { close(descriptor) } }
    var kind = candidate.kind
    let content: [UInt8]
    do {
      guard descriptor >= 0 else { throw WorkTreeFile.Refusal(reason: systemMessage(), isGone: errno == ENOENT) }
      let name = Array(path.nameBytes)
      if kind == .symlink {
        content = try WorkTreeFile.target(ofLink: name, in: descriptor)
      } else {
        let file = try WorkTreeFile.bytes(name, in: descriptor, limit: limits.fileBytes)
        if candidate.record == nil { kind = file.isExecutable ? .executable : .file }
        if file.isUnsteady { result.notes.append("\(path) was being written to: taken as it was read last") }
        content = filters.stored(file.content, path: candidate.path) ?? file.content
      }
    } catch {
      return refuse(candidate, error as? WorkTreeFile.Refusal, into: &result)
    }
    let object = content.withUnsafeBytes { Repository.objectID(ofBlob: $0) }
    if let place = candidate.record {
      let record = index.records[place]
      if !record.isConflict, record.object == object, record.mode == kind.mode {
        result.reread += 1
        return
      }
      result.changed[place] = (kind, object)
    } else {
      result.new.append(ManifestEntry(path: path, kind: kind, object: object))
    }
    result.byteCount += content.count
    result.contents[object] = content
  }

  private func refuse(
    _ candidate: WorkTreeWalk.Candidate, _ refusal: WorkTreeFile.Refusal?, into result: inout Result
  ) {
    let path = WorkTreeWalk.text(candidate.path)
    if refusal?.isGone == true {
      if let place = candidate.record { result.gone.insert(place) }
      return
    }
    let reason = refusal?.reason ?? "it cannot be read"
    let kept = candidate.record.map { !index.records[$0].isConflict && !index.records[$0].isIntended } ?? false
    if !kept, let place = candidate.record { result.gone.insert(place) }
    result.notes.append(kept ? "as git last saw it: \(path) (\(reason))" : "left out: \(path) (\(reason))")
  }

  private func refusal(_ what: String) -> NenrinError {
    NenrinError(
      .unsupported, "the work tree \(tree) has \(what)",
      reason:
        "an overlay is made for a person's own changes: up to \(limits.files) files and \(limits.bytes >> 20) MiB",
      remedies: [
        "Commit and `nenrin index` them, or name what is no source in a .gitignore; `git status` lists them."
      ])
  }
}

extension WorkTreeReading.Result {
  fileprivate mutating func add(_ other: Self) {
    changed.merge(other.changed) { first, _ in first }
    new += other.new
    gone.formUnion(other.gone)
    contents.merge(other.contents) { first, _ in first }
    notes += other.notes
    byteCount += other.byteCount
    reread += other.reread
  }
}

/// What git's own filters (line ends, `ident`) make of a file on its way into the repository. A handle of its own, since
/// one must not be used by several threads. Programs that a configuration names as filters are never run.
final class GitFilters {
  private let repository: Repository?

  init(_ gitDirectory: String) { repository = try? Repository(opening: gitDirectory) }

  /// Nil where the bytes are stored as they are.
  func stored(_ bytes: [UInt8], path: [UInt8]) -> [UInt8]? {
    guard let repository else { return nil }
    let name = path.map { CChar(bitPattern: $0) } + [0]
    var list: OpaquePointer?
    guard
      git_filter_list_load(
        &list, repository.handle, nil, name, GIT_FILTER_TO_ODB, GIT_FILTER_ALLOW_UNSAFE.rawValue) == 0, list != nil
    else { return nil }
    defer { git_filter_list_free(list) }
    var out = git_buf()
    defer { git_buf_dispose(&out) }
    let status = bytes.withUnsafeBytes { raw in
      git_filter_list_apply_to_buffer(&out, list, raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count)
    }
    guard status == 0, let start = out.ptr else { return nil }
    return Array(UnsafeRawBufferPointer(start: start, count: out.size))
  }
}
