internal import Segments
internal import Streams

/// `VERIFY.txt`: the commands that check a bundle with common tools alone.
///
/// Lines that begin with four spaces are the commands, to be run in order in one POSIX shell. No
/// event passes through `jq` as text: it reads lines in pieces of 4 KiB, and version 1.6 replaces a
/// character that two of them share. The bundle is only read from standard input, as `tar` takes
/// `host:file` for a file elsewhere.
struct VerifyInstructions {
  /// The bundle's path; only its name is said.
  var path: String
  var selection: RestoreSelection
  var hasContext: Bool
  var signingKey: SHA256Sum?

  var text: String {
    [
      introduction, list, signature, chain, chunks, parts, streams, verdict,
    ].joined(separator: "\n")
  }

  private var introduction: String {
    """
    HOW TO CHECK THIS BUNDLE WITHOUT TRUSTING THE PROGRAM THAT MADE IT

    You need: a POSIX shell with cat and awk, tar, zstd, sha256sum, jq 1.6 and openssl 3, and
    nothing of Rookery.
    Put the bundle into an empty folder, open a shell there, and run the lines that are set in by
    four spaces, in order. Every problem is printed as WRONG, and the last line is the verdict.

    Set these before, if you can; all come from outside this bundle, or they prove nothing:
      B     the bundle's file name, if it was renamed
      KEYS  a folder with the public keys you trust, each named <key id>.pem
      HEAD  the head of the chain of manifests as it was published, for example in a nightly report

        [ -n "$B" ] || B=\(Self.quoted(name)); KEYS=${KEYS:-public-keys}; bad=0
        wrong() { echo "WRONG: $*"; bad=1; }

    """
  }

  private var list: String {
    """
    STEP 1. The file is whole, and it holds the files of SHA256SUMS and no others, unchanged.

        zstd -q -t < "$B" || wrong "the file is damaged"
        tar --zstd -xf - < "$B" || wrong "the file can't be opened"
        tar --zstd -tf - < "$B" | jq -Rne --rawfile sums SHA256SUMS '
          [inputs] - ["SHA256SUMS", "SHA256SUMS.sig"] | sort
          == ($sums | split("\\n") | map(select(. != "") | .[66:]) | sort)' > /dev/null ||
          wrong "the files are not those of SHA256SUMS"
        sha256sum -c --strict --quiet SHA256SUMS || wrong "a file is not what SHA256SUMS says"

    """
  }

  private var signature: String {
    guard let signingKey else {
      return """
        STEP 2. SHA256SUMS is not signed: what is in no segment yet (*.hot.ndjson) and the report are
        vouched for by nobody. Compare the SHA-256 of the bundle with the one you were told.

            [ ! -e SHA256SUMS.sig ] || wrong "there is a signature where none was made"

        """
    }
    return """
      STEP 2. SHA256SUMS, and with it every file, is signed (Ed25519) with this key:
      \(signingKey)

          openssl pkeyutl -verify -pubin -inkey "$KEYS/\(signingKey).pem" \\
            -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig > /dev/null 2>&1 ||
            wrong "SHA256SUMS is not signed with key \(signingKey)"

      """
  }

  private var chain: String {
    """
    STEP 3. The manifests, from the first segment that was read to the newest of the store, name
    each other's SHA-256, so that none can be changed, left out or put in; those that name a key
    are signed with it. (A segment that was deleted since may have lost its signature; the chain
    vouches for its manifest.) The last one's hash is the head: compare it with what was published.
    This bundle can't tell whether a key was retired before it signed: of a retired one only manifests
    up to the head that was recorded by then count (see 'rookery keys list --json').

        prev=
        for m in manifests/*.json; do
          [ -e "$m" ] || continue
          [ -z "$prev" ] || jq -e --arg prev "$prev" '.prev.manifest_sha256 == $prev' "$m" \\
            > /dev/null || wrong "$m does not follow the manifest before it"
          prev=$(sha256sum < "$m"); prev=${prev%% *}
          key=$(jq -r '.signing_key // empty' "$m"); sig=${m%.json}.sig
          [ -z "$key" ] || { [ ! -e "$sig" ] && ! jq -e --arg sum "$prev" '
            any(.segments[]; .manifestSHA256 == $sum)' report.json > /dev/null; } ||
            openssl pkeyutl -verify -pubin -inkey "$KEYS/$key.pem" -rawin -in "$m" \\
            -sigfile "$sig" > /dev/null 2>&1 || wrong "$m is not signed with key $key"
        done
        [ -z "$prev" ] || jq -e --arg head "$prev" '.chain.head == $head' report.json > /dev/null ||
          wrong "the newest manifest is not the head that the report names"
        [ -z "$HEAD" ] || [ "$HEAD" = "$prev" ] || wrong "the head of the chain is not $HEAD"
        echo "The head of the chain is ${prev:-nothing}."

    """
  }

  private var chunks: String {
    """
    STEP 4. Every chunk of events has the SHA-256 that a manifest of the chain gives it.

        set -- manifests/*.json; [ -e "$1" ] || set -- /dev/null
        jq -ne --rawfile sums SHA256SUMS '
          ([inputs.chunks[] | {key: .member, value: .sha256}] | from_entries) as $chunks
          | [$sums | split("\\n")[] | {sha256: .[:64], file: .[66:]}
              | select(.file | test("^(events|context)/[^/]+/[0-9]+-[0-9]+[.]ndjson$"))]
          | all(.sha256 == $chunks[.file | sub("^context/"; "events/")])' "$@" > /dev/null ||
          wrong "a chunk of events is in no manifest, or not as it says"

    """
  }

  private var parts: String {
    guard hasContext else {
      return """
        STEP 5. Chunks of which only a part was asked for (*.part.ndjson) are not here as a whole, so
        as to show no other events: these parts are vouched for by SHA256SUMS alone.

            [ ! -e context ] || wrong "there are chunks that were to be left out"

        """
    }
    return """
      STEP 5. Where only a part of a chunk was asked for, context/ has the whole chunk, and the part
      is exactly what this condition takes from it.

          for c in context/*/*.ndjson; do
            [ -e "$c" ] || continue
            p=events/${c#context/}; p=${p%.ndjson}.part.ndjson
            [ "$(jq -n 'foreach inputs as $e (0; . + 1; if ($e | \(condition)) then . else empty end)' \\
              "$c" | awk 'NR == FNR { keep[$0]; next } FNR in keep' - "$c" | sha256sum)" = \\
              "$(sha256sum < "$p")" ] || wrong "$p is not what was asked for of $c"
          done
          jq -Rne '[inputs | .[66:] | select(test("[.]part[.]ndjson$|^context/"))
            | sub("^(events|context)/"; "") | sub("[.]part[.]"; ".")] | group_by(.)
            | all(length == 2)' SHA256SUMS > /dev/null || wrong "a part is here without its chunk"

      """
  }

  private var streams: String {
    """
    STEP 6. Each stream has the events that the report counts, in order, each of them asked for and,
    unless they were chosen by time, without a gap; and no file is of another stream.

        jq -ne --rawfile sums SHA256SUMS '[inputs.streams[] | select(.events > 0) | .id] | sort
          == ([$sums | split("\\n")[] | .[66:] | select(startswith("events/")) | .[7:23]]
            | unique)' report.json > /dev/null || wrong "the streams are not those of the report"
        for id in $(jq -r '.streams[] | select(.events > 0) | .id' report.json); do
          jq -ne --slurpfile report report.json --arg id "$id" '
            ($report[0].streams[] | select(.id == $id)) as $stream
            | reduce inputs as $e ({count: 0, last: -1, ok: true};
                .ok = (.ok and $e.rev > .last and ($e | \(condition)))
                | .last = $e.rev | .count += 1)
            | .ok and .count == $stream.events and .last == $stream.last\(contiguity)
            ' events/"$id"/*.ndjson > /dev/null ||
            wrong "the events of $id are not those of the report"
          sum=$(cat events/"$id"/*.ndjson | sha256sum)
          jq -e --arg id "$id" --arg sum "${sum%% *}" '
            .streams[] | select(.id == $id) | .sha256 == $sum' report.json > /dev/null ||
            wrong "the lines of $id are not those of the report"
        done

    """
  }

  private var verdict: String {
    """
    STEP 7. The verdict.

        hot=$(jq '[.streams[] | .events - .fromSegments] | add' report.json)
        echo "SHA256SUMS alone vouches for $hot events: not archived yet, or encrypted there."
        if [ "$bad" = 0 ]; then echo "SOUND"; else echo "NOT SOUND"; fi
    \(selection.hasPeriod ? periodNote : "")
    """
  }

  private var periodNote: String {
    """

    Events were chosen by time. Their segments vouch for each of them; that no other event of the
    stream falls into the period can be seen only from the whole stream.

    """
  }

  /// The selection as a condition of jq over one event.
  private var condition: String {
    var terms: [String] = []
    if selection.revisions.lowerBound > 0 {
      terms.append(".rev >= \(selection.revisions.lowerBound)")
    }
    if selection.revisions.upperBound < .max {
      terms.append(".rev <= \(selection.revisions.upperBound)")
    }
    // Without a fraction a time gets its point, so that texts compare as the times do.
    let time = #"(.at | rtrimstr("Z") | if contains(".") then . else . + "." end)"#
    if let since = selection.since { terms.append("\(time) >= \"\(comparable(since))\"") }
    if let until = selection.until { terms.append("\(time) < \"\(comparable(until))\"") }
    return terms.isEmpty ? "true" : terms.joined(separator: " and ")
  }

  private var contiguity: String {
    selection.hasPeriod ? "" : "\n          and .count == $stream.last - $stream.first + 1"
  }

  private func comparable(_ time: Timestamp) -> String {
    let text = time.rfc3339.dropLast()
    return text.contains(".") ? String(text) : text + "."
  }

  private var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// What shows the instructions of the bundle of this name.
  static func firstCommand(of bundle: String) -> String {
    "tar --zstd -xOf - VERIFY.txt < \(quoted(bundle))"
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
      + "'"
  }
}
