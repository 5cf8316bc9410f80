package snapshot

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// summaryOf is the summary of a warning about one snapshot. The ID stands in it because Terraform shows only the first of several
// warnings with the same summary, and of the others no more than their number: whoever destroys three snapshots has to read
// of three, and an ID that no state has is in no other place.
func summaryOf(what, id string) string { return what + ": " + id }

func newWarning(what, id, detail string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summaryOf(what, id), detail)
}

func newAttributeWarning(at path.Path, what, id, detail string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, summaryOf(what, id), detail)
}
