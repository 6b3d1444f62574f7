// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

/// What goes wrong, in its exact words: what happened, why, and what to do next.
struct ErrorTests {
  private func expect(
    _ outcome: Outcome, _ words: String, status: Int32 = 2, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.status == status, sourceLocation: sourceLocation)
    #expect(outcome.error == words + "\n", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
  }

  @Test func anUnknownRevisionHasNearOnes() throws {
    let repository = try RingProject.repository()
    let program = try Program()
    expect(
      try program.run("index", repository.path, "v1.0.3", "--json"),
      """
      nenrin: no revision 'v1.0.3' in \(repository.path)
        Try v1.0.1 or v1.0.2.
      """)
  }

  @Test func anUnknownSnapshotHasNearOnes() throws {
    let (program, _) = try RingProject.indexed()
    expect(
      try program.run("search", "ring", "--at", "v1.0.7"),
      """
      nenrin: no snapshot 'v1.0.7': indexed here are v1.0.2, v1.0.1
        Run `nenrin index SOURCE v1.0.7` to add it, or `nenrin snapshots` for the list.
      """)
  }

  @Test func anUnknownCollectionIsNamed() throws {
    let (program, _) = try RingProject.indexed()
    expect(
      try program.run("search", "ring", "--at", "rung@v1.0.1"),
      """
      nenrin: no collection 'rung': indexed here: ring
        Run `nenrin snapshots` for the list, or `nenrin index SOURCE --name rung` to add it.
      """)
  }

  @Test func aPathWithNothingThereIsNoRepository() throws {
    let program = try Program()
    expect(
      try program.run("index", "\(program.folder)/nowhere"),
      """
      nenrin: nothing at '\(program.folder)/nowhere': neither a repository nor a folder is there
        Check the path; `~` is only understood by the shell.
      """)
  }

  @Test func aFileIsNoRepository() throws {
    let program = try Program()
    let file = try program.write("not a repository", to: "file")
    expect(
      try program.run("index", file),
      """
      nenrin: not a git repository: '\(file)': it has no objects and references, nor has a .git in it
        Give a bare repository, or a folder in which `git log` works.
      """)
  }

  @Test func anEmptyTreeHasNothingToIndex() throws {
    let repository = try TestRepository()
    try repository.commit(tag: "v0")
    let program = try Program()
    let commit = try repository.git(["rev-parse", "--short=12", "v0"])
    expect(
      try program.run("index", repository.path, "v0", "--name", "empty"),
      """
      nenrin: no files in 'v0': the tree of commit \(commit) is empty
        Give a revision that has files; `git ls-tree -r v0` lists them.
      """)
  }

  @Test func aDamagedObjectIsSaid() throws {
    let (program, repository) = try RingProject.indexed()
    let blob = try repository.git(["rev-parse", "v1.0.2:lib/ring.c"])
    let object = "\(repository.path)/objects/\(blob.prefix(2))/\(blob.dropFirst(2))"
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: object)
    try Data("garbage".utf8).write(to: URL(fileURLWithPath: object))
    let words = """
      nenrin: object \(blob) in \(repository.path) cannot be read: its file does not hold one whole object
        Run `git -C \(repository.path) fsck` to see what is damaged, then fetch or clone again.
      """
    expect(try program.run("show", "v1.0.2:lib/ring.c"), words)
    expect(try Program().run("index", repository.path, "v1.0.2", "--json"), words)
  }

  @Test func aHomeThatCannotBeWritten() throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let file = try program.write("", to: "file")
    expect(
      try program.run("index", repository.path, "--home", "\(file)/home"),
      """
      nenrin: cannot write \(file)/home: Not a directory
        Choose another home with --home DIR or NENRIN_HOME, or make this one writable.
      """)
  }

  @Test func aHomeWithNothingInIt() throws {
    let program = try Program()
    expect(
      try program.run("search", "ring"),
      """
      nenrin: nothing is indexed in \(program.home)
        Run `nenrin index SOURCE` first, or name another home with --home DIR or NENRIN_HOME.
      """)
  }

  /// A limit of file size stands for a full disk: the system refuses the same write, and no device is needed.
  @Test func aFullDiskLosesNothingThatWasPublished() throws {
    let (program, repository) = try RingProject.indexed()
    try repository.commit(
      ["lib/more.c": .text((1...4_000).map { "int number_\($0)(void) { return \($0); }\n" }.joined())], tag: "v1.0.3")
    let full = try program.shell("ulimit -f 40; nenrin index '\(repository.path)' v1.0.3 --name ring")
    #expect(full.status == 2)
    #expect(full.output == "")
    #expect(full.error.hasPrefix("nenrin: no room left to write \(program.home)/"))
    #expect(full.error.contains("  Free some space"))
    #expect(try program.run("snapshots", "--json").json.list.map { $0["revision"].text } == ["v1.0.2", "v1.0.1"])
    #expect(try program.run("verify").status == 0)
    #expect(try program.run("index", repository.path, "v1.0.3", "--name", "ring").status == 0)
    #expect(try program.run("symbol", "number_4000").output.hasPrefix("lib/more.c:4000  function  "))
  }

  @Test func anOutputThatIsFull() throws {
    let (program, _) = try RingProject.indexed()
    expect(
      try program.shell("nenrin show v1.0.1:lib/ring.c > /dev/full"),
      """
      nenrin: standard output: no space left on the device
        Free some space, or write the output elsewhere.
      """)
  }

  @Test func anIndexOfAnotherFormat() throws {
    let (program, _) = try RingProject.indexed()
    let pointer = "\(program.home)/CURRENT"
    let fields = try String(contentsOfFile: pointer, encoding: .utf8).split(separator: " ")
    let format = try #require(Int(fields[0]))
    let later = "\(format + 1) " + fields.dropFirst().joined(separator: " ")
    try Data(later.utf8).write(to: URL(fileURLWithPath: pointer))
    expect(
      try program.run("search", "ring"),
      """
      nenrin: \(program.home) has index format \(format + 1), this program reads format \(format)
        Use the newer nenrin that wrote it, or index again into another home with --home DIR.
      """)
  }

  @Test func anIndexThatAnotherProcessWrites() throws {
    let (program, repository) = try RingProject.indexed()
    let lock = "\(program.home)/write.lock"
    let descriptor = open(lock, O_RDWR)
    try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
    defer { close(descriptor) }
    ftruncate(descriptor, 0)
    expect(
      try program.run("index", repository.path, "v1.0.1~0", "--name", "ring"),
      """
      nenrin: another process is writing to this home: \(lock)
        Wait until it is done, or index into another home with --home DIR. Searching works meanwhile.
      """)
    #expect(try program.run("search", "ring", "buffer").status == 0)
  }

  @Test(arguments: [[""], ["  ", "\t"]])
  func anEmptyQuestion(words: [String]) throws {
    let (program, _) = try RingProject.indexed()
    for command in ["search", "ask"] {
      let outcome = try program.shell("nenrin \(command) " + words.map { "'\($0)'" }.joined(separator: " "))
      expect(
        outcome,
        """
        nenrin: the question is empty
          Ask in a sentence or name a symbol, a path or an option.
        """)
    }
  }

  @Test func aQuestionOfAMegabyte() throws {
    let (program, _) = try RingProject.indexed()
    let question = Array(repeatElement(Array("ring ".utf8), count: 200_000).joined())
    for command in ["search", "ask"] {
      expect(
        try program.run(command, "-", input: question),
        """
        nenrin: the question is 1000000 bytes long: at most 100000 are taken
          Ask about the part that matters; a log or a patch is best cut to the lines that fail.
        """)
    }
  }
}
