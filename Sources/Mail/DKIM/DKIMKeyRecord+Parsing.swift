import SwiftASN1

extension DKIMKeyRecord {
    /// Whether a TXT record at a selector means to be a key: "v" is optional (RFC 6376 §3.6.1), "p" is not.
    package static func isKey(_ octets: [UInt8]) -> Bool {
        let list = TagList(octets)
        return list["p"] != nil || list["v"]?.lowercased.hasPrefix("dkim") == true || list["k"] != nil
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    package init(_ octets: [UInt8]) {
        var list = TagList(octets)
        list.checkVersion("DKIM1", isRequired: false)
        text = octets.prefix(TagList.maximumLength).text
        version = list["v"]?.text
        keyType = KeyType(list["k"]?.lowercased ?? "rsa")
        hashes = Self.readHashes(&list)
        notes = list["n"]?.text
        services = list["s"].map { Self.split($0.value) } ?? ["*"]
        flags = list["t"].map { Self.split($0.value) } ?? []
        publicKey = Self.readKey(&list)
        keyBits = nil
        problems = []
        if case .other(let name) = keyType, let tag = list["k"] {
            list.problems.add(
                at: tag.valueOffset, .badValue, "\(quoted(name)) is no type of key that verifiers know: rsa or ed25519")
        }
        if let key = publicKey, !key.isEmpty, let tag = list["p"] {
            keyBits = Self.bits(of: key, keyType, at: tag.valueOffset, &list.problems)
        }
        if let tag = list["s"], !servesEmail {
            list.problems.add(
                at: tag.valueOffset, .badValue, "the key is not for mail: \(quoted(tag.value)) is neither * nor email",
                .warning)
        }
        if let tag = list["g"] {
            list.problems.add(at: tag.offset, .removedTag, "“g=” is gone since RFC 6376 and ignored", .notice)
        }
        for tag in list.tags where !["v", "h", "k", "n", "p", "s", "t", "g"].contains(tag.name) {
            list.problems.add(
                at: tag.offset, .unknownTag, "the tag \(quoted(tag.name)) is unknown and ignored", .notice)
        }
        problems = list.problems.sorted
    }

    /// `key-h-tag-alg *( [FWS] ":" [FWS] key-h-tag-alg )`
    private static func readHashes(_ list: inout TagList) -> [String]? {
        guard let tag = list["h"] else { return nil }
        let hashes = split(tag.value)
        if !hashes.contains("sha256") {
            // RFC 8301 §3: verifiers must not take rsa-sha1.
            list.problems.add(
                at: tag.valueOffset, .badValue, "no hash is allowed that verifiers take: “sha256” must be among them")
        }
        return hashes
    }

    private static func split(_ value: [UInt8]) -> [String] {
        value.split(separator: UInt8(ascii: ":")).map { $0.trimmed().lowercasedText }.filter { !$0.isEmpty }
    }

    private static func readKey(_ list: inout TagList) -> [UInt8]? {
        guard let tag = list["p"] else {
            list.problems.add(at: list.end, .missing, "“p=” with the key is missing")
            return nil
        }
        switch Base64.decode(tag.value) {
        case .success(let octets): return octets
        case .failure(let bad):
            let at = tag.valueOffset + bad.offset
            let letter = tag.value.dropFirst(bad.offset).prefix(1)
            list.problems.add(
                at: at, .badKey,
                letter.isEmpty
                    ? "the key ends in the middle of its base64: is a part of it missing?"
                    : "\(quoted(letter)) does not belong in base64")
            return nil
        }
    }

    /// The size of the key; nil, with a problem, where it is none.
    private static func bits(
        of key: [UInt8], _ type: KeyType, at offset: Int, _ problems: inout Problems
    ) -> Int? {
        switch type {
        case .other: return nil
        case .ed25519:
            // RFC 8463 §4.2: the 32 octets alone, no ASN.1 around them.
            if key.count == 32 { return 256 }
            let hint = key.count == 44 ? ": take the last 32 alone, without the ASN.1 before them" : ""
            problems.add(
                at: offset, .badKey, "an Ed25519 key has 32 octets, this has \(key.count)\(hint)")
            return nil
        case .rsa:
            if let bits = RSAKeySize.bits(of: key) { return bits }
            let hint = key.count == 32 ? ": is “k=ed25519” missing?" : ""
            problems.add(at: offset, .badKey, "this is no RSA public key\(hint)")
            return nil
        }
    }
}

/// The size of an RSA public key in DER, either as SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) or bare, as
/// RSAPublicKey (RFC 8017 §A.1.1), which RFC 6376 §3.6.1 names.
enum RSAKeySize {
    private static let rsaEncryption: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 1]

    static func bits(of der: [UInt8]) -> Int? {
        guard let node = try? DER.parse(der) else { return nil }
        return bare(node) ?? wrapped(node)
    }

    private static func bare(_ node: ASN1Node) -> Int? {
        try? DER.sequence(node, identifier: .sequence) { nodes -> Int in
            let modulus = try ArraySlice<UInt8>(derEncoded: &nodes)
            let exponent = try ArraySlice<UInt8>(derEncoded: &nodes)
            guard let bits = bits(ofModulus: modulus), exponent.last.map({ $0 & 1 == 1 }) == true else {
                throw ASN1Error.invalidASN1Object(reason: "no RSA key")
            }
            return bits
        }
    }

    private static func wrapped(_ node: ASN1Node) -> Int? {
        let key = try? DER.sequence(node, identifier: .sequence) { nodes -> ASN1BitString in
            guard let identifier = nodes.next() else { throw ASN1Error.truncatedASN1Field() }
            try DER.sequence(identifier, identifier: .sequence) { nodes in
                let algorithm = try ASN1ObjectIdentifier(derEncoded: &nodes)
                guard algorithm == rsaEncryption else { throw ASN1Error.invalidASN1Object(reason: "not RSA") }
                _ = nodes.next()  // NULL, or left out
            }
            return try ASN1BitString(derEncoded: &nodes)
        }
        guard let key, key.paddingBits == 0, let inner = try? DER.parse(key.bytes) else { return nil }
        return bare(inner)
    }

    private static func bits(ofModulus octets: ArraySlice<UInt8>) -> Int? {
        // The parser has turned negative numbers away and taken the zero before a set bit off.
        let significant = octets.drop { $0 == 0 }
        guard let first = significant.first else { return nil }
        return significant.count * 8 - first.leadingZeroBitCount
    }
}
