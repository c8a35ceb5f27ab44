extension RandomAccessCollection {
  /// The first index whose element, and every one after it, belongs to the second part.
  ///
  /// - Precondition: no element of the first part comes after one of the second.
  /// - Complexity: O(log n).
  func partitioningIndex(where isInSecondPart: (Element) -> Bool) -> Index {
    var low = startIndex
    var length = count
    while length > 0 {
      let half = length / 2
      let middle = index(low, offsetBy: half)
      if isInSecondPart(self[middle]) {
        length = half
      } else {
        low = index(after: middle)
        length -= half + 1
      }
    }
    return low
  }
}
