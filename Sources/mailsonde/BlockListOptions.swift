import ArgumentParser
import Judgement

/// Which block lists are asked: `--blocklist`, `--no-blocklists`.
struct BlockListOptions: ParsableArguments {
    @Option(
        name: .customLong("blocklist"),
        help: ArgumentHelp(
            "Ask this list instead of the usual ones; “default” stands for those, “allow:ZONE” is a list of good addresses; repeatable.",
            valueName: "zone"))
    var blockList: [String] = []

    @Flag(name: .customLong("no-blocklists"), help: "Ask no block lists.")
    var noBlockLists = false

    /// The lists to ask.
    func lists() throws(UsageError) -> [BlockList] {
        if noBlockLists {
            guard blockList.isEmpty else {
                throw UsageError("--blocklist and --no-blocklists contradict each other: give one")
            }
            return []
        }
        let (lists, wrong) = BlockList.read(blockList.isEmpty ? ["default"] : blockList)
        if let text = wrong.first {
            throw UsageError(
                "--blocklist: “\(text)” is no list: write its zone, such as bl.example.net, allow:good.example.net, or default"
            )
        }
        guard lists.count <= BlockList.maximumLists else {
            throw UsageError("--blocklist: \(lists.count) lists; \(BlockList.maximumLists) are the most")
        }
        return lists
    }
}
