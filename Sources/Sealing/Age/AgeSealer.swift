internal import Crypto
internal import Streams

/// Seals contents to one recipient: each becomes an age file of its own.
///
/// The files have the file key in common, and so the header, which costs two curve operations; what
/// encrypts a content is a key that is derived from it and a nonce of 16 random bytes, which no other
/// file has. Whoever is given one file's key opens all of one sealer: use one for contents that are
/// written together, by one writer, and read by the same people.
package struct AgeSealer: Sendable {
  private let header: [UInt8]
  private let fileKey: SymmetricKey

  /// - Throws: ``AgeError/malformed(_:)`` when `recipient` is a key nobody can have.
  package init(to recipient: AgeRecipient) throws(AgeError) {
    let fileKey = SymmetricKey(size: SymmetricKeySize(bitCount: 8 * AgeFile.fileKeyBytes))
    do {
      header = try Self.header(of: fileKey, to: recipient)
    } catch {
      throw .malformed("the recipient is no public key")
    }
    self.fileKey = fileKey
  }

  /// Replaces `file` by an age file of ``AgeFile/sealedBytes(content:)`` bytes.
  ///
  /// - Complexity: O(bytes).
  package func seal(
    _ content: UnsafeRawBufferPointer, into file: inout [UInt8]
  ) throws(AgeError) {
    do {
      file.removeAll(keepingCapacity: true)
      file.reserveCapacity(AgeFile.sealedBytes(content: content.count))
      file += header
      let nonce = SymmetricKey(size: SymmetricKeySize(bitCount: 8 * AgeFile.nonceBytes))
        .withUnsafeBytes { Array($0) }
      file += nonce
      try Self.appendPayload(content, AgeFile.payloadKey(fileKey, nonce: nonce), &file)
    } catch {
      throw .malformed("its content can't be encrypted")
    }
  }

  private static func header(
    of fileKey: SymmetricKey, to recipient: AgeRecipient
  ) throws -> [UInt8] {
    let oneTime = Curve25519.KeyAgreement.PrivateKey()
    let share = Array(oneTime.publicKey.rawRepresentation)
    let secret = try oneTime.sharedSecretFromKeyAgreement(
      with: Curve25519.KeyAgreement.PublicKey(rawRepresentation: recipient.bytes))
    let wrapped = try ChaChaPoly.seal(
      fileKey.withUnsafeBytes { Array($0) },
      using: AgeFile.wrappingKey(secret, share: share, recipient: recipient.bytes),
      nonce: AgeFile.zeroNonce())
    var header = Array(AgeHeader.magic.utf8)
    header += Array("\(AgeHeader.stanza)\(AgeHeader.encode(share))\n".utf8)
    header += Array("\(AgeHeader.encode(wrapped.ciphertext + wrapped.tag))\n".utf8)
    header += Array(AgeHeader.end.utf8)
    let mac = header.withUnsafeBytes { AgeFile.headerMAC($0, fileKey: fileKey) }
    header += Array(" \(AgeHeader.encode(mac.withUnsafeBytes { Array($0) }))\n".utf8)
    return header
  }

  private static func appendPayload(
    _ content: UnsafeRawBufferPointer, _ key: SymmetricKey, _ file: inout [UInt8]
  ) throws {
    var start = 0
    var index = 0
    // An empty content has one piece, and it is empty.
    repeat {
      let end = min(start + AgeFile.pieceBytes, content.count)
      let box = try ChaChaPoly.seal(
        content.slice(start..<end).bound, using: key,
        nonce: AgeFile.pieceNonce(index, isLast: end == content.count))
      file.append(contentsOf: box.ciphertext)
      file.append(contentsOf: box.tag)
      start = end
      index += 1
    } while start < content.count
  }
}

extension AgeFile {
  /// Of a file with one recipient.
  private static let headerBytes = 168

  /// A file is 200 bytes longer than its content, and 16 more for each further 64 KiB.
  package static func sealedBytes(content: Int) -> Int {
    headerBytes + nonceBytes + content + tagBytes * max(1, (content + pieceBytes - 1) / pieceBytes)
  }

  /// How long the content of a file of this length is, if the file has one recipient.
  package static func contentBytes(sealed: Int) -> Int {
    let payload = max(0, sealed - headerBytes - nonceBytes)
    let pieces = (payload + pieceBytes + tagBytes - 1) / (pieceBytes + tagBytes)
    return max(0, payload - tagBytes * pieces)
  }
}
