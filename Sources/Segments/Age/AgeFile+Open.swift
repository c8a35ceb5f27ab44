internal import Crypto

extension AgeFile {
  /// Replaces `content` by what is in `file`.
  ///
  /// - Throws: ``AgeError``; `content` is then empty: nothing that fails its tag is served.
  /// - Complexity: O(bytes); allocates no more than `file` has.
  static func open(
    _ file: UnsafeRawBufferPointer, with identity: AgeIdentity, into content: inout [UInt8]
  ) throws(AgeError) {
    content.removeAll(keepingCapacity: true)
    let header = try AgeHeader(file)
    guard let fileKey = fileKey(of: header, identity) else { throw .wrongKey }
    let authenticated = file.slice(0..<header.authenticatedBytes)
    guard headerMAC(authenticated, fileKey: fileKey) == header.mac,
      file.count >= header.bytes + nonceBytes + tagBytes
    else { throw .altered }
    let payload = header.bytes + nonceBytes
    let key = payloadKey(fileKey, nonce: Array(file.slice(header.bytes..<payload)))
    do {
      content.reserveCapacity(file.count - payload)
      try appendPayload(file.slice(payload..<file.count), key, &content)
    } catch {
      content.removeAll()
      throw .altered
    }
  }

  private static func fileKey(of header: AgeHeader, _ identity: AgeIdentity) -> SymmetricKey? {
    let recipient = identity.recipient.bytes
    for stanza in header.stanzas {
      guard
        let share = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: stanza.share),
        let secret = try? identity.key.sharedSecretFromKeyAgreement(with: share),
        let box = try? ChaChaPoly.SealedBox(
          nonce: zeroNonce(), ciphertext: stanza.wrappedKey.dropLast(tagBytes),
          tag: stanza.wrappedKey.suffix(tagBytes)),
        let fileKey = try? ChaChaPoly.open(
          box, using: wrappingKey(secret, share: stanza.share, recipient: recipient))
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
      let end = min(start + pieceBytes + tagBytes, payload.count)
      let isLast = end == payload.count
      // Only an empty content has an empty piece.
      guard end - start > tagBytes || (index == 0 && end - start == tagBytes) else {
        throw AgeError.altered
      }
      let box = try ChaChaPoly.SealedBox(
        nonce: pieceNonce(index, isLast: isLast),
        ciphertext: payload.slice(start..<(end - tagBytes)).bound,
        tag: payload.slice((end - tagBytes)..<end).bound)
      content.append(contentsOf: try ChaChaPoly.open(box, using: key))
      start = end
      index += 1
    } while start < payload.count
  }
}
