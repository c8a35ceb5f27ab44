import Foundation
import Streams
import Testing

@testable import Segments

@Suite struct `A signed segment` {
  private let signer = SegmentSigner()

  private func trusting(_ keys: SegmentPublicKey..., lastSegment: Int64? = nil)
    -> SegmentExpectation
  {
    SegmentExpectation(trustedKeys: keys.map { TrustedKey($0, lastSegment: lastSegment) })
  }

  /// A segment of one chunk whose manifest and signature a test chooses.
  private func forged(
    key: SHA256Sum?, signature: (_ manifest: [UInt8]) throws -> [UInt8]
  ) throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    var forgery = try Forgery([Sample.uptime(5)])
    forgery.manifest.signingKey = key
    forgery.signature = try signature(forgery.manifest.encoded)
    let path = folder.path + "/forged.tar.zst"
    try forgery.write(to: path)
    return (folder, path)
  }

  @Test(arguments: [VerifyLevel.index, .full])
  func `is sound, and tells whose key signed it`(level: VerifyLevel) throws {
    let folder = try TemporaryFolder()
    let sealed = try Sample.write(
      [("signed", Sample.uptime(40))], in: folder.path, signer: signer)
    #expect(sealed.manifest.signingKey == signer.publicKey.id)
    let report = SegmentVerifier.verify(
      sealed.path, level: level,
      expected: trusting(SegmentSigner().publicKey, signer.publicKey))
    #expect(report.damage == [])
    #expect(report.signedBy == signer.publicKey.id)
    let signature = try SegmentFile(path: sealed.path).readSignature()
    #expect(signer.publicKey.hasSigned(sealed.manifestBytes, with: signature))
  }

  @Test(arguments: [VerifyLevel.index, .full])
  func `by a key nobody trusts is told, and is no damage`(level: VerifyLevel) throws {
    let folder = try TemporaryFolder()
    let path = try Sample.write([("signed", Sample.uptime(5))], in: folder.path, signer: signer)
      .path
    for expected in [trusting(), trusting(SegmentSigner().publicKey)] {
      let report = SegmentVerifier.verify(path, level: level, expected: expected)
      #expect(report.isSound)
      #expect(report.untrustedKey == signer.publicKey.id)
      #expect(report.signedBy == nil)
    }
  }

  @Test func `counts when it was in the archive before its key was retired, whatever its date`()
    throws
  {
    let folder = try TemporaryFolder()
    let sealed = try Sample.write([("signed", Sample.uptime(5))], in: folder.path, signer: signer)
    let (path, number) = (sealed.path, sealed.manifest.archiveSeq)
    let later = trusting(signer.publicKey, lastSegment: number)
    #expect(SegmentVerifier.verify(path, level: .index, expected: later).isSound)
    let earlier = trusting(signer.publicKey, lastSegment: number - 1)
    #expect(
      SegmentVerifier.verify(path, level: .index, expected: earlier).damage
        == [.retiredKey(signer.publicKey.id)])
  }

  enum Forging: CaseIterable { case none, another, short, ofAnotherKey, withoutKey }

  /// Everything but the signature is self-consistent.
  @Test(arguments: Forging.allCases, [VerifyLevel.index, .full])
  func `with a signature that does not hold is found`(forging: Forging, level: VerifyLevel) throws {
    let signer = signer
    let (folder, path) = try forged(
      key: forging == .withoutKey ? nil : signer.publicKey.id
    ) { manifest in
      switch forging {
      case .none: []
      case .another: try signer.sign(manifest + [0x0A], of: "")
      case .short: Array(try signer.sign(manifest, of: "").dropLast())
      case .ofAnotherKey: try SegmentSigner().sign(manifest, of: "")
      case .withoutKey: try signer.sign(manifest, of: "")
      }
    }
    let report = SegmentVerifier.verify(path, level: level, expected: trusting(signer.publicKey))
    let isBadSignature = report.damage.count == 1 && report.damage[0].isBadSignature
    #expect(isBadSignature, "\(report.damage)")
    #expect(report.signedBy == nil)
    _ = folder
  }

  @Test func `made by hand with the right key is sound`() throws {
    let signer = signer
    let (folder, path) = try forged(key: signer.publicKey.id) { try signer.sign($0, of: "") }
    #expect(
      SegmentVerifier.verify(path, level: .full, expected: trusting(signer.publicKey)).isSound)
    _ = folder
  }

  @Test func `is told from its file when every byte of manifest and signature is flipped in turn`()
    throws
  {
    let folder = try TemporaryFolder()
    let sealed = try Sample.write([("signed", Sample.uptime(2))], in: folder.path, signer: signer)
    let signature = try SegmentFile(path: sealed.path).readSignature()
    let trusted = [TrustedKey(signer.publicKey)]
    for place in signature.indices {
      var bytes = signature
      bytes[place] ^= 1
      let standing = sealed.manifest.standing(
        of: bytes, over: sealed.manifestBytes, trusted: trusted)
      guard case .damaged(let damage) = standing else {
        Issue.record("byte \(place)")
        continue
      }
      #expect(damage.isBadSignature, "\(place)")
    }
    for place in sealed.manifestBytes.indices {
      var bytes = sealed.manifestBytes
      bytes[place] ^= 1
      let standing = sealed.manifest.standing(of: signature, over: bytes, trusted: trusted)
      guard case .damaged(let damage) = standing else {
        Issue.record("byte \(place)")
        continue
      }
      #expect(damage.isBadSignature, "\(place)")
    }
  }

  @Test func `is checked by openssl over what tar unpacks`() throws {
    let folder = try TemporaryFolder()
    let sealed = try Sample.write([("signed", Sample.uptime(5))], in: folder.path, signer: signer)
    let verify = """
      openssl pkeyutl -verify -rawin -pubin -inkey pub.pem -sigfile manifest.sig -in manifest.json
      """
    let target = try TemporaryFolder()
    try signer.publicKey.pem.write(
      toFile: target.path + "/pub.pem", atomically: true, encoding: .utf8)
    #expect(try shell("tar --zstd -xf \(sealed.path)", in: target.path).status == 0)
    #expect(try shell(verify, in: target.path).status == 0)
    let other = SegmentSigner().publicKey.pem
    try other.write(toFile: target.path + "/pub.pem", atomically: true, encoding: .utf8)
    #expect(try shell(verify, in: target.path).status != 0)
  }
}

@Suite struct `A signing key` {
  @Test func `is read by openssl, and openssl's by us`() throws {
    let folder = try TemporaryFolder()
    let signer = SegmentSigner()
    try signer.pem.write(toFile: folder.path + "/key.pem", atomically: true, encoding: .utf8)
    let exported = try shell("openssl pkey -in key.pem -pubout", in: folder.path)
    #expect(exported.text == signer.publicKey.pem)
    let made = try shell(
      "openssl genpkey -algorithm ed25519 -out other.pem && openssl pkey -in other.pem -pubout",
      in: folder.path)
    let other = try SegmentSigner(
      pem: String(contentsOfFile: folder.path + "/other.pem", encoding: .utf8))
    #expect(try SegmentPublicKey(pem: made.text) == other.publicKey)
    let raw = try shell(
      "openssl pkey -in other.pem -pubout -outform DER | tail -c 32", in: folder.path)
    #expect(SHA256Sum(of: raw.output) == other.publicKey.id)
    #expect(SegmentPublicKey(bytes: raw.output) == other.publicKey)
  }

  @Test func `survives as text`() throws {
    let signer = SegmentSigner()
    #expect(try SegmentSigner(pem: signer.pem).publicKey == signer.publicKey)
    #expect(try SegmentPublicKey(pem: signer.publicKey.pem) == signer.publicKey)
  }

  @Test func `is refused when it is none, or of another kind`() throws {
    let agreeing = try shell("openssl genpkey -algorithm x25519").text
    let its = try shell("openssl genpkey -algorithm x25519 | openssl pkey -pubout").text
    let empty = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    for text in ["", empty, agreeing, its] {
      #expect(throws: KeyError.notAPrivateKey) { try SegmentSigner(pem: text) }
      #expect(throws: KeyError.notAPublicKey) { try SegmentPublicKey(pem: text) }
    }
    #expect(throws: KeyError.notAPublicKey) { try SegmentPublicKey(pem: SegmentSigner().pem) }
    #expect(SegmentPublicKey(bytes: Array(repeating: 1, count: 31)) == nil)
  }
}

extension SegmentDamage {
  fileprivate var isBadSignature: Bool {
    if case .badSignature = self { true } else { false }
  }
}
