internal import DNS
internal import Judgement
internal import Mail
internal import Networking
internal import Probes
internal import Yams

// Passwords and keys: from files and from the environment, never from the YAML.
extension ConfigurationReader {
    func secret(_ fields: Fields) -> Secret? {
        switch (fields["password_file"], fields["password_env"]) {
        case (let field?, nil): return secretFile(field)
        case (nil, let field?): return secretVariable(field)
        case (.some, let field?):
            report(field.keyPlace, "either “password_file” or “password_env”, not both")
            return nil
        case (nil, nil): return nil
        }
    }

    func secretFile(_ field: Field) -> Secret? {
        guard let text = text(field) else { return nil }
        do {
            let octets = try ConfigurationFile.read(
                ConfigurationFile.resolve(text, besides: file), limit: Self.secretLimit)
            return secret(octets, field, "the file \(quoted(text))")
        } catch {
            report(field.place, "“password_file” is \(quoted(text)): \(error.reason)")
            return nil
        }
    }

    func secretVariable(_ field: Field) -> Secret? {
        guard let text = text(field) else { return nil }
        // Somebody who writes the password here would read it in the message otherwise.
        guard
            text.utf8.allSatisfy({
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
            })
        else {
            report(field.place, "“password_env” is the name of an environment variable: letters, digits and _")
            return nil
        }
        guard let value = environment[text] else {
            report(field.place, "“password_env” names an environment variable that is not set")
            return nil
        }
        return secret(Array(value.utf8), field, "the environment variable")
    }

    /// One line, its end left out. What it says never stands in a problem.
    func secret(_ octets: [UInt8], _ field: Field, _ source: String) -> Secret? {
        var octets = octets
        if octets.last == 10 { octets.removeLast() }
        if octets.last == 13 { octets.removeLast() }
        guard !octets.isEmpty else {
            report(field.place, "“\(field.key)”: \(source) is empty")
            return nil
        }
        guard let text = String(validating: octets, as: UTF8.self),
            !octets.contains(where: { $0 < 32 || $0 == 127 })
        else {
            report(field.place, "“\(field.key)”: \(source) holds more than one line of text, or control characters")
            return nil
        }
        return Secret(text)
    }
}
