import Testing

@testable import Streams

@Suite struct `An error code` {
  private static let codes: [(ErrorCode, String)] = [
    (.streamNotFound, "stream-not-found"), (.wrongExpectedRevision, "wrong-expected-revision"),
    (.streamArchived, "stream-archived"), (.streamDeleted, "stream-deleted"),
    (.illegalTransition, "illegal-transition"), (.legalHold, "legal-hold"),
    (.openRestore, "open-restore"), (.retention, "retention"), (.clockJumped, "clock-jumped"),
    (.permissionDenied, "permission-denied"), (.invalidStreamName, "invalid-stream-name"),
    (.invalidEvent, "invalid-event"), (.invalidJSON, "invalid-json"),
    (.invalidTimestamp, "invalid-timestamp"), (.eventTooLarge, "event-too-large"),
    (.eventIDConflict, "event-id-conflict"), (.notAStore, "not-a-store"),
    (.wrongStore, "wrong-store"), (.userNotFound, "user-not-found"),
    (.storeNewer, "store-newer"), (.storeMissing, "store-missing"),
    (.storeReadOnly, "store-read-only"), (.storeBusy, "store-busy"),
    (.storeCorrupt, "store-corrupt"), (.storageFull, "storage-full"), (.ioError, "io-error"),
    (.segmentCorrupt, "segment-corrupt"), (.segmentMissing, "segment-missing"),
    (.archiveConflict, "archive-conflict"), (.targetUnavailable, "target-unavailable"),
    (.targetRefused, "target-refused"), (.targetNotLocked, "target-not-locked"),
    (.targetRetained, "target-retained"),
    (.toolMissing, "tool-missing"), (.lockHeld, "lock-held"),
    (.invalidOption, "invalid-option"), (.invalidPipeline, "invalid-pipeline"),
    (.deliveryFailed, "delivery-failed"),
  ]

  @Test(arguments: codes)
  func `is a text that never changes`(code: ErrorCode, text: String) {
    #expect(code.rawValue == text)
    #expect(code.description == text)
  }

  @Test func `is used once`() { #expect(Set(Self.codes.map(\.1)).count == Self.codes.count) }

  @Test func `is followed by what happened and what to do next`() {
    let error = SchemaViolation(field: "data.status", reason: "is missing")
    #expect(
      "\(error)"
        == "invalid-event: Field data.status is missing. Correct the field and send the event again."
    )
  }
}
