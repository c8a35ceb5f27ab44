internal import Archive
internal import ArgumentParser
internal import EventStore
internal import Pipelines
internal import Reports
internal import Segments
internal import Streams

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Make and keep the keys that sign segments.",
    discussion: """
      Policies with 'sign: true' have the manifest of each segment signed (Ed25519) with the private
      key that the configuration names. An auditor needs the public key, got by another way than
      from the store, and openssl.

      EXAMPLES
        rookery keys create --out /etc/rookery/signing.pem
        rookery keys show > rookery.pub
        tar --zstd -xf SEGMENT.tar.zst
        openssl pkeyutl -verify -rawin -pubin -inkey rookery.pub \\
          -sigfile manifest.sig -in manifest.json
      """,
    subcommands: [List.self, Create.self, Show.self, Trust.self, Retire.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the keys whose signatures count.",
      discussion: "EXAMPLES\n  rookery keys list --json")

    @OptionGroup var options: StoreOptions
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      let entries = try settings.open(.readOnly).read { try SigningKeys.entries($0.db) }
      let signer = settings.signingPublicKey()
      if json {
        let keys = entries.map { $0.json(isSigner: $0.publicKey == signer) }
        let value: JSONValue = ["keys": .array(keys)]
        return Output.print(value.document)
      }
      var table = TextTable([
        ("KEY", .left), ("TRUSTED", .left), ("RETIRED", .left), ("SIGNS", .left),
      ])
      for entry in entries {
        table.append([
          entry.id, entry.addedAt.rfc3339, entry.retiredAt?.rfc3339 ?? "-",
          entry.publicKey == signer && entry.retiredAt == nil ? "yes" : "no",
        ])
      }
      Output.print(table.text)
    }
  }

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key pair: the private key goes to a file, the public one is trusted.",
      discussion: """
        The file is PKCS#8 in PEM, mode 0600, as 'openssl pkey' reads it; it is never written over.
        Whoever reads it can sign: keep it, and a copy of it, out of the archive's reach.

        EXAMPLES
          rookery keys create --out /etc/rookery/signing.pem
        """)

    @OptionGroup var options: StoreOptions
    @Option(
      help: ArgumentHelp(
        "Where the private key goes; the configuration's signingKey if not given.",
        valueName: "file"))
    var out: String?
    @Option(help: "Why, for the audit stream.") var reason: String = "created by an operator"
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      guard let path = out ?? settings.configuration.signingKey else {
        throw ValidationError("Where to? Give --out, or write 'signingKey:' in the configuration.")
      }
      let store = try settings.open()
      let signer = SegmentSigner()
      try signer.write(to: path)
      try SigningKeys(store).trust(
        signer.publicKey, by: settings.principal, reason: reason, now: .now())
      let id = signer.publicKey.id.description
      if json {
        let value: JSONValue = ["key": .string(id), "file": .string(path)]
        return Output.print(value.document)
      }
      Output.print("\(path) holds key \(id), whose signatures are trusted from now on.")
      if settings.configuration.signingKey != path {
        Terminal.say("To sign with it, write 'signingKey: \(path)' in the configuration.")
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a public key, for openssl and for auditors.",
      discussion:
        "EXAMPLES\n  rookery keys show > rookery.pub\n  rookery keys show 3f1c9a2b --json",
      aliases: ["export"])

    @OptionGroup var options: StoreOptions
    @Argument(help: "A key's id, or the first 8 of its digits; the newest in use if not given.")
    var key: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      let entry = try settings.open(.readOnly).read { snapshot in
        if let key { return try SigningKeys.entry(snapshot.db, key) }
        let inUse = try SigningKeys.entries(snapshot.db).last { $0.retiredAt == nil }
        guard let inUse else { throw SigningKeyError.unknown("in use") }
        return inUse
      }
      let isSigner = json && settings.signingPublicKey() == entry.publicKey
      Output.print(json ? entry.json(isSigner: isSigner).document : entry.publicKey.pem)
    }
  }

  struct Trust: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Trust the signatures of a key that was made elsewhere.",
      discussion: "EXAMPLES\n  rookery keys trust rookery.pub --reason 'key of the new site'")

    @OptionGroup var options: StoreOptions
    @Argument(help: "A PEM file with the public key, or with the pair.") var file: String
    @Option(help: "Why, for the audit stream.") var reason: String = "trusted by an operator"
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      let key = try SegmentPublicKey(path: file)
      let store = try settings.open()
      try SigningKeys(store).trust(key, by: settings.principal, reason: reason, now: .now())
      let entry = try store.read { try SigningKeys.entry($0.db, key.id.description) }
      Output.print(
        json
          ? entry.json(isSigner: settings.signingPublicKey() == key).document
          : "Signatures of key \(entry.id) are trusted.")
    }
  }

  struct Retire: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a key sign no more; what it signed until now still counts.",
      discussion: """
        That is, of the segments that are in the archive now: the head of their chain is recorded, and
        'segments verify' tells when it is not in the chain any more. Keep it elsewhere as well.

        EXAMPLES
          rookery keys retire 3f1c9a2b --reason 'yearly change'
        """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "A key's id, or the first 8 of its digits.") var key: String
    @Option(help: "Why, for the audit stream.") var reason: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      let entry = try SigningKeys(try settings.open()).retire(
        key, by: settings.principal, reason: reason, now: .now())
      Output.print(
        json
          ? entry.json(isSigner: false).document
          : "Key \(entry.id) signs no more. The head of the chain is "
            + "\(entry.retiredHead?.description ?? "nothing"): up to it what it signed counts.")
    }
  }
}

extension Settings {
  /// Which key signs here; nil as well when the private key can't be read, which is nobody's need
  /// who signs nothing.
  fileprivate func signingPublicKey() -> SegmentPublicKey? {
    do {
      return try signer()?.publicKey
    } catch {
      Terminal.say("Which key signs is not known: \(error)")
      return nil
    }
  }
}

extension SigningKeys.Entry {
  fileprivate func json(isSigner: Bool) -> JSONValue {
    [
      "key": .string(id), "publicKey": .string(publicKey.pem), "trustedAt": .time(addedAt),
      "retiredAt": .optional(retiredAt, JSONValue.time),
      "retiredHead": .optional(retiredHead?.description, JSONValue.string),
      "signs": .bool(isSigner && retiredAt == nil),
    ]
  }
}
