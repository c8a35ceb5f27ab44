internal import Crypto

extension AgeFile {
  /// Replaces `file` by an age file that only `recipient` opens; it is 200 bytes longer than
  /// `content`, and 16 more for each further 64 KiB.
  ///
  /// - Throws: ``AgeError/malformed(_:)`` when `recipient` is a key nobody can have.
  /// - Complexity: O(bytes).
  static func seal(
    _ content: UnsafeRawBufferPointer, to recipient: AgeRecipient, into file: inout [UInt8]
  ) throws(AgeError) {
    do {
      file.removeAll(keepingCapacity: true)
      file.reserveCapacity(sealedBytes(content: content.count))
      let fileKey = SymmetricKey(size: SymmetricKeySize(bitCount: 8 * fileKeyBytes))
      try appendHeader(of: fileKey, to: recipient, &file)
      let nonce = SymmetricKey(size: SymmetricKeySize(bitCount: 8 * nonceBytes))
        .withUnsafeBytes { Array($0) }
      file += nonce
      try appendPayload(content, payloadKey(fileKey, nonce: nonce), &file)
    } catch {
      throw .malformed("the recipient is no public key")
    }
  }

  /// Of a file with one recipient.
  private static let headerBytes = 168

  static func sealedBytes(content: Int) -> Int {
    headerBytes + nonceBytes + content + tagBytes * max(1, (content + pieceBytes - 1) / pieceBytes)
  }

  private static func appendHeader(
    of fileKey: SymmetricKey, to recipient: AgeRecipient, _ file: inout [UInt8]
  ) throws {
    let oneTime = Curve25519.KeyAgreement.PrivateKey()
    let share = Array(oneTime.publicKey.rawRepresentation)
    let secret = try oneTime.sharedSecretFromKeyAgreement(
      with: Curve25519.KeyAgreement.PublicKey(rawRepresentation: recipient.bytes))
    let wrapped = try ChaChaPoly.seal(
      fileKey.withUnsafeBytes { Array($0) },
      using: wrappingKey(secret, share: share, recipient: recipient.bytes), nonce: zeroNonce())
    file += Array(AgeHeader.magic.utf8)
    file += Array("\(AgeHeader.stanza)\(AgeHeader.encode(share))\n".utf8)
    file += Array("\(AgeHeader.encode(wrapped.ciphertext + wrapped.tag))\n".utf8)
    file += Array(AgeHeader.end.utf8)
    let mac = file.withUnsafeBytes { headerMAC($0, fileKey: fileKey) }
    file += Array(" \(AgeHeader.encode(mac.withUnsafeBytes { Array($0) }))\n".utf8)
  }

  private static func appendPayload(
    _ content: UnsafeRawBufferPointer, _ key: SymmetricKey, _ file: inout [UInt8]
  ) throws {
    var start = 0
    var index = 0
    // An empty content has one piece, and it is empty.
    repeat {
      let end = min(start + pieceBytes, content.count)
      let box = try ChaChaPoly.seal(
        content.slice(start..<end).bound, using: key,
        nonce: pieceNonce(index, isLast: end == content.count))
      file.append(contentsOf: box.ciphertext)
      file.append(contentsOf: box.tag)
      start = end
      index += 1
    } while start < content.count
  }
}
