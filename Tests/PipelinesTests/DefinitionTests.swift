import Analytics
import Archive
import Foundation
import Pipelines
import Reports
import Streams
import Testing

@Suite struct `A pipeline's definition` {
  private func load(_ yaml: String) throws -> PipelineDefinition {
    let file = NSTemporaryDirectory() + "rookery-\(UUID().uuidString).yaml"
    try Data(yaml.utf8).write(to: URL(filePath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    return try PipelineDefinition.load(file, timezone: "UTC")
  }

  /// Each with what the message must say after the file's name.
  static let mistakes: [(yaml: String, says: String)] = [
    ("", "steps is missing"),
    ("- a list", "the document must be a mapping"),
    ("steps: [", "is not valid YAML"),
    ("steps: nothing", "steps must be a list"),
    ("steps:\n- rollup", "steps[0] must be a mapping"),
    ("steps:\n- stepp: rollup", "steps[0].step is missing"),
    ("steps:\n- step: rollup\n- step: reports", "steps[1].step must be one of rollup, uptime"),
    ("steps:\n- step: rollup\n  days: 3", "there is no key steps[0].days here"),
    ("steps: []\nneeds: x", "there is no key needs here"),
    ("steps: []\ntimezone: Mars/Olympus", "timezone must be an IANA name"),
    ("steps: []\ntimezone: '+02:00'", "timezone must be an IANA name"),
    ("steps: []\ncatchUp: -1", "catchUp must be a whole number from 0 to 36525"),
    ("steps: []\ncatchUp: many", "catchUp must be a whole number"),
    ("steps: []\nname: [a]", "name must be a text"),
    (
      "steps:\n- step: rollup\n  needs: verify\n- step: verify",
      "needs of rollup must be steps that come before it"
    ),
    (
      "steps:\n- step: rollup\n  needs: rollup",
      "needs of rollup must be steps that come before it"
    ),
    ("steps:\n- step: uptime-report\n  days: 0", "steps[0].days must be a whole number from 1"),
    (
      "steps:\n- step: uptime-report\n  days: 9223372036854775807",
      "steps[0].days must be a whole number"
    ),
    ("steps:\n- step: uptime-report\n  staleAfter: 15", "steps[0].staleAfter must be a length"),
    ("steps:\n- step: uptime-report\n  sloTarget: '100.1'", "steps[0].sloTarget must be a perc"),
    ("steps:\n- step: uptime-report\n  degradedWeight: 1.5", "steps[0].degradedWeight must be a"),
    (
      "steps:\n- step: uptime-report\n  groups:\n  - name: site\n    members: [a]\n    rule: all",
      "steps[0].groups[0].rule must be worst or best"
    ),
    (
      "steps:\n- step: uptime-report\n  groups:\n  - members: [a]",
      "steps[0].groups[0].name is missing"
    ),
    ("steps:\n- step: activity-report\n  cohortWeeks: -1", "steps[0].cohortWeeks must be a whole"),
    ("steps:\n- step: verify\n  megabytes: 0", "steps[0].megabytes must be a whole number from 1"),
    ("steps:\n- step: archive", "steps[0].policies is missing"),
    ("steps:\n- step: archive\n  policies: []\n  level: 23", "steps[0].level must be a whole"),
    (
      "steps:\n- step: archive\n  policies: []\n  level: 99999999999",
      "steps[0].level must be a whole number from 1 to 22"
    ),
    (
      "steps:\n- step: archive\n  policies:\n  - coldAfter: 1d",
      "steps[0].policies[0].streams is missing"
    ),
    (
      "steps:\n- step: archive\n  policies:\n  - streams: '*'\n    coldafter: 1d",
      "there is no key steps[0].policies[0].coldafter here"
    ),
    (
      "steps:\n- step: archive\n  policies:\n  - streams: '*'\n    rollOffEvery: 0d",
      "steps[0].policies[0].rollOffEvery must be more than 0"
    ),
    (
      "steps:\n- step: archive\n  policies:\n  - streams: '*'\n    segmentSize: 64",
      "steps[0].policies[0].segmentSize must be a size from 64KiB to 16GiB, such as 64MiB"
    ),
    (
      "steps:\n- step: archive\n  policies:\n  - streams: '*'\n    segmentSize: 63KiB",
      "steps[0].policies[0].segmentSize must be a size from 64KiB to 16GiB"
    ),
    (
      "steps:\n- step: archive\n  policies:\n  - streams: '*'\n    compression: 0",
      "steps[0].policies[0].compression must be a whole number from 1 to 22"
    ),
    (
      "steps:\n- step: archive\n  policies:\n  - streams: '*'\n    sign: 1",
      "steps[0].policies[0].sign must be true or false"
    ),
    (
      "steps:\n- step: retention\n  policies:\n  - streams: '*'\n    retainFor: 10y",
      "steps[0].policies[0].retainFor must be a length of time"
    ),
  ]

  @Test(arguments: mistakes)
  func `that is wrong names the file and the key`(yaml: String, says: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try load(yaml) }
    #expect(error.code.rawValue == "invalid-pipeline")
    #expect(error.message.contains(".yaml"))
    #expect(error.message.contains(says), "\(error.message)")
  }

  @Test func `that is not there says so`() {
    #expect(throws: ConfigurationError.unreadable("/no/such.yaml")) {
      try PipelineDefinition.load("/no/such.yaml", timezone: "UTC")
    }
  }

  @Test func `says what its file says`() throws {
    let definition = try load(
      """
      name: nights
      timezone: Europe/Berlin
      catchUp: 7
      steps:
      - step: uptime-report
        days: 30
        staleAfter: 15m
        degradedWeight: 0.3
        sloTarget: "99.9"
        groups:
        - {name: site, members: [a, b], rule: best}
      - step: archive
        needs: [uptime-report]
        policies:
        - {streams: "user-*", coldAfter: 60d, retainFor: 3650d}
        - {streams: "*", keepHot: 12h, rollOffEvery: 45s, segmentSize: 64MiB, compression: 3,
            target: "s3://bucket/prefix", mirror: /mnt/copy, sign: true, encrypt: true,
            parity: 5%}
        grace: 30m
        level: 19
      """)
    #expect(definition.name == "nights")
    #expect(definition.zone.name == "Europe/Berlin")
    #expect(definition.catchUp == 7)
    #expect(definition.steps.map(\.name) == ["uptime-report", "archive"])
    #expect(definition.steps.map(\.needs) == [[], ["uptime-report"]])
    guard case .uptimeReport(let uptime) = definition.steps[0].work,
      case .archive(let archive) = definition.steps[1].work
    else {
      Issue.record("the steps are others")
      return
    }
    #expect(uptime.days == 30)
    #expect(uptime.query.staleAfterSeconds == 900)
    #expect(uptime.query.groups == [.init(name: "site", members: ["a", "b"], rule: .best)])
    let second = Timestamp.microsecondsPerSecond
    #expect(archive.grace == 1800 * second)
    #expect(
      archive.policies == [
        ArchivePolicy(
          streams: "user-*", coldAfter: 60 * 86_400 * second, retainFor: 3650 * 86_400 * second,
          settings: SegmentSettings(level: 19)),
        ArchivePolicy(
          streams: "*", keepHot: 12 * 3600 * second, rollOffEvery: 45 * second,
          settings: SegmentSettings(
            segmentBytes: 64 << 20, level: 3, target: "s3://bucket/prefix", mirror: "/mnt/copy",
            isSigned: true, isEncrypted: true, parityPercent: 5)),
      ])
  }

  @Test func `of the repository can be read`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "pipelines")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
    #expect(files.contains("nightly.yaml"))
    for file in files where file.hasSuffix(".yaml") {
      let definition = try PipelineDefinition.load(
        folder.appending(path: file).path(), timezone: "UTC")
      #expect(!definition.steps.isEmpty)
    }
  }

  @Test(arguments: [
    ("90d", Int64(7_776_000_000_000)), ("12h", 43_200_000_000), ("30m", 1_800_000_000),
    ("45s", 45_000_000), ("0", 0), ("0d", 0),
  ])
  func `has lengths of time as people write them`(text: String, microseconds: Int64) {
    #expect(TimeSpan.microseconds(of: text) == microseconds)
  }

  @Test(arguments: [
    ("64MiB", Int64(67_108_864)), ("1KiB", 1024), ("2GiB", 2_147_483_648), ("3GB", 3_000_000_000),
    ("5MB", 5_000_000), ("7kB", 7000), ("9B", 9), ("0", 0),
  ])
  func `has numbers of bytes as people write them`(text: String, bytes: Int64) {
    #expect(ByteSize.bytes(of: text) == bytes)
  }

  @Test(arguments: ["", "B", "1", "-1B", "1.5MiB", "1 MiB", "1mib", "9999999999GiB", "MiB"])
  func `refuses any other number of bytes`(text: String) {
    #expect(ByteSize.bytes(of: text) == nil)
  }

  @Test func `has policies that the command line gives in the same words`() throws {
    let policy = try ArchivePolicy(
      option: "user-*:coldAfter=60d,target=s3://b/p?x=1,segmentSize=1GiB,sign=true", level: 5)
    #expect(
      policy
        == ArchivePolicy(
          streams: "user-*", coldAfter: 60 * Timestamp.microsecondsPerDay,
          settings: SegmentSettings(
            segmentBytes: 1 << 30, level: 5, target: "s3://b/p?x=1", isSigned: true)))
  }

  @Test(arguments: [
    ("user-*", "--policy: 'user-*' must be GLOB:coldAfter=90d or GLOB:keepHot=60d"),
    ("*:coldAfter", "--policy: 'coldAfter' must be a key and its value, as coldAfter=90d"),
    ("*:coldAfter=90", "--policy: coldAfter must be a length of time such as 90d"),
    ("*:cold=90d", "--policy: there is no key cold here"),
    ("*:compression=23", "--policy: compression must be a whole number from 1 to 22"),
    ("*:parity=5", "--policy: parity must be a share from 1% to 100%, such as 5%"),
    ("*:parity=101%", "--policy: parity must be a share from 1% to 100%, such as 5%"),
  ])
  func `names what is wrong with a policy on the command line`(option: String, says: String) throws
  {
    let error = try #require(throws: ConfigurationError.self) {
      try ArchivePolicy(option: option)
    }
    #expect(error.message.contains(says), "\(error.message)")
  }

  @Test(arguments: ["", "d", "1", "-1d", "1w", "1.5d", "1 d", "99999999d", "9223372036854775807d"])
  func `refuses any other length of time`(text: String) {
    #expect(TimeSpan.microseconds(of: text) == nil)
  }
}
