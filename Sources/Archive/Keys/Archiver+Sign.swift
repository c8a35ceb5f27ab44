internal import EventStore
internal import Segments

extension Archiver {
  /// Who signs a segment of these settings; nil when nobody is to.
  ///
  /// - Throws: ``SigningKeyError``: what nobody would trust is not written.
  func signer(for settings: SegmentSettings) throws -> SegmentSigner? {
    settings.isSigned ? try trustedSigner() : nil
  }

  /// Who signs what takes the place of a signed segment, too.
  ///
  /// - Throws: as ``signer(for:)``.
  func trustedSigner() throws -> SegmentSigner {
    guard let signer else { throw SigningKeyError.missing }
    let id = signer.publicKey.id.description
    let known = try store.read { try SigningKeys.entries($0.db) }
      .first { $0.publicKey == signer.publicKey }
    guard let known else { throw SigningKeyError.untrusted(id) }
    guard known.retiredAt == nil else { throw SigningKeyError.retired(id) }
    return signer
  }
}
