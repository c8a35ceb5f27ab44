internal import ArgumentParser

/// `rookery archive`: without a word of its own it archives.
struct ArchiveCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive",
    abstract: "Move what is cold into segments; rebuild a lost catalog or store from them.",
    discussion: """
      'archive' alone is 'archive run': see 'rookery archive run --help' for its options.

      EXAMPLES
        rookery archive --pipeline pipelines/nightly.yaml --dry-run
        rookery archive --policy 'user-*:coldAfter=90d' --policy 'service-uptime-*:keepHot=60d'
        rookery archive reindex --dry-run
      """,
    subcommands: [ArchiveCommand.self, ReindexCommand.self],
    defaultSubcommand: ArchiveCommand.self)
}
