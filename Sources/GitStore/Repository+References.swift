// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
package import Glossary

extension Repository {
  /// Tags of commits whose name matches a shell pattern (`v6.1.*`; `*` also matches `/`), the oldest commit first, and
  /// by name, versions in their order, where dates are equal.
  package func tags(matching glob: String) throws -> [String] {
    var dated: [(name: String, date: Int64)] = []
    for (name, reference) in try references(under: "refs/tags/") where matches(name, glob) {
      if let date = commitDate(ofReference: reference) { dated.append((name, date)) }
    }
    dated.sort { $0.date != $1.date ? $0.date < $1.date : versionOrder($0.name, $1.name) }
    return dated.map(\.name)
  }

  /// Branches, remotes' branches too (`origin/main`), whose name matches a shell pattern, by name, versions in their
  /// order.
  package func branches(matching glob: String) throws -> [String] {
    let local = try references(under: "refs/heads/")
    let remote = try references(under: "refs/remotes/").filter { !$0.name.hasSuffix("/HEAD") }
    return (local + remote).map(\.name).filter { matches($0, glob) }.sorted(by: versionOrder)
  }

  /// Every tag, whatever it names, in version order.
  func tagNames() throws -> [String] {
    try references(under: "refs/tags/").map(\.name).sorted(by: versionOrder)
  }

  private func matches(_ name: String, _ glob: String) -> Bool { fnmatch(glob, name, 0) == 0 }

  /// References by their name without `prefix` and by their full name.
  func references(under prefix: String) throws -> [(name: String, reference: String)] {
    var iterator: OpaquePointer?
    do {
      try git(.listReferences) { git_reference_iterator_glob_new(&iterator, handle, prefix + "*") }
      defer { git_reference_iterator_free(iterator) }
      var found: [(name: String, reference: String)] = []
      var name: UnsafePointer<CChar>?
      while true {
        let status = git_reference_next_name(&name, iterator)
        if status == GIT_ITEROVER.rawValue { return found }
        try git(.listReferences) { status }
        guard let name else { return found }
        let reference = String(cString: name)
        found.append((String(reference.dropFirst(prefix.count)), reference))
      }
    } catch let failure as GitFailure {
      throw failure.error(at: gitDirectory)
    }
  }

  /// The tags of each commit that has one, in version order.
  func tagsByCommit() throws -> [ObjectID: [String]] {
    var names: [ObjectID: [String]] = [:]
    for (name, reference) in try references(under: "refs/tags/") {
      guard let commit = withCommit(ofReference: reference, { ObjectID(git_commit_id($0).pointee) }) else { continue }
      names[commit, default: []].append(name)
    }
    return names.mapValues { $0.sorted(by: versionOrder) }
  }

  /// The commits that have a tag.
  package func taggedCommits() throws -> Set<ObjectID> { try Set(tagsByCommit().keys) }

  /// The commits that branches, remotes' branches and tags stand at, each once.
  package func namedCommits() throws -> [ObjectID] {
    var seen: Set<ObjectID> = []
    return try ["refs/heads/", "refs/remotes/", "refs/tags/"].flatMap { try references(under: $0) }.compactMap {
      withCommit(ofReference: $0.reference) { ObjectID(git_commit_id($0).pointee) }
    }.filter { seen.insert($0).inserted }
  }

  private func commitDate(ofReference reference: String) -> Int64? {
    withCommit(ofReference: reference) { git_commit_time($0) }
  }

  /// Nil for a reference that leads to no commit, or to one that cannot be read (asked for by name, it is explained).
  private func withCommit<R>(ofReference name: String, _ body: (OpaquePointer) -> R) -> R? {
    var reference: OpaquePointer?
    guard (try? git(.listReferences) { git_reference_lookup(&reference, handle, name) }) != nil else { return nil }
    defer { git_reference_free(reference) }
    var commit: OpaquePointer?
    guard (try? git(.listReferences) { git_reference_peel(&commit, reference, GIT_OBJECT_COMMIT) }) != nil else {
      return nil
    }
    defer { git_object_free(commit) }
    return commit.map(body)
  }
}

/// Whether one name stands before another where runs of digits count as numbers and `-rc` before the release itself.
func versionOrder(_ left: String, _ right: String) -> Bool {
  var a = Array(left.utf8)[...]
  var b = Array(right.utf8)[...]
  let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
  while let x = a.first, let y = b.first {
    if isDigit(x), isDigit(y) {
      let first = a.prefix(while: isDigit)
      let second = b.prefix(while: isDigit)
      let one = first.drop { $0 == 0x30 }
      let two = second.drop { $0 == 0x30 }
      if one.count != two.count { return one.count < two.count }
      if !one.elementsEqual(two) { return one.lexicographicallyPrecedes(two) }
      a = a.dropFirst(first.count)
      b = b.dropFirst(second.count)
    } else if x == y {
      a.removeFirst()
      b.removeFirst()
    } else {
      return x < y
    }
  }
  if a.isEmpty != b.isEmpty {
    let rest = a.isEmpty ? b : a
    return a.isEmpty != rest.starts(with: "-rc".utf8)
  }
  return left < right
}

/// The names most like a wrong one: those that begin with it or are a few letters away, nearest first.
func nearMisses(of wrong: String, among names: [String], limit: Int) -> [String] {
  let asked = Array(wrong.lowercased().utf8)
  let reach = max(1, min(3, asked.count / 3))
  var scored: [(name: String, distance: Int)] = []
  for name in Set(names) {
    let candidate = Array(name.lowercased().utf8)
    let distance = abs(asked.count - candidate.count) > reach ? reach + 1 : NearMiss.distance(asked, candidate)
    if distance <= reach {
      scored.append((name, distance))
    } else if asked.count >= 2,
      candidate.starts(with: asked) || candidate.split(separator: UInt8(ascii: "/")).last.map(Array.init) == asked
    {
      scored.append((name, reach + 1))
    }
  }
  scored.sort { $0.distance != $1.distance ? $0.distance < $1.distance : versionOrder($0.name, $1.name) }
  return scored.prefix(limit).map(\.name)
}
