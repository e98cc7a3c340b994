package import DNS

/// Records that many domains draw in, with all below them, as they were found before: those of which there is nothing to
/// say but what they cost. Domains that share a provider share its tree of includes.
package struct SPFDrawnIn: Sendable {
    /// A record with all below it.
    package final class Drawn: Sendable {
        let node: SPFAnalysis.Node
        /// The name of the record, then those below it; no name twice.
        let names: [DomainName]
        /// Records above each other, itself among them: 1 where it draws nothing in.
        let height: Int
        let answerSizes: [SPFAnalysis.AnswerSize]

        /// nil where a name stands there twice.
        init?(_ node: SPFAnalysis.Node, _ answerSizes: [SPFAnalysis.AnswerSize]) {
            var names: [DomainName] = []
            height = Self.gather(node, &names)
            guard names.count == 1 || Set(names).count == names.count else { return nil }
            self.node = node
            self.names = names
            self.answerSizes = answerSizes
        }

        private static func gather(_ node: SPFAnalysis.Node, _ names: inout [DomainName]) -> Int {
            names.append(node.domain)
            return 1 + node.children.reduce(0) { max($0, gather($1, &names)) }
        }
    }

    package let parts: SharedParts<Drawn>
    /// See ``SharedParts/part(of:at:)``.
    package let now: Int64

    package init(_ parts: SharedParts<Drawn>, now: Int64) {
        self.parts = parts
        self.now = now
    }
}

extension SPFAnalysis {
    /// How much there is to say so far of what was visited, its costs and sizes aside: what is only ever added to.
    var remarks: Int {
        loops.count + targetsWithoutRecord.count + targetsWithSeveralRecords.count + brokenRecords.count
            + ptrTerms.count + duplicates.count + broadRanges.count + privateRanges.count + missingTargets.count
            + crowdedMX.count + unregistered.count
            + seams.count + voids.count + unknown.count + voidLookups + (isComplete ? 0 : 1) + (isCut ? 1 : 0)
    }
}
