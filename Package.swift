// swift-tools-version: 6.2
import PackageDescription

/// One set of language rules for every room: see "How the house is built" in README.md.
let rules: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// A room of the house: a target under `Sources/`, built by the same rules as all the others.
func room(
    _ name: String, _ dependencies: [Target.Dependency], plugins: [Target.PluginUsage] = []
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: rules, plugins: plugins)
}

/// A room's twin under `Tests/`.
func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
        swiftSettings: rules)
}

let package = Package(
    name: "mailsonde",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "mailsonde", targets: ["mailsonde"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/onevcat/Rainbow", from: "4.2.2"),
    ],
    targets: [
        // What decides: no room here imports a network.
        room("DNS", [crypto, cryptoExtras]),
        room("Mail", ["DNS", asn1, crypto, cryptoExtras]),
        room("TLS", []),
        room("Judgement", ["DNS", "Mail"], plugins: ["EmbedChecks"]),
        room("Rendering", ["DNS", "Mail", "Judgement", .product(name: "Rainbow", package: "Rainbow")]),

        // What touches a network: no room here decides.
        .target(name: "CDatagrams"),
        room(
            "Networking",
            [
                "DNS", "TLS", "CDatagrams", nio("NIOCore"), nio("NIOPosix"), nio("NIOTLS"),
                nio("NIOConcurrencyHelpers"),
                nioSSL,
            ]),
        room("Probes", ["DNS", "Mail", "TLS", "Judgement", "Networking", x509, asn1, crypto]),

        room("Scanning", ["DNS", "Mail", "Judgement", "Rendering", "Networking"]),

        room(
            "Monitor",
            [
                "DNS", "Mail", "Judgement", "Networking", "Probes", "Rendering", logging, "Yams",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        room(
            "Server",
            [
                "DNS", "Mail", "Judgement", "Rendering", "Networking", "Monitor", logging, nio("NIOCore"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        room(
            "Lab",
            [
                "DNS", "Mail", "Networking", nio("NIOCore"), nio("NIOPosix"), nio("NIOConcurrencyHelpers"), nioSSL,
                x509, asn1, crypto,
            ]),
        .executableTarget(
            name: "mailsonde",
            dependencies: [
                "DNS", "Mail", "TLS", "Judgement", "Networking", "Probes", "Rendering", "Scanning", "Monitor", "Server",
                "Lab",
                logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: rules),

        // The pages of checks/ become string literals of Judgement, so that the binary carries them.
        .plugin(
            name: "EmbedChecks", capability: .buildTool(), dependencies: ["embed-checks"],
            path: "Sources/EmbedChecks/Plugin"),
        .executableTarget(name: "embed-checks", path: "Sources/EmbedChecks/Tool", swiftSettings: rules),

        // What Tests/Benchmarks measures of the inside.
        .executableTarget(
            name: "mailsonde-bench",
            dependencies: [
                "DNS", "Mail", "Judgement", "Networking", "Probes", nio("NIOCore"), nio("NIOPosix"), nioSSL,
            ],
            path: "Tests/Benchmarks/mailsonde-bench",
            swiftSettings: rules),

        tests(of: "DNS", [crypto, cryptoExtras]),
        tests(of: "TLS"),
        tests(of: "Mail", ["DNS", "Yams", crypto, cryptoExtras]),
        tests(of: "Judgement", ["DNS", "Mail"]),
        tests(of: "Rendering", ["DNS", "Mail", "Judgement"], exclude: ["Snapshots"]),
        tests(of: "Networking", ["DNS", nio("NIOCore"), nio("NIOPosix"), nioSSL, x509, asn1, crypto]),
        tests(of: "Probes", ["DNS", "Mail", "TLS", "Judgement", "Networking", "Lab", x509, asn1, crypto]),
        tests(
            of: "Monitor",
            [
                "DNS", "Mail", "Judgement", "Networking", "Probes", "Rendering", logging,
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests(
            of: "Server",
            [
                "DNS", "Mail", "Judgement", "Monitor", logging,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]),
        tests(of: "Lab", ["DNS", "Mail", "Networking", nioSSL]),
        tests(of: "Scanning", ["DNS", "Mail", "Judgement", "Rendering", "Networking"]),
        tests(
            of: "mailsonde", ["DNS", "Mail", "Judgement", "Rendering", "Networking", "Probes", "Monitor", "Lab"]),
    ],
    swiftLanguageModes: [.v6]
)
