public import Sealing
internal import Streams

/// Finds the keys that open encrypted chunks.
public struct Keyring: Sendable {
  private let find: @Sendable (String) throws -> AgeIdentity?

  /// - Parameter find: the key of a subject's id; nil when there is none, and what was sealed to it
  ///   is erased. It throws when it can't tell.
  public init(_ find: @escaping @Sendable (_ subject: String) throws -> AgeIdentity?) {
    self.find = find
  }

  /// Opens nothing: every encrypted event reads as erased.
  public static let empty = Keyring { _ in nil }

  /// - Throws: ``SegmentError/keyUnavailable(_:)``.
  func identity(of subject: String) throws(SegmentError) -> AgeIdentity? {
    do {
      return try find(subject)
    } catch {
      throw .keyUnavailable((error as? any CodedError)?.message ?? "\(error)")
    }
  }
}
