import Foundation
import Testing

@Suite struct `The reports of a night` {
  private func pipeline(_ program: borrowing Program, _ to: String) throws -> String {
    try program.run([
      "append", "service-uptime-api", "ServiceStatusChanged", "--data",
      #"{"serviceName":"api","status":"up","timestamp":"2026-01-01T00:00:00Z"}"#,
    ])
    return try program.write(
      "nightly.yaml",
      """
      name: nightly
      steps:
      - step: uptime-report
        days: 3
      - step: deliver
        needs: uptime-report
        to: [\(to)]
      """)
  }

  private func deliveries(_ program: borrowing Program) throws -> [[String: Any]] {
    let runs = try program.run(["runs", "--json"]).json["runs"] as? [[String: Any]] ?? []
    return runs.flatMap { $0["deliveries"] as? [[String: Any]] ?? [] }
  }

  @Test func `go to a folder and through a command once, and again on purpose`() throws {
    let program = try Program()
    let script =
      "{command: [/bin/sh, -c, 'echo \"$ROOKERY_DATE $ROOKERY_RUN\" >>\(program.folder)/got']}"
    let file = try pipeline(program, "{folder: \(program.folder)/www}, \(script)")
    let night = ["run", file, "--date", "2026-01-02"]
    let first = try program.run(night)
    #expect(first.status == 0, "\(first)")
    #expect(first.out.contains("www: sent"), "\(first)")
    #expect(try program.run(night).out.contains("was sent already"))
    let got = try String(contentsOfFile: program.folder + "/got", encoding: .utf8)
    #expect(got == "2026-01-02 1\n")
    let page = try String(contentsOfFile: program.folder + "/www/index.html", encoding: .utf8)
    #expect(page.contains("href=\"2026-01-02/uptime.html\""))

    let shown = try program.run(["runs"])
    #expect(shown.out.contains("DELIVERED TO"), "\(shown)")
    #expect(shown.out.contains("folder \(program.folder.prefix(20))"), "\(shown)")
    #expect(try deliveries(program).map { $0["result"] as? String } == ["sent", "sent"])

    #expect(try program.run(["run", file, "--redeliver"]).status == 2)
    let again = try program.run(night + ["--only", "deliver", "--redeliver"])
    #expect(again.status == 0, "\(again)")
    let twice = try String(contentsOfFile: program.folder + "/got", encoding: .utf8)
    #expect(twice == "2026-01-02 1\n2026-01-02 3\n")
  }

  @Test func `that nobody takes make the run fail, and the doctor says so`() throws {
    let program = try Program()
    let file = try pipeline(program, "{command: [/bin/sh, -c, 'echo full >&2; exit 1']}")
    let run = try program.run(["run", file, "--date", "2026-01-02"])
    #expect(run.status == 1)
    #expect(run.err.contains("delivery-failed: command /bin/sh"), "\(run)")
    #expect(run.err.contains("exit code 1: full"), "\(run)")
    let doctor = try program.run(["doctor"])
    #expect(doctor.status == 1)
    #expect(doctor.out.contains("PROBLEM  deliveries: 1 not delivered, as 2026-01-02 to command"))
  }

  @Test func `wait for a command that is killed with the run, on a signal`() throws {
    let program = try Program()
    let file = try pipeline(
      program,
      "{command: [/bin/sh, -c, 'echo $$ >\(program.folder)/pid; exec sleep 600'], limit: 10m}")
    let result = try program.shell(
      """
      $ROOKERY run \(file) --date 2026-01-02 & run=$!
      until [ -s pid ]; do sleep 0.02; done
      kill -TERM $run; wait $run; echo $?
      kill -0 $(cat pid) 2>/dev/null && echo alive
      true
      """)
    #expect(result.out.hasSuffix("\n1\n") || result.out == "1\n", "\(result)")
    #expect(!result.out.contains("alive"))
    #expect(try deliveries(program).map { $0["result"] as? String } == ["unknown"])
  }
}
