import Foundation
import Testing

/// Something else in the place of a segment: every command ends, says so, and serves the rest.
@Suite struct `A hostile archive folder` {
  static let hosts = [
    ("a pipe", "mkfifo $f"), ("a folder", "mkdir $f"), ("a link to itself", "ln -s $f $f"),
    ("a link to a device", "ln -s /dev/zero $f"), ("an empty file", "touch $f"),
    ("zeros", "head -c 5000 /dev/zero > $f"),
    ("a bomb", "head -c 300000000 /dev/zero | zstd -q --check -c > $f"),
    ("a tar of elsewhere", "tar --zstd -P -cf $f /etc/hostname"),
    ("another store's segment", "cp other.db.segments/*/*.tar.zst $f"),
    ("half of it", "head -c $(($(stat -c %s kept) / 2)) kept > $f"),
    ("all but its last byte", "head -c -1 kept > $f"),
    ("it, and more", "cat kept kept > $f"),
  ]

  @Test(arguments: hosts)
  func `crashes, hangs and fools nothing`(what: String, make: String) throws {
    let program = try Program()
    let result = try program.shell(
      """
      set -u
      for i in 1 2 3; do $ROOKERY append orders-7 T --data "{\\"n\\":$i}" >/dev/null; done
      $ROOKERY append orders-7 T --data '{"n":4}' --store other.db >/dev/null
      $ROOKERY stream archive orders-7 --store other.db >/dev/null
      $ROOKERY append orders-8 T --data '{"n":5}' >/dev/null
      $ROOKERY read orders-7 --json > whole
      $ROOKERY stream archive orders-7 >/dev/null
      f=$(find store.db.segments -name '*.tar.zst')
      mv $f kept; \(make); [ -d $f ] || [ -L $f ] || chmod 0444 $f
      run() { name=$1; shift; timeout 600 $ROOKERY "$@" >out 2>err; echo "$name $?"; }
      run verify segments verify
      run show segments show $f
      run read read orders-7 --json; cat out > partial
      run restore restore orders-7 --into copy.db
      run doctor doctor
      run archive archive --policy 'orders-*:coldAfter=1d'
      run other read orders-8
      cmp -n $(stat -c %s partial) partial whole && echo prefix
      rm -rf $f; cp -p kept $f
      run healed segments verify
      run again read orders-7 --json; cmp out whole && echo same
      """)
    var codes: [String: Int] = [:]
    for line in result.out.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2 { codes[String(words[0])] = Int(words[1]) }
    }
    #expect(codes["verify"] == 5 && codes["doctor"] == 5, "\(result.out)")
    // What is whole but for its end is served whole; anything else is an error.
    #expect(codes["read"] == 5 || ["it, and more", "all but its last byte"].contains(what))
    #expect(codes["other"] == 0 && codes["healed"] == 0 && codes["again"] == 0, "\(result.out)")
    // Neither killed nor timed out.
    #expect(codes.values.allSatisfy { [0, 1, 2, 5].contains($0) }, "\(result.out)")
    #expect(result.out.contains("prefix") && result.out.contains("same"), "\(result.out)")
  }
}
