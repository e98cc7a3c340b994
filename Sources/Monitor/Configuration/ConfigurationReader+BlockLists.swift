internal import Judgement
internal import Yams

/// `blocklists: [default, bl.example.net, "allow:good.example.net"]`, or `blocklists: off`.
extension ConfigurationReader {
    static let blockListKeys = ["blocklists"]

    func readBlockLists(_ field: Field) {
        if case .scalar = field.value {
            guard let text = text(field) else { return }
            switch text.lowercased() {
            case "off", "false", "no", "none": configuration_.blockLists = []
            case "default": configuration_.blockLists = BlockList.usual
            default:
                report(field.place, "“blocklists” is \(quoted(text)): write a list of zones, default, or off")
            }
            return
        }
        var lists: [BlockList] = []
        for node in list(field) {
            guard let text = text(node, of: "a block list") else { continue }
            let read = BlockList.read([text])
            if !read.wrong.isEmpty {
                report(
                    place(node),
                    "\(quoted(text)) is no block list: write its zone, such as bl.example.net, allow:good.example.net, or default"
                )
            }
            for list in read.lists {
                if lists.contains(where: { $0.zone == list.zone }) {
                    report(place(node), "the list \(list.zone) is given twice")
                } else if lists.count == BlockList.maximumLists {
                    return report(place(node), "\(BlockList.maximumLists) block lists are the most")
                } else {
                    lists.append(list)
                }
            }
        }
        configuration_.blockLists = lists
    }
}
