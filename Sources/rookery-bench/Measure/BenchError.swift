/// Why there is no figure.
enum BenchError: Error, CustomStringConvertible {
  case scratch(String)
  case process(String, String)
  /// It did not print what it should.
  case answer(String, String)
  /// SQLite's result code of the C side.
  case peer(Int32)
  /// The two sides did not do the same work.
  case disagreement(String)

  var description: String {
    switch self {
    case .scratch(let path): "A scratch folder can't be made in \(path)."
    case .process(let program, let detail): "\(program) failed: \(detail)."
    case .answer(let program, let text):
      "\(program) printed \(text.isEmpty ? "nothing" : String(text.prefix(200)))."
    case .peer(let code): "The C side failed with SQLite's code \(code)."
    case .disagreement(let what): "The two sides disagree: \(what)."
    }
  }
}
