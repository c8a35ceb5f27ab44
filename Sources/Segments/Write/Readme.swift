/// The first member of every segment: how to open it without Rookery.
enum Readme {
  static let member = "README.txt"

  static let text = """
    This is a Rookery archive segment, format version 1: a closed range of event streams.
    It is an ordinary tar archive compressed with zstd. Nothing else is needed to read it.

    Open it:              tar --zstd -xf FILE
    or:                   bsdtar -xf FILE
    Check it for damage:  zstd -t FILE
    See the events:       tar --zstd -xOf FILE --wildcards '*.ndjson' | jq .
    Encrypted events:     tar --zstd -xf FILE, then, with the key of the person they are about,
                          age -d -i KEY events/ID/A-B.ndjson.zst.age | zstd -d | jq .
    See what it holds:    tar --zstd -xOf FILE manifest.json | jq .

    manifest.json         what the segment holds: the streams with their names, the chunks with
                          their SHA-256, and the hash of the segment before this one.
    events/ID/A-B.ndjson  revisions A to B of one stream, one JSON object a line. The manifest
                          tells which stream; ID is the first 16 hex digits of the SHA-256 of
                          the store's id, a line feed and the stream's name. What ends in
                          .zst.age is encrypted; without its key it is erased.
    manifest.sig          an Ed25519 signature of manifest.json; empty when it is not signed.

    Every line has these keys, in this order:
      rev    the event's number in its stream, from 0, without gaps
      seq    the event's number in the whole store
      id     the event's UUID
      type   the event's type
      at     when it happened (RFC 3339, UTC)
      rec    when the store accepted it
      n      how many bytes of the line "meta" and "data" take, to slice them verbatim
      meta   the event's metadata; meta_b64, in base64, if it is empty or not plain JSON
      data   the event's data; data_b64, in base64, if it is empty or not plain JSON
    or, for an event whose content was erased for good: rev, and erased, which is true.

    Each tar member is one zstd frame of its own. A seek table in zstd's seekable format ends the
    file, so that a program can read one member without the others.

    """
}
