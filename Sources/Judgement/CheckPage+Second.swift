package import DNS

extension CheckPage.Example {
    /// ```` ```second ````, below a block with a zone: what another resolver says. It has the zone above, but for the names
    /// and types that the lines give otherwise; `- NAME TYPE` takes one away, and planted failures count for the name.
    package struct Second: Hashable, Sendable {
        private var records = ""
        private var without: [Question] = []

        static let usage = "below a block with a zone: lines of a zone, or - NAME TYPE"

        /// nil where a line is none of these.
        package init?(text: String) {
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                guard words.first == "-" else {
                    records += line + "\n"
                    continue
                }
                guard words.count == 3, let name = try? DomainName(words[1]), let type = RecordType(words[2]) else {
                    return nil
                }
                without.append(Question(name, type))
            }
            if (try? Zone(records)) == nil { return nil }
        }

        /// What asking the other resolver shows.
        package func observations(of domain: DomainEvidence, in base: Zone) throws -> [Observation] {
            var zone = base
            let own = try Zone(records)
            for question in without { zone.remove(question.name, question.type) }
            for record in own.records { zone.remove(record.name, record.type) }
            zone.merge(own)
            return SecondOpinion.questions(on: domain).map { .secondLookup(LookupObservation($0, zone.lookUp($0))) }
        }
    }
}
