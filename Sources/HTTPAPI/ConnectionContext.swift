// SPDX-License-Identifier: Apache-2.0
import Hummingbird

/// What the routes know of a request beside itself: which connection it came on.
struct ConnectionContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let connection: ObjectIdentifier

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    connection = ObjectIdentifier(source.channel)
  }
}
