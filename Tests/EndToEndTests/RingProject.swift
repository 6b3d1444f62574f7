// SPDX-License-Identifier: Apache-2.0
import TestSupport

/// A small project with a file of most kinds, in two releases that are tagged.
enum RingProject {
  static let source = """
    // SPDX-License-Identifier: GPL-2.0
    /* A ring buffer that one writer and one reader share without a lock. */
    #include "slots.h"

    /* Appends a value; gives 0, or -1 where the ring is full. */
    int ring_push(struct slots *ring, int value)
    {
    \tif (ring->count == RING_SIZE)
    \t\treturn -1;
    \tring->values[ring->count++] = value;
    \treturn 0;
    }

    int ring_pop(struct slots *ring)
    {
    \treturn ring->values[--ring->count];
    }

    """

  static let header = """
    #define RING_SIZE 64

    struct slots {
    \tint count;
    \tint values[RING_SIZE];
    };

    int ring_push(struct slots *ring, int value);

    """

  static let consumer = """
    #include "slots.h"

    static int feed_ring(struct slots *ring)
    {
    \treturn ring_push(ring, 7);
    }

    """

  static let guide = """
    Kettles
    =======

    How to boil water with a kettle that whistles.

    Descaling
    ---------

    Vinegar removes the lime.

    """

  /// `v1.0.1` with a library, a caller, a guide, a link and a picture; `v1.0.2`, where the caller is gone.
  static func repository() throws -> TestRepository {
    let repository = try TestRepository()
    try repository.commit(
      [
        "lib/ring.c": .text(source), "lib/slots.h": .text(header), "app/feed.c": .text(consumer),
        "doc/kettle.rst": .text(guide), "latest": .symlink(to: "lib/ring.c"),
        "art/logo.bin": .bytes([0, 1, 2, 3, 0, 255]),
      ], message: "first", tag: "v1.0.1")
    try repository.commit(remove: ["app/feed.c"], message: "second", tag: "v1.0.2")
    return repository
  }

  /// A program whose home holds both releases as the collection `ring`.
  static func indexed() throws -> (program: Program, repository: TestRepository) {
    let repository = try repository()
    let program = try Program()
    program.repository = repository
    let outcome = try program.run("index", repository.path, "v1.0.1", "v1.0.2", "--name", "ring")
    guard outcome.status == 0 else { throw TestFailure(description: "nenrin index: \(outcome.error)") }
    return (program, repository)
  }
}
