extension ActivityReport {
  /// The report as one self-contained page: no script, nothing fetched from anywhere.
  ///
  /// - Throws: ``ReportTemplateError`` when a template is missing.
  public func html(_ templates: ReportTemplates) throws -> String {
    try templates.render(ActivityPage(self, style: templates.style), with: "activity")
  }
}
