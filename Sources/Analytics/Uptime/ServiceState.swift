/// The five states; see ``ServiceState/init(word:)`` for the words of other tools.
public enum ServiceState: UInt8, CaseIterable, Sendable {
  case unknown = 0, up, degraded, down, maintenance
}
