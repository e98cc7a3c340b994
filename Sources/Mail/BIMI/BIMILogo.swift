/// A BIMI logo held against the profile SVG Tiny Portable/Secure (draft-svg-tiny-ps-abrotman), and what mailbox providers
/// ask besides: at most 32 KB, square, a title.
///
/// It leaves out drawing: whether the picture is seen, and what it shows.
package struct BIMILogo: Hashable, Sendable {
    /// What is wrong, for a person; those that keep it from being shown first.
    package var errors: [String] = []
    package var notices: [String] = []
    package var title: String?

    /// Octets that mailbox providers take; more are read to tell how much more.
    package static let maximumLength = 32 * 1024

    package init(_ octets: [UInt8], isCut: Bool = false) {
        if octets.starts(with: [0x1F, 0x8B]) {
            errors.append("it is compressed (gzip)")
            return
        }
        if isCut || octets.count > Self.maximumLength {
            errors.append("it has \(isCut ? "more than " : "")\(octets.count) octets, more than 32 KB")
        }
        if isCut { return }
        let root: XMLElement
        do throws(XMLProblem) { root = try XMLElement(document: octets) } catch {
            errors.append("line \(error.line) cannot be read: \(error)")
            return
        }
        guard root.localName == "svg" else {
            errors.append("it is no SVG: the document is a “\(root.name.prefix(40))”")
            return
        }
        judge(root)
        var forbidden: Set<String> = []
        root.visitAll { element in
            if let why = Self.problem(of: element) { forbidden.insert(why) }
        }
        errors += forbidden.sorted()
    }

    private mutating func judge(_ root: XMLElement) {
        if root["xmlns"] != nil, root["xmlns"] != "http://www.w3.org/2000/svg" {
            errors.append("its name space is not that of SVG")
        }
        switch root["version"] {
        case "1.2"?: break
        case nil: errors.append("`version=\"1.2\"` is missing")
        case let version?: errors.append("its version is \(quoted(version)), not 1.2")
        }
        switch root["baseProfile"] {
        case "tiny-ps"?: break
        case nil: errors.append("`baseProfile=\"tiny-ps\"` is missing")
        case let profile?: errors.append("its baseProfile is \(quoted(profile)), not tiny-ps")
        }
        for name in ["x", "y"] where root[name] != nil { errors.append("the element svg has the attribute \(name)") }
        let text = root.text(of: "title")
        title = text.map { String($0.prefix(200)) }
        if text == nil || text?.isEmpty == true {
            errors.append("it has no title")
        } else if let text,
            ["title", "logo", "untitled", "svg", "image", "your title here"].contains(text.lowercased())
        {
            notices.append("its title is a placeholder: \(quoted(text))")
        }
        judgeShape(root)
    }

    /// Square by the view box, otherwise by width and height.
    private mutating func judgeShape(_ root: XMLElement) {
        if let box = root["viewBox"] {
            let numbers = box.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\n" || $0 == "\t" }).map {
                Double($0)
            }
            guard numbers.count == 4, let width = numbers[2], let height = numbers[3], width > 0, height > 0 else {
                errors.append("its viewBox cannot be read: \(quoted(box))")
                return
            }
            if abs(width - height) > 0.01 * max(width, height) {
                errors.append("it is not square: the viewBox is \(numbers[2] ?? 0) by \(numbers[3] ?? 0)")
            }
            return
        }
        guard let width = root["width"].flatMap(Self.length), let height = root["height"].flatMap(Self.length) else {
            errors.append("it has no viewBox")
            return
        }
        if abs(width - height) > 0.01 * max(width, height) { errors.append("it is not square: \(width) by \(height)") }
    }

    private static func length(_ text: String) -> Double? {
        Double(text.prefix { ("0"..."9").contains($0) || $0 == "." })
    }

    /// Elements that the profile leaves out of SVG Tiny 1.2, and attributes that lead outside.
    private static func problem(of element: XMLElement) -> String? {
        let name = String(element.localName)
        switch name {
        case "script", "handler", "listener": return "it has a script (<\(name)>)"
        case "animate", "animateColor", "animateMotion", "animateTransform", "set", "mpath", "animation", "discard":
            return "it is animated (<\(name)>)"
        case "image": return "it has a picture in it (<image>): raster or from elsewhere"
        case "audio", "video", "foreignObject", "a", "iframe", "prefetch", "style", "filter", "mask", "clipPath",
            "pattern", "marker", "symbol":
            return "it has <\(name)>, which the profile does not know"
        default: break
        }
        for attribute in element.attributes {
            let key = attribute.name.split(separator: ":").last.map(String.init) ?? attribute.name
            let value = attribute.value.lowercased()
            if key.lowercased().hasPrefix("on"), key.utf8.count > 2, key.utf8.dropFirst(2).allSatisfy({ $0 > 64 }) {
                return "it has a script (the attribute \(key.prefix(40)))"
            }
            if key == "href", !value.hasPrefix("#") {
                return "it refers to something outside: \(quoted(attribute.value))"
            }
            if leadsOutside(value) {
                return "it refers to something outside: \(quoted(attribute.value))"
            }
            if value.hasPrefix("javascript:") { return "it has a script" }
        }
        return nil
    }

    /// Whether any `url(…)` in a value names something other than an element of the same document.
    private static func leadsOutside(_ value: String) -> Bool {
        let octets = Array(value.utf8), mark = Array("url(".utf8)
        guard octets.count >= mark.count else { return false }
        return octets.indices.dropLast(mark.count - 1).contains { start in
            octets[start] == mark[0] && octets[start...].starts(with: mark)
                && octets[(start + mark.count)...].first { !" \t\r\n\"'".utf8.contains($0) } != UInt8(ascii: "#")
        }
    }

    private static func quoted(_ text: String) -> String { "“\(text.prefix(80))”" }
    private func quoted(_ text: String) -> String { Self.quoted(text) }
}
