/// Rows in columns that are as wide as their widest cell.
struct TextTable: CustomStringConvertible {
    let rows: [[String]]

    init(_ rows: [[String]]) {
        self.rows = rows
    }

    /// One line a row, nothing after the last cell.
    var description: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: widths[column] - cell.count + 2)
                }
            }
            return line + "\n"
        }.joined()
    }
}
