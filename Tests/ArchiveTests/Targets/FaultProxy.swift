import Foundation
import Glibc
import Synchronization
import Testing

/// What a proxy does to one request.
enum Fault: Hashable, Sendable {
  /// Answers with this status and S3 code, if any, and forwards nothing.
  case status(Int, String)
  /// Says nothing until the client gives up.
  case hang
  /// Forwards the request, and cuts the answer's body in the middle.
  case halfBody
  /// Forwards the request, and closes instead of answering.
  case lostAnswer
  /// Answers with another byte than was stored.
  case sendAnotherByte
  /// Answers without the headers of this name's beginning.
  case hideHeaders(String)
}

/// Stands before a server and does to chosen requests what networks and servers do at their worst.
///
/// One request a connection.
final class FaultProxy: Sendable {
  private let listener: Listener
  private let server: Int
  private let state: Mutex<State>

  private struct State {
    var choose: @Sendable (String) -> Fault?
    var requests: [String] = []
    var fired = 0
  }

  /// - Parameter choose: the fault for a request, told by its first line, such as
  ///   `PUT /bucket/key HTTP/1.1`.
  init(before server: Int, choose: @escaping @Sendable (String) -> Fault? = { _ in nil }) throws {
    listener = try Listener()
    self.server = server
    state = Mutex(State(choose: choose))
    let listener = listener
    Thread.detachNewThread { [weak self] in
      while case let client = accept(listener.descriptor, nil, nil), client >= 0 {
        guard let self else { return _ = close(client) }
        Thread.detachNewThread {
          self.serve(client)
          close(client)
        }
      }
    }
  }

  deinit { listener.stop() }

  var port: Int { listener.port }
  /// How many faults were injected.
  var fired: Int { state.withLock { $0.fired } }
  /// The first lines of what was asked, in order.
  var requests: [String] { state.withLock { $0.requests } }

  private func serve(_ client: Int32) {
    guard let request = HTTPMessage(reading: client) else { return }
    let line = request.firstLine
    let fault = state.withLock { state in
      state.requests.append(line)
      let fault = state.choose(line)
      if fault != nil { state.fired += 1 }
      return fault
    }
    switch fault {
    case .status(let status, let code):
      let body =
        code.isEmpty ? "" : "<Error><Code>\(code)</Code><Message>injected</Message></Error>"
      send(
        Array(
          """
          HTTP/1.1 \(status) Injected\r\nContent-Length: \(body.utf8.count)\r\n\
          Connection: close\r\n\r\n\(body)
          """.utf8), to: client)
      return
    case .hang:
      var byte: UInt8 = 0
      while recv(client, &byte, 1, 0) > 0 {}
      return
    default: break
    }
    guard var answer = forward(request) else { return }
    switch fault {
    case .lostAnswer: return
    case .halfBody: answer.removeLast((answer.count - headBytes(answer)) / 2 + 1)
    case .sendAnotherByte: answer[(headBytes(answer) + answer.count) / 2] ^= 0x10
    case .hideHeaders(let name):
      let head = String(decoding: answer[..<headBytes(answer)], as: UTF8.self)
      let kept = head.components(separatedBy: "\r\n").filter {
        !$0.lowercased().hasPrefix(name)
      }
      answer.replaceSubrange(..<headBytes(answer), with: kept.joined(separator: "\r\n").utf8)
    default: break
    }
    send(answer, to: client)
  }

  private func headBytes(_ answer: [UInt8]) -> Int {
    answer.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? answer.count
  }

  private func forward(_ request: HTTPMessage) -> [UInt8]? {
    guard let upstream = connectLoopback(server) else { return nil }
    defer { close(upstream) }
    send(request.bytes, to: upstream)
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = recv(upstream, &buffer, buffer.count, 0), count > 0 {
      answer += buffer[..<count]
    }
    return answer
  }
}

/// A request, read from a socket.
private struct HTTPMessage {
  var firstLine: String
  var headers: [String]
  var body: [UInt8] = []

  init?(reading socket: Int32) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    func readMore() -> Bool {
      let count = recv(socket, &buffer, buffer.count, 0)
      if count > 0 { bytes += buffer[..<count] }
      return count > 0
    }
    let end = Array("\r\n\r\n".utf8)
    while bytes.firstRange(of: end) == nil { guard readMore() else { return nil } }
    guard let head = bytes.firstRange(of: end) else { return nil }
    let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    firstLine = lines[0]
    headers = lines.dropFirst().filter { !$0.lowercased().hasPrefix("connection:") }
    let length = Int(Self.value("content-length", headers) ?? "0") ?? 0
    if Self.value("expect", headers) != nil {
      send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), to: socket)
      headers.removeAll { $0.lowercased().hasPrefix("expect:") }
    }
    while bytes.count < head.upperBound + length { guard readMore() else { return nil } }
    body = Array(bytes[head.upperBound..<(head.upperBound + length)])
  }

  private static func value(_ name: String, _ headers: [String]) -> String? {
    headers.first { $0.lowercased().hasPrefix(name + ":") }
      .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
  }

  var bytes: [UInt8] {
    Array(([firstLine] + headers + ["Connection: close", "", ""]).joined(separator: "\r\n").utf8)
      + body
  }
}

private func send(_ bytes: [UInt8], to socket: Int32) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes {
      Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    guard count > 0 else { return }
    rest = rest.dropFirst(count)
  }
}

private func connectLoopback(_ port: Int) -> Int32? {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let isConnected = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
  if isConnected { return descriptor }
  close(descriptor)
  return nil
}
