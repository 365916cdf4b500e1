public import Network

/// The door through which every connection of a sandbox leaves.
public enum EgressDoor {
    /// Reads the settings.
    public static func settings(_ bytes: [UInt8]) -> DoorSettings? { DoorSettings(encoded: bytes) }
}
