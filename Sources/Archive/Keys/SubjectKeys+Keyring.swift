public import Sealing
public import Segments

extension SubjectKeys {
  /// Opens what is sealed; stops where the keys can't be asked.
  public var keyring: Keyring { Keyring { try self.identity($0) } }

  /// For verification, which needs no keys: what can't be opened is held against its hash only.
  var lenientKeyring: Keyring { Keyring { try? self.identity($0) } }
}
