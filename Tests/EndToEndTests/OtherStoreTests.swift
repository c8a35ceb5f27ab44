import Foundation
import Testing

/// A store beside the one that the configuration is about: nothing that is done with it touches
/// what the configuration says of the other.
@Suite struct `Another store than the configured one` {
  /// A store with everything elsewhere, and a user's archived stream, sealed and plain.
  private func production() throws -> Program {
    let program = try Program()
    _ = try program.write(
      "config.yaml",
      """
      store: \(program.store)
      archive: \(program.folder)/archive
      reports: \(program.folder)/reports
      subjectKeys: \(program.folder)/subject.keys
      operatorKey: \(program.folder)/operator.key
      """)
    for stream in ["user-7-loans", "user-7-offers"] {
      try program.run([
        "append", stream, "UserDataUpdated", "--data", #"{"userId":"7"}"#,
        "--timestamp", "2025-02-01T10:00:00Z",
      ])
    }
    let archived = try program.run([
      "archive", "--config", "config.yaml", "--policy", "user-7-loans:coldAfter=1d",
      "--policy", "user-7-offers:coldAfter=1d,encrypt=true",
    ])
    #expect(archived.status == 0, "\(archived.err)")
    return program
  }

  private func sums(_ program: borrowing Program) throws -> String {
    let sums = try program.shell(
      "find archive reports *.key* -type f 2>&1 | sort | xargs sha256sum")
    #expect(sums.out.contains("subject.keys") && sums.out.contains("tar.zst"))
    return sums.out
  }

  @Test func `forgets a user without harm to the configured one`() throws {
    let program = try production()
    let before = try sums(program)
    try program.shell("sqlite3 store.db 'PRAGMA wal_checkpoint(TRUNCATE)'; cp store.db copy.db")
    let forget = [
      "user", "forget", "7", "--reason", "a try", "--yes", "--store", "copy.db", "--config",
      "config.yaml",
    ]
    try program.run(forget)
    try program.run([
      "run", Program.checkout + "/pipelines/nightly.yaml", "--date", "2025-03-01", "--store",
      "copy.db", "--config", "config.yaml",
    ])
    #expect(try sums(program) == before)
    for stream in ["user-7-loans", "user-7-offers"] {
      let read = try program.run(["read", stream, "--config", "config.yaml"])
      #expect(read.status == 0 && read.out.contains(#""userId":"7""#), "\(read.err)")
    }
  }

  @Test func `is refused the archive and the keys of the configured one`() throws {
    let program = try production()
    let before = try sums(program)
    let config = try String(contentsOfFile: program.folder + "/config.yaml", encoding: .utf8)
    _ = try program.write("wrong.yaml", config.replacing(program.store, with: "other.db"))
    try program.run(
      ["append", "user-9-loans", "UserDataUpdated", "--data", "{}"], store: "other.db")
    for command in [
      ["archive", "--policy", "user-*:coldAfter=0"], ["stream", "archive", "user-9-loans"],
      ["user", "forget", "9", "--reason", "asked", "--yes"], ["segments", "repair"],
      ["archive", "reindex"],
    ] {
      let refused = try program.run(command + ["--config", "wrong.yaml"], store: "other.db")
      #expect(refused.status == 1 && refused.err.contains("wrong-store: "), "\(refused)")
    }
    #expect(try sums(program) == before)
  }

  /// What is built and installed stands still; the rest is the real script.
  @Test func `is what the demo fills, on a machine with a store of its own`() throws {
    let program = try production()
    try program.shell("mkdir reports && date > reports/kept")
    let before = try sums(program)
    let demo = try program.shell(
      """
      set -e
      mkdir -p root/.build/release root/cron bin .config/rookery
      cp \(Program.checkout)/cron/nightly root/cron/
      cp -r \(Program.checkout)/pipelines root/
      printf '#!/bin/sh\necho install ok installed\n' >bin/dpkg-query
      printf '#!/bin/sh\n' >bin/swift
      cat >root/.build/release/rookery <<'END'
      #!/bin/bash
      [ "$1" != demo ] || set -- "$@" --days 2 --users 3
      exec "$ROOKERY" "$@"
      END
      chmod +x bin/* root/.build/release/rookery
      cp config.yaml .config/rookery/
      export PATH=$PWD/bin:$PATH ROOKERY_PIPELINE=/nowhere.yaml ROOKERY_CONFIG=$PWD/config.yaml
      root/cron/nightly --demo
      """)
    #expect(demo.status == 0, "\(demo.err)")
    #expect(demo.out.contains("2 nights in"))
    let reports = program.folder + "/root/.demo/penguin-pool.db.reports/latest/uptime.html"
    #expect(FileManager.default.fileExists(atPath: reports))
    #expect(try sums(program) == before)
  }
}
