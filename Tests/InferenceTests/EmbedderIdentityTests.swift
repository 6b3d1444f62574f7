// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Inference

@Suite struct EmbedderIdentityTests {
  @Test func anotherTableIsAnotherEmbedder() {
    let one = EmbedderIdentity(name: "static", dimensions: 256, fingerprint: "a1")
    #expect(one == EmbedderIdentity(name: "static", dimensions: 256, fingerprint: "a1"))
    #expect(one != EmbedderIdentity(name: "static", dimensions: 256, fingerprint: "a2"))
    #expect(one != EmbedderIdentity(name: "static", dimensions: 512, fingerprint: "a1"))
  }
}
