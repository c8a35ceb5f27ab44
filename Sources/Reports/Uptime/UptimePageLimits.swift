/// How much a page holds, so that a browser opens it in a moment; JSON and CSV have all.
struct UptimePageLimits {
  /// Details are shown opened while there are no more.
  var openDetails = 4
  /// Groups, and services, with details: the worst.
  var details = 25
  /// Rows with bars; those behind them have one without.
  var rowsWithBars = 200
  var rows = 10_000
  var incidentsInDetail = 50
  var incidents = 1000
}
