// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What this process has used, as the system counts it.
struct ProcessUsage: Sendable {
  var seconds: Double
  /// User and system time of all threads.
  var cpuSeconds: Double
  /// The most memory it ever held.
  var peakResidentBytes: Int64

  static var coreCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  static func now() -> ProcessUsage {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    let cpu =
      Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    return ProcessUsage(
      seconds: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9, cpuSeconds: cpu,
      peakResidentBytes: Int64(usage.ru_maxrss) * 1024)
  }

  /// What was used from `start` on; the peak stays the whole process's.
  func since(_ start: ProcessUsage) -> ProcessUsage {
    ProcessUsage(
      seconds: seconds - start.seconds, cpuSeconds: cpuSeconds - start.cpuSeconds,
      peakResidentBytes: peakResidentBytes)
  }

  func divided(by count: Int) -> ProcessUsage {
    ProcessUsage(
      seconds: seconds / Double(count), cpuSeconds: cpuSeconds / Double(count), peakResidentBytes: peakResidentBytes)
  }

  var elapsed: Duration { .seconds(seconds) }
}
