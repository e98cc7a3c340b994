import DNS
import Foundation
import Lab
import Networking

/// The options that lead a command into the demo world.
struct WorldOptions {
    let arguments: [String]
    private let file: URL

    init(_ world: MailWorld) throws {
        file = FileManager.default.temporaryDirectory.appending(path: "mailsonde-root-\(UUID().uuidString).pem")
        try Data(world.rootPEM.utf8).write(to: file)
        arguments =
            ["--resolver", "\(world.resolver)", "--ca-file", file.path]
            + world.overrides.flatMap { ["--connect-to", Self.text($0)] }
    }

    func end() { try? FileManager.default.removeItem(at: file) }

    /// `HOST:PORT:ADDR:PORT`
    static func text(_ override: ConnectOverride) -> String {
        let host =
            switch override.host {
            case .name(let name)?: name.description
            case .address(let address)?: bracketed(address)
            case nil: ""
            }
        return [
            host, override.port.map { "\($0)" } ?? "", override.toAddress.map(bracketed) ?? "",
            override.toPort.map { "\($0)" } ?? "",
        ].joined(separator: ":")
    }

    private static func bracketed(_ address: IPAddress) -> String {
        if case .v6 = address { "[\(address)]" } else { "\(address)" }
    }
}

/// JSON text as an object; the test fails where it is none.
func object(_ text: String) throws -> [String: Any] {
    guard let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
        throw TestFailure("no JSON object: \(text.prefix(300))")
    }
    return object
}
