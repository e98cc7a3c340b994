extension DKIMKeyRecord {
    /// Whether a TXT record at a selector means to be a key: "v" is optional (RFC 6376 §3.6.1), "p" is not.
    package static func isKey(_ octets: [UInt8]) -> Bool {
        let list = TagList(octets)
        return list["p"] != nil || list["v"]?.lowercased.hasPrefix("dkim") == true || list["k"] != nil
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    /// The same as reading it anew, and ``isKey(_:)``.
    static let readBefore = ReadBefore { (isKey: isKey($0), record: DKIMKeyRecord($0)) }

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
                at: tag.valueOffset, .weakHash, "no hash is allowed that verifiers take: “sha256” must be among them")
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
            if let bits = RSAPublicKey(der: key)?.bits { return bits }
            let hint = key.count == 32 ? ": is “k=ed25519” missing?" : ""
            problems.add(at: offset, .badKey, "this is no RSA public key\(hint)")
            return nil
        }
    }
}
