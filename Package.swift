// swift-tools-version: 6.2
import PackageDescription

// Layers, low to high. An arrow between targets points only at targets above it in this list.
let package = Package(
  name: "rookery",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
  ],
  targets: [
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .target(name: "CCurl"),
    .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "Streams", dependencies: ["CSimdJSON"]),
    .target(name: "Transport", dependencies: ["Streams", "CCurl"]),
    .target(
      name: "Sealing",
      dependencies: [
        "Streams",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "EventStore",
      dependencies: [
        "Streams", "Sealing",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    .target(
      name: "Segments",
      dependencies: [
        "Streams", "Sealing", "CZstd", "CArchive",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ]),
    .target(
      name: "Ingest",
      dependencies: [
        "Streams", "EventStore", "CArchive", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Archive",
      dependencies: [
        "Streams", "Transport", "Sealing", "EventStore", "Segments",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "History",
      dependencies: [
        "Streams", "Sealing", "EventStore", "Segments", "Archive",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(name: "Analytics", dependencies: ["Streams"]),
    .target(name: "Demo", dependencies: ["Streams", "EventStore"]),
    .target(
      name: "Reports",
      dependencies: [
        "Streams", "Archive", "History", "Analytics",
        .product(name: "Mustache", package: "swift-mustache"),
      ]),
    .target(
      name: "Pipelines",
      dependencies: [
        "Streams", "Transport", "Sealing", "EventStore", "Ingest", "Archive", "History",
        "Analytics",
        "Reports",
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Yams", package: "Yams"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .executableTarget(
      name: "rookery",
      dependencies: [
        "Streams", "Sealing", "EventStore", "Ingest", "Segments", "Archive", "History", "Analytics",
        "Reports", "Pipelines", "Demo",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(name: "CPeer", linkerSettings: [.linkedLibrary("sqlite3")]),
    .executableTarget(
      name: "rookery-bench",
      dependencies: [
        "Streams", "EventStore", "Ingest", "Segments", "Archive", "History", "Demo", "CPeer",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(name: "StreamsTests", dependencies: ["Streams"]),
    .testTarget(name: "TransportTests", dependencies: ["Transport", "Streams"]),
    .testTarget(
      name: "EventStoreTests",
      dependencies: [
        "EventStore", "Sealing", "Streams", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(name: "IngestTests", dependencies: ["Ingest", "EventStore", "Streams"]),
    .testTarget(
      name: "SegmentsTests", dependencies: ["Segments", "Sealing", "Streams"], exclude: ["Golden"]),
    .testTarget(
      name: "AnalyticsTests", dependencies: ["Analytics", "Streams"],
      exclude: ["uptime-cases.json"]),
    .testTarget(
      name: "ArchiveTests",
      dependencies: [
        "rookery", "Archive", "History", "EventStore", "Segments", "Sealing", "Streams",
        "Transport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "HistoryTests",
      dependencies: [
        "History", "Reports", "Archive", "EventStore", "Sealing", "Segments", "Streams",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "DemoTests", dependencies: ["Demo", "Analytics", "EventStore", "Ingest", "Streams"]),
    .testTarget(
      name: "PipelinesTests",
      dependencies: [
        "Pipelines", "Ingest", "History", "Archive", "EventStore", "Sealing", "Segments",
        "Analytics",
        "Reports", "Streams", "Transport", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(name: "EndToEndTests", dependencies: ["rookery"]),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports", "History", "Archive", "Analytics", "Streams"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let cTargets = ["CCurl", "CSimdJSON", "CPeer"]
for target in package.targets where target.type != .system && !cTargets.contains(target.name) {
  target.swiftSettings = settings
}
