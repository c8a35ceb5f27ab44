internal import Glibc

extension SegmentSigner {
  /// A PEM file is a few hundred bytes.
  private static let maxFileBytes = 64 << 10

  /// Reads the private key in the file at `path`.
  ///
  /// - Throws: ``KeyError``.
  public init(path: String) throws(KeyError) { try self.init(pem: try Self.text(of: path)) }

  /// Writes the private key to a new file that only its owner may read, and syncs it.
  ///
  /// - Throws: ``KeyError`` `.exists`: a key is never written over.
  public func write(to path: String) throws(KeyError) {
    do throws(SegmentError) {
      let file = try OpenFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
      let written = Array(pem.utf8).withUnsafeBytes { bytes in
        Result { () throws(SegmentError) in try file.write(all: bytes) }
      }
      try written.get()
      try file.sync()
      try Folder.sync(Folder.parent(of: path))
    } catch {
      if case .io("open", _, EEXIST) = error { throw .exists(path) }
      throw .unusable(path, error.message)
    }
  }

  fileprivate static func text(of path: String) throws(KeyError) -> String {
    do throws(SegmentError) {
      let file = try OpenFile(path, flags: O_RDONLY)
      return String(decoding: try file.bytes(at: 0, count: maxFileBytes), as: UTF8.self)
    } catch {
      throw .unusable(path, error.message)
    }
  }
}

extension SegmentPublicKey {
  /// Reads the public key in the file at `path`, or the public half of the private key there.
  ///
  /// - Throws: ``KeyError``.
  public init(path: String) throws(KeyError) {
    let text = try SegmentSigner.text(of: path)
    if let signer = try? SegmentSigner(pem: text) {
      self = signer.publicKey
    } else {
      try self.init(pem: text)
    }
  }
}
