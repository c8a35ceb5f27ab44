import Foundation
import Testing

@Suite struct `A command` {
  @Test func `that places or lifts a hold prints it as JSON`() throws {
    let program = try Program()
    try program.run(["append", "user-7-loans", "UserDataUpdated", "--data", "{}"])
    let hold = ["--streams", "user-7-*", "--reason", "case 17", "--json"]
    let placed = try program.run(["holds", "place"] + hold)
    #expect(placed.json["name"] as? String == "user-7-*", "\(placed)")
    #expect(placed.json["held"] as? Bool == true)
    #expect(try program.run(["holds", "lift"] + hold).json["held"] as? Bool == false)
  }

  @Test func `that shows a segment takes a file here without a slash, and an id`() throws {
    let program = try Program()
    try program.run(["append", "orders-7", "T", "--data", "{}"])
    try program.run(["stream", "archive", "orders-7", "--without-policy"])
    try program.shell("cp $(find store.db.segments -name '*.tar.zst') here.tar.zst")
    let shown = try program.run(["segments", "show", "here.tar.zst"])
    #expect(shown.json["format"] as? String == "rookery-segment", "\(shown.err)")
    let id = try #require(shown.json["segment_id"] as? String)
    #expect(try program.run(["segments", "show", id]).out == shown.out)
    #expect(try program.run(["segments", "show", "nothing"]).status == 2)
  }

  @Test(arguments: [("INT", 130), ("TERM", 143)])
  func `that runs nights says that it stops, leaves what is done, and goes on`(
    signal: String, status: Int
  ) throws {
    let program = try Program()
    try program.run(["demo", "--days", "90", "--users", "5"])
    let result = try program.shell(
      """
      nightly=\(Program.checkout)/pipelines/nightly.yaml
      $ROOKERY run $nightly >out 2>err & pid=$!
      until [ -e store.db.reports/latest/uptime.html ]; do sleep 0.02; done
      kill -\(signal) $pid; wait $pid; echo $?
      cat err
      $ROOKERY run $nightly >/dev/null && $ROOKERY run $nightly
      """)
    #expect(result.out.hasPrefix("\(status)\n"), "\(result)")
    #expect(result.out.contains("rookery: Stopping after what is under way"))
    #expect(result.out.hasSuffix("No night is missing.\n"))
  }
}
