// SPDX-License-Identifier: Apache-2.0
import HTTPAPI
import Testing

@Suite struct CallTests {
  @Test func callersComeWithTheSymbolWhereTheyAreAskedFor() async throws {
    try await withServer { client in
      let reply = try await client.post("/api/symbol", #"{"name":"spin","callers":true}"#)
      #expect(
        reply.text.hasPrefix(
          #"{"calls":{"callers":[{"in_kind":"function","in_symbol":"tree_lock","kind":"call","line":5,"lines":[5,6],"#
            + #""path":"fs/tree/lock.c","text":"spin(&t->lock);"}],"complete":true,"files_holding":1,"files_read":1,"#
            + #""possible":[],"possible_complete":true,"uses":[]},"definitions":["#))
      let one = try await client.post("/api/symbol", #"{"name":"spin","callers":1,"callees":2}"#)
      #expect(one.text.contains(#""complete":false"#) && one.text.contains(#""callees":[]"#))
      let error = try failure(try await client.post("/api/symbol", #"{"name":"a","callers":10001}"#))
      #expect(error.message == "callers is 10001: 0 to 10000" && error.param == "callers")
    }
  }

  @Test func callersAndCalleesHaveRoutesOfTheirOwn() async throws {
    try await withServer { client in
      let callers = try await client.post("/api/callers", #"{"name":"spin","limit":1}"#)
      #expect(callers.text.contains(#""in_symbol":"tree_lock""#) && callers.text.contains(#""name":"spin""#))
      let callees = try await client.post("/api/callees", #"{"name":"spin"}"#)
      #expect(callees.text.hasPrefix(#"{"definitions":["#))
      for (body, message) in [
        (#"{"name":""}"#, "name is empty\n  Ask something."), (#"{"name":"a","limit":0}"#, "limit is 0: 1 to 1000"),
        (#"{"name":"a","offset":-1}"#, "offset is -1: 0 to 100000"),
      ] {
        #expect(try failure(try await client.post("/api/callers", body)).message == message)
      }
    }
  }

  @Test func aChainIsPathsOrATree() async throws {
    try await withServer { client in
      let path = try await client.post("/api/callchain", #"{"from":"a","to":"b"}"#)
      #expect(
        path.text.contains(
          #""paths":[[{"kind":"function","line":2,"name":"a","path":"fs/tree/lock.c","possible":false}]]"#))
      let tree = try await client.post("/api/callchain", #"{"from":"a","direction":"up"}"#)
      #expect(tree.text.contains(#""direction":"up""#) && tree.text.contains(#""tree":[{"depth":0,"#))
      for (body, message) in [
        (#"{"from":""}"#, "from is empty\n  Ask something."),
        (#"{"from":"a","depth":31}"#, "depth is 31: 1 to 30"),
        (#"{"from":"a","limit":0}"#, "limit is 0: 1 to 1000"),
        (#"{"from":"a","direction":"left"}"#, "direction is neither up nor down"),
      ] {
        let error = try failure(try await client.post("/api/callchain", body))
        #expect(error.message == message)
      }
    }
  }

  @Test func linesOfAPatternComeByThePage() async throws {
    try await withServer { client in
      let reply = try await client.post("/api/grep", #"{"pattern":"spin","offset":7,"in":"function"}"#)
      #expect(
        reply.text
          == #"{"complete":false,"elapsed_ms":2,"files_read":1,"files_to_read":2,"gave_up":0,"lines":[{"column":3,"#
          + #""in_kind":null,"in_symbol":null,"line":5,"path":"fs/tree/lock.c","text":"\t\tspin(&t->lock);"}],"#
          + #""next_offset":8,"offset":7,"pattern":"spin","snapshot":{"collection":"tree","#
          + #""commit":"0123456789abcdef000000000000000100000004","revision":"v2.0"},"words":["spin"]}"#)
      for (body, message) in [
        (#"{"pattern":"a","limit":1001}"#, "limit is 1001: 1 to 1000"),
        (#"{"pattern":"a","offset":-1}"#, "offset is -1: 0 to 1000000"),
        (#"{"pattern":"a","in":"macro"}"#, "in is 'macro': there are function, comment, string"),
      ] {
        let error = try failure(try await client.post("/api/grep", body))
        #expect(error.message == message)
      }
    }
  }
}
