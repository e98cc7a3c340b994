internal import DNS

/// What stands in a message's texts that leads out of it: links, images, forms; and which texts could not be read well.
///
/// Everything is read as it would be shown and nothing is fetched. Attachments are only counted.
package struct MessageContents: Sendable {
    package struct Link: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable { case anchor, area, form, refresh, text }
        package var kind: Kind
        package var address: WebAddress
        /// The words it stands under; empty in plain text.
        package var text: String
        /// The host that those words name, where it is of another house than the one the link leads to.
        package var namedHost: String?
        /// The part it stands in.
        package var part: String
    }

    /// An image that is fetched from elsewhere when the message is shown.
    package struct Image: Hashable, Sendable {
        package var address: WebAddress
        /// Why it is there to tell its sender that the message was opened, in words; nil where it seems to be a picture.
        package var tracking: String?
        package var part: String
    }

    package var structure: MIMEStructure
    package var links: [Link] = []
    package var images: [Image] = []
    /// Character sets that texts name and nobody knows.
    package var unknownCharsets: [String] = []
    /// What is wrong with the writing, in words, with the part.
    package var problems: [String] = []
    /// Why something is missing here, in words.
    package var cut: String?

    /// Links and images beyond that are left out.
    package static let maximumCount = 2_000
    /// Octets of texts that are read in all.
    package static let maximumLength = 16 << 20

    package init(_ message: Message) {
        structure = MIMEStructure(message)
        cut = structure.cut
        problems = structure.parts.flatMap { part in part.problems.prefix(3).map { Self.place(part) + $0 } }
        var left = Self.maximumLength
        var seen: Set<Link> = []
        for part in structure.parts where part.isText {
            guard part.body.count <= left else {
                cut = cut ?? "the texts are longer than \(Self.maximumLength) octets: the rest was not read"
                break
            }
            left -= part.body.count
            if structure.decoded(part).isBroken, part.body.count > 0 {
                problems.append(
                    Self.place(part) + "what is written as \(part.encoding.name) has octets that do not belong")
            }
            let (text, unknown) = structure.text(part)
            if let unknown { unknownCharsets.append(unknown) }
            if part.type.subtype == "html" { readHTML(text, part, &seen) } else { readPlain(text, part, &seen) }
        }
        let bound = 100
        if problems.count > bound { problems = problems.prefix(bound) + ["and \(problems.count - bound) more"] }
    }

    private static func place(_ part: MIMEStructure.Part) -> String {
        part.path.isEmpty ? "" : "part \(part.path): "
    }

    private mutating func add(_ link: Link, _ seen: inout Set<Link>) {
        guard seen.insert(link).inserted else { return }
        guard links.count < Self.maximumCount else {
            cut = cut ?? "there are more than \(Self.maximumCount) links: the rest was not read"
            return
        }
        links.append(link)
    }

    private mutating func readPlain(_ text: String, _ part: MIMEStructure.Part, _ seen: inout Set<Link>) {
        for address in WebAddress.find(in: text, atMost: Self.maximumCount) {
            add(Link(kind: .text, address: address, text: "", part: part.path), &seen)
        }
    }

    private mutating func readHTML(_ html: String, _ part: MIMEStructure.Part, _ seen: inout Set<Link>) {
        let reading = HTMLReading(html)
        if let why = reading.cut { cut = cut ?? why }
        let base = reading.links.first { $0.kind == .base }.map { WebAddress($0.target) }
        for link in reading.links {
            guard let kind = Link.Kind(rawValue: link.kind.rawValue) else { continue }
            let address = Self.resolved(link.target, base)
            guard address.isRemote || Self.told.contains(address.scheme ?? "") else { continue }
            var named = WebAddress.host(namedBy: link.text)
            if let host = address.host, let words = named, WebAddress.isSameHouse(words, host) { named = nil }
            if !address.isRemote { named = nil }
            add(
                Link(
                    kind: kind, address: address, text: String(link.text.prefix(300)), namedHost: named, part: part.path
                ), &seen)
        }
        for image in reading.images {
            let address = Self.resolved(image.source, base)
            guard address.isRemote, images.count < Self.maximumCount else { continue }
            images.append(Image(address: address, tracking: Self.tracking(image, address), part: part.path))
        }
    }

    /// Schemes without a host that are worth telling of.
    private static let told: Set<String> = ["mailto", "tel", "sms", "javascript", "data", "file", "vbscript"]

    /// A path beneath the base where the address is one.
    private static func resolved(_ target: String, _ base: WebAddress?) -> WebAddress {
        let own = WebAddress(target)
        guard own.scheme == nil, own.host == nil, let base, let scheme = base.scheme, let host = base.host,
            !target.utf8.starts(with: "#".utf8)
        else {
            return own.scheme == nil && own.host != nil ? WebAddress("https:" + own.text) : own
        }
        return WebAddress("\(scheme)://\(host)/\(own.text.utf8.drop { $0 == UInt8(ascii: "/") }.text)")
    }

    /// A pixel nobody sees, or an address that says that it counts openings.
    private static func tracking(_ image: HTMLReading.Image, _ address: WebAddress) -> String? {
        if let width = image.width, let height = image.height, width <= 2, height <= 2 {
            return "it is \(width)×\(height) pixels large"
        }
        if image.width.map({ $0 <= 1 }) == true || image.height.map({ $0 <= 1 }) == true {
            return "it is a pixel wide or high"
        }
        if image.isHidden { return "it is hidden" }
        guard hasIdentifier(address.text) else { return nil }
        let path = address.text.utf8.lowercasedText
        let telling = ["/open", "/track", "pixel", "beacon", "/wf/", "1x1", "/o.gif", "t.gif", "trk", "/imp?"]
        return telling.first(where: path.holds).map { "its address has an identifier and “\($0)” in it" }
    }

    /// Sixteen letters and digits in a row, of both kinds, name one recipient rather than one picture.
    private static func hasIdentifier(_ address: String) -> Bool {
        address.utf8.split { !$0.isAlphanumeric && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
            .contains { $0.count >= 16 && $0.contains(where: \.isDigit) && $0.contains(where: \.isAlpha) }
    }
}
