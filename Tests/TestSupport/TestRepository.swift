// SPDX-License-Identifier: Apache-2.0
internal import Foundation
package import Glossary

/// What a test puts at a path; a string literal is a plain file's text.
package enum TestFile: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, Sendable {
  case text(String)
  case bytes([UInt8])
  case executable(String)
  case symlink(to: String)
  /// A commit of another repository, as 40 digits.
  case submodule(String)

  package init(stringLiteral text: String) { self = .text(text) }

  var mode: String {
    switch self {
    case .text, .bytes: "100644"
    case .executable: "100755"
    case .symlink: "120000"
    case .submodule: "160000"
    }
  }

  var content: [UInt8] {
    switch self {
    case .text(let text), .executable(let text), .symlink(let text), .submodule(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    }
  }
}

/// A git repository in a temporary folder, made from code: one call is one commit. The folder goes with the object.
///
///     let repository = try TestRepository()
///     try repository.commit(["a.c": "int x;\n", "b/run": .executable("#!/bin/sh\n")], tag: "v1")
///     try repository.commit(["a.c": "int y;\n"], remove: ["b/run"], message: "rename x", tag: "v2")
///
/// Commit ids are the same in every run: dates are counted, a minute a commit, unless a test gives them.
package final class TestRepository {
  /// The temporary folder around it, where a test may put other things.
  package let folder: String
  /// The repository: a bare git directory, or a folder with a `.git` in it (whose work tree stays empty).
  package let path: String
  private var clock: Int64 = 1_700_000_000
  private var branches: Set<String> = []

  package init(bare: Bool = true) throws {
    folder = try TestRepository.temporaryFolder()
    path = folder + (bare ? "/project.git" : "/project")
    try git(["init", "-q", "--initial-branch=main"] + (bare ? ["--bare"] : []) + [path], in: folder)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A new folder below the system's temporary one; the caller removes it.
  package static func temporaryFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/nenrin-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// Adds a commit to a branch: moves, then removes files or folders, then writes `files` (a path that is not UTF-8 in
  /// `TreePath`'s quoted form). A new branch starts without a parent, or at `from`. Gives the commit's id.
  @discardableResult
  package func commit(
    _ files: [String: TestFile] = [:], remove: [String] = [], move: [(from: String, to: String)] = [],
    message: String = "change", branch: String = "main", from: String? = nil, merge: [String] = [], tag: String? = nil,
    annotatedTag: String? = nil, date: Int64? = nil
  ) throws -> ObjectID {
    clock += 60
    let who = "A Tester <tester@example.org> \(date ?? clock) +0000"
    var script = Array("commit refs/heads/\(branch)\nmark :1\nauthor \(who)\ncommitter \(who)\n".utf8)
    script += data(Array(message.utf8))
    let parent = try from ?? (hasBranch(branch) ? "refs/heads/\(branch)^0" : nil)
    if let parent { script += Array("from \(parent)\n".utf8) }
    for commit in merge { script += Array("merge \(commit)\n".utf8) }
    for (old, new) in move { script += Array("R \(quoted(old)) \(quoted(new))\n".utf8) }
    for path in remove { script += Array("D \(quoted(path))\n".utf8) }
    for (path, file) in files.sorted(by: { $0.key < $1.key }) {
      if case .submodule(let id) = file {
        script += Array("M 160000 \(id) \(quoted(path))\n".utf8)
      } else {
        script += Array("M \(file.mode) inline \(quoted(path))\n".utf8) + data(file.content)
      }
    }
    if let tag { script += Array("reset refs/tags/\(tag)\nfrom :1\n\n".utf8) }
    if let annotatedTag {
      script += Array("tag \(annotatedTag)\nfrom :1\ntagger \(who)\n".utf8) + data(Array(annotatedTag.utf8))
    }
    script += Array("get-mark :1\ndone\n".utf8)
    let output = try git(["fast-import", "--quiet", "--done", "--force", "--date-format=raw"], input: script)
    branches.insert(branch)
    guard let id = ObjectID(hex: output) else { throw TestFailure(description: "git fast-import: \(output)") }
    return id
  }

  /// The id of what a revision names, as git itself has it.
  package func id(of revision: String) throws -> ObjectID {
    let text = try git(["rev-parse", revision])
    guard let id = ObjectID(hex: text) else { throw TestFailure(description: "git rev-parse \(revision): \(text)") }
    return id
  }

  /// Runs the git program in the repository (or another folder); gives its standard output without the last line end.
  @discardableResult
  package func git(
    _ arguments: [String], input: [UInt8] = [], in directory: String? = nil, environment: [String: String] = [:]
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory ?? path)
    // Nothing of the machine's or the person's settings, so that a test means the same everywhere.
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder,
      "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
      "GIT_AUTHOR_NAME": "A Tester", "GIT_AUTHOR_EMAIL": "tester@example.org",
      "GIT_COMMITTER_NAME": "A Tester", "GIT_COMMITTER_EMAIL": "tester@example.org",
      "GIT_AUTHOR_DATE": "\(clock) +0000", "GIT_COMMITTER_DATE": "\(clock) +0000",
    ].merging(environment) { _, given in given }
    // Files instead of pipes: neither side can wait for the other, however much there is.
    let name = folder + "/.git-\(UUID().uuidString)"
    defer { for end in [".in", ".out", ".err"] { try? FileManager.default.removeItem(atPath: name + end) } }
    try Data(input).write(to: URL(fileURLWithPath: name + ".in"))
    for end in [".out", ".err"] { try Data().write(to: URL(fileURLWithPath: name + end)) }
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: name + ".in"))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: name + ".out"))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: name + ".err"))
    try process.run()
    process.waitUntilExit()
    let text = { (end: String) in
      String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: name + end))) ?? Data(), as: UTF8.self)
    }
    guard process.terminationStatus == 0 else {
      throw TestFailure(description: "git \(arguments.joined(separator: " ")): \(text(".err"))")
    }
    let output = text(".out")
    return output.hasSuffix("\n") ? String(output.dropLast()) : output
  }

  private func hasBranch(_ branch: String) throws -> Bool {
    try branches.contains(branch) || !git(["for-each-ref", "refs/heads/\(branch)"]).isEmpty
  }

  private func data(_ content: [UInt8]) -> [UInt8] {
    Array("data \(content.count)\n".utf8) + content + [UInt8(ascii: "\n")]
  }

  private func quoted(_ path: String) -> String {
    path.hasPrefix("\"") ? path : "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}

/// Why a fixture could not be made.
package struct TestFailure: Error, CustomStringConvertible {
  package var description: String

  package init(description: String) { self.description = description }
}
