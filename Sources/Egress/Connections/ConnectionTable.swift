/// The connections that there are, by a number that is never used again.
///
/// The lower half of a number is a place in the table, the upper half how often that place has been used: an event that
/// was fetched before a connection was closed finds nobody.
struct ConnectionTable {
    private var places: [Connection?] = []
    private var uses: [UInt32] = []
    private var free: [Int] = []

    /// How many there are.
    var count: Int { places.count - free.count }

    /// The places, some of them empty.
    var all: [Connection?] { places }

    /// The number for the next connection, which ``insert(_:)`` then has to be given.
    mutating func nextNumber() -> UInt64 {
        if let place = free.last { return Self.number(place, uses[place]) }
        free.append(places.count)
        places.append(nil)
        uses.append(0)
        return Self.number(places.count - 1, 0)
    }

    /// Takes a connection in.
    mutating func insert(_ connection: Connection) {
        let place = free.removeLast()
        places[place] = connection
    }

    /// The connection of a number; nil when it is gone.
    subscript(number: UInt64) -> Connection? {
        let place = Int(UInt32(truncatingIfNeeded: number))
        guard place < places.count, uses[place] & Self.mostUses == UInt32(number >> 32) else { return nil }
        return places[place]
    }

    /// Lets a connection go.
    mutating func remove(_ connection: Connection) {
        let place = Int(UInt32(truncatingIfNeeded: connection.number))
        guard places[place] === connection else { return }
        places[place] = nil
        uses[place] &+= 1
        free.append(place)
    }

    // The upper bits of a number are the loop's own.
    private static let mostUses: UInt32 = 0x00ff_ffff

    private static func number(_ place: Int, _ uses: UInt32) -> UInt64 {
        UInt64(uses & mostUses) << 32 | UInt64(place)
    }
}
