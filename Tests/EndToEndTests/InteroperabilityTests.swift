import Foundation
import Testing

/// What Rookery archives, read by programs that owe it nothing, and held against what Rookery said
/// of the same events before it archived them.
@Suite struct `An archive without Rookery` {
  private static let python = Program.checkout + "/.build/test-venv/bin/python"

  /// Two streams with segments of their own, two in a pack; payloads that a parser would change.
  private func archived() throws -> Program {
    let program = try Program()
    var lines: [String] = []
    for (stream, count, bytes) in [
      ("service-uptime-api", 400, 900), ("user-1-activity", 30, 20_000), ("user-2-loans", 7, 50),
      ("user-3-loans", 5, 50),
    ] {
      for number in 0..<count {
        let pad = String(repeating: String(number % 10), count: bytes)
        let odd = [
          #"1.10,"n":1"#, #"12345678901234567890"#, #""é\u0000\ud83e\udd89""#, "[ 1 , 2 ]",
        ]
        lines.append(
          #"{"stream":"\#(stream)","type":"T\#(number % 3)","timestamp":"2025-01-02T03:04:05.\#(100_000 + number)Z","#
            + #""data":{"n":\#(number),"odd":\#(odd[number % 4]),"pad":"\#(pad)"}}"#)
      }
    }
    let file = try program.write("in.ndjson", lines.joined(separator: "\n") + "\n")
    #expect(try program.run(["ingest", file]).status == 0)
    let kept = try program.shell(
      """
      set -e
      for s in service-uptime-api user-1-activity user-2-loans user-3-loans; do
        $ROOKERY read $s --json
      done > hot.ndjson
      $ROOKERY archive --policy 'user-*:coldAfter=1d' --policy 'service-*:coldAfter=1d'
      """)
    #expect(kept.out.contains("442 events"), "\(kept.out)\(kept.err)")
    return program
  }

  @Test func `is unpacked by tar, bsdtar and zstd, to the same files`() throws {
    let program = try archived()
    let result = try program.shell(
      """
      set -e -o pipefail
      for f in store.db.segments/*/*.tar.zst; do
        zstd -tq $f
        mkdir a b c
        tar --zstd -xf $f -C a
        bsdtar -xf $f -C b
        zstd -dcq $f | tar -xf - -C c
        diff -r a b; diff -r a c
        (cd a; jq -r '.chunks[] | .sha256 + "  " + .member' manifest.json | sha256sum -c --quiet)
        jq -e '[.chunks[].count] | add' a/manifest.json
        cat a/events/*/*.ndjson | wc -l
        chmod -R u+w a b c; rm -r a b c
      done
      """)
    #expect(result.status == 0, "\(result.err)")
    let counts = result.out.split(separator: "\n").compactMap { Int($0) }
    #expect(counts.count == 6)
    #expect(
      stride(from: 0, to: counts.count - 1, by: 2).allSatisfy { counts[$0] == counts[$0 + 1] })
    #expect(counts.reduce(0, +) == 2 * 442)
  }

  @Test func `is the same events in jq`() throws {
    let program = try archived()
    let result = try program.shell(
      """
      set -e -o pipefail
      for f in store.db.segments/*/*.tar.zst; do tar --zstd -xOf $f --wildcards 'events/*'; done |
        jq -c '[.id, .rev, .type, .seq, .data]' | sort > cold
      jq -c '[.eventId, .revision, .type, .position, .data]' hot.ndjson | sort > hot
      cmp hot cold && wc -l < cold
      """)
    #expect(result.out == "442\n", "\(result.err)")
  }

  @Test func `is the same bytes in Python, by the manifest alone`() throws {
    let program = try archived()
    let script = try program.write(
      "read.py",
      #"""
      import glob, hashlib, json, tarfile, zstandard

      wanted = {}
      for line in open("hot.ndjson", "rb"):
          event = json.loads(line)
          data = line.rstrip(b"\n").split(b'"data":', 1)[1][:-1]
          wanted[event["stream"], event["revision"]] = event["eventId"], event["type"], data

      found = {}
      for path in glob.glob("store.db.segments/*/*.tar.zst"):
          with open(path, "rb") as file:
              frames = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
              with tarfile.open(fileobj=frames, mode="r|") as tar:
                  members = {m.name: tar.extractfile(m).read() for m in tar}
          manifest = json.loads(members["manifest.json"])
          for chunk in manifest["chunks"]:
              content = members[chunk["member"]]
              assert hashlib.sha256(content).hexdigest() == chunk["sha256"]
              stream = manifest["streams"][chunk["stream"]]["name"]
              for line in content.splitlines():
                  event = json.loads(line)
                  data = line[:-1][-event["n"][1]:]
                  found[stream, event["rev"]] = event["id"], event["type"], data
      assert found == wanted
      print(len(found))
      """#)
    let result = try Program.run(
      Self.python, [script], input: nil, folder: program.folder, environment: [:])
    #expect(result.out == "442\n", "\(result.err)")
  }

  @Test func `is the same figures in DuckDB`() throws {
    let program = try archived()
    let script = try program.write(
      "query.py",
      #"""
      import duckdb

      def figures(source, id, revision):
          return duckdb.sql(f"""
              SELECT count(*), count(DISTINCT {id}), sum({revision}), max(type),
                sum((data->>'$.n')::BIGINT), sum(length(data->>'$.pad'))
              FROM read_json('{source}', format = 'newline_delimited', columns = {{
                {id}: 'VARCHAR', {revision}: 'BIGINT', type: 'VARCHAR', data: 'JSON'}})
              """).fetchall()[0]

      cold = figures("out/*/events/*/*.ndjson", "id", "rev")
      assert cold == figures("hot.ndjson", "eventId", "revision"), cold
      print(cold[0], cold[1])
      """#)
    try program.shell(
      "for f in store.db.segments/*/*.tar.zst; do d=out/$(basename $f); mkdir -p $d; tar --zstd -xf $f -C $d; done"
    )
    let result = try Program.run(
      Self.python, [script], input: nil, folder: program.folder, environment: [:])
    #expect(result.out == "442 442\n", "\(result.err)")
  }
}
