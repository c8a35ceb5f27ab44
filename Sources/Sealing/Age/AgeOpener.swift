internal import Crypto
internal import Streams

/// Opens age files that were sealed to one key. Files that follow one another and have the same
/// header cost the curve operations of one.
package struct AgeOpener {
  private let identity: AgeIdentity
  private let recipient: [UInt8]
  /// The last header that was opened, and the file key in it.
  private var header: [UInt8] = []
  private var fileKey: SymmetricKey?

  package init(_ identity: AgeIdentity) {
    self.identity = identity
    recipient = identity.recipient.bytes
  }

  /// Replaces `content` by what is in `file`.
  ///
  /// - Throws: ``AgeError``; `content` is then empty: nothing that fails its tag is served.
  /// - Complexity: O(bytes); allocates no more than `file` has.
  package mutating func open(
    _ file: UnsafeRawBufferPointer, into content: inout [UInt8]
  ) throws(AgeError) {
    content.removeAll(keepingCapacity: true)
    let fileKey = try fileKey(of: file)
    let start = header.count
    let payload = start + AgeFile.nonceBytes
    guard file.count >= payload + AgeFile.tagBytes else { throw .altered }
    let key = AgeFile.payloadKey(fileKey, nonce: Array(file.slice(start..<payload)))
    do {
      content.reserveCapacity(file.count - payload)
      try Self.appendPayload(file.slice(payload..<file.count), key, &content)
    } catch {
      content.removeAll()
      throw .altered
    }
  }

  private mutating func fileKey(
    of file: UnsafeRawBufferPointer
  ) throws(AgeError) -> SymmetricKey {
    if let fileKey, file.starts(with: header) { return fileKey }
    let parsed = try AgeHeader(file)
    guard let found = unwrap(parsed) else { throw .wrongKey }
    guard
      AgeFile.headerMAC(file.slice(0..<parsed.authenticatedBytes), fileKey: found) == parsed.mac
    else { throw .altered }
    header = Array(file.slice(0..<parsed.bytes))
    fileKey = found
    return found
  }

  private func unwrap(_ header: AgeHeader) -> SymmetricKey? {
    for stanza in header.stanzas {
      guard
        let share = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: stanza.share),
        let secret = try? identity.key.sharedSecretFromKeyAgreement(with: share),
        let box = try? ChaChaPoly.SealedBox(
          nonce: AgeFile.zeroNonce(), ciphertext: stanza.wrappedKey.dropLast(AgeFile.tagBytes),
          tag: stanza.wrappedKey.suffix(AgeFile.tagBytes)),
        let fileKey = try? ChaChaPoly.open(
          box, using: AgeFile.wrappingKey(secret, share: stanza.share, recipient: recipient))
      else { continue }
      return SymmetricKey(data: fileKey)
    }
    return nil
  }

  private static func appendPayload(
    _ payload: UnsafeRawBufferPointer, _ key: SymmetricKey, _ content: inout [UInt8]
  ) throws {
    var start = 0
    var index = 0
    repeat {
      let end = min(start + AgeFile.pieceBytes + AgeFile.tagBytes, payload.count)
      let isLast = end == payload.count
      // Only an empty content has an empty piece.
      guard
        end - start > AgeFile.tagBytes || (index == 0 && end - start == AgeFile.tagBytes)
      else { throw AgeError.altered }
      let box = try ChaChaPoly.SealedBox(
        nonce: AgeFile.pieceNonce(index, isLast: isLast),
        ciphertext: payload.slice(start..<(end - AgeFile.tagBytes)).bound,
        tag: payload.slice((end - AgeFile.tagBytes)..<end).bound)
      content.append(contentsOf: try ChaChaPoly.open(box, using: key))
      start = end
      index += 1
    } while start < payload.count
  }
}
