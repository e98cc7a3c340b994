/// A table of characters in rows and cells, read from text the first time that it is needed: a line is a row, a
/// character a cell, U+FFFD an empty one.
struct CharsetTable: Sendable {
    private let cells: [UInt32]
    /// Where each row begins in `cells`, and where the last one ends.
    private let starts: [Int]

    init(_ text: StaticString) {
        var cells: [UInt32] = [], starts = [0]
        for scalar in text.withUTF8Buffer({ String(decoding: $0, as: UTF8.self) }).unicodeScalars {
            if scalar == "\n" { starts.append(cells.count) } else { cells.append(scalar.value) }
        }
        starts.append(cells.count)
        self.cells = cells
        self.starts = starts
    }

    /// The character there; nil where there is none. Rows and cells count from 0.
    subscript(row: Int, cell: Int) -> UInt32? {
        guard row >= 0, cell >= 0, row + 1 < starts.count, starts[row] + cell < starts[row + 1] else { return nil }
        let scalar = cells[starts[row] + cell]
        return scalar == 0xFFFD ? nil : scalar
    }

    /// Every character in the table.
    var scalars: Set<UInt32> { Set(cells) }
}
