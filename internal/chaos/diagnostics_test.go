package chaos

import (
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// heard is what the provider has said that a user acts on.
type heard struct {
	// unsure are the descriptions of snapshots of which it has said that Atlas may or may not have taken them.
	unsure map[string]bool
	// offered are the snapshots that it has named with the command to import them, and strays those of them that it took for
	// an earlier run's.
	offered, strays map[string]bool
	// kept are the snapshots that it has left in Atlas, as skip_destroy says or because somebody has deleted the one that was
	// to follow them.
	kept map[string]bool
	// doubled are the snapshots besides which it has said that there may be another one, whose id it could not tell.
	doubled map[string]bool
	// bugs are what no fault excuses.
	bugs []string
}

func newHeard() heard {
	return heard{unsure: map[string]bool{}, offered: map[string]bool{}, strays: map[string]bool{}, kept: map[string]bool{}, doubled: map[string]bool{}}
}

// mayHaveTaken is what the provider says where it does not know whether Atlas has taken a snapshot.
const mayHaveTaken = "may or may not have taken a snapshot"

var (
	// forgotten is what Terraform no longer tracks, by a warning that says so.
	forgotten     = regexp.MustCompile(`no longer tracks: ([0-9a-f, ]+)`)
	maybeDoubled  = regexp.MustCompile(`Snapshot ([0-9a-f]{24}) is from one of these requests`)
	importCommand = regexp.MustCompile(`terraform import <address> \S+/([0-9a-f]{24})\b`)
	snapshotID    = regexp.MustCompile(`\b[0-9a-f]{24}\b`)
)

// hear notes what a diagnostic tells the user to do.
func (tf *terraform) hear(d *tfprotov6.Diagnostic) {
	tf.mu.Lock()
	defer tf.mu.Unlock()
	for _, match := range importCommand.FindAllStringSubmatch(d.Detail, -1) {
		tf.heard.offered[match[1]] = true
		if strings.HasPrefix(d.Summary, "Snapshot of an earlier run") {
			tf.heard.strays[match[1]] = true
		}
	}
	if match := maybeDoubled.FindStringSubmatch(d.Detail); match != nil {
		tf.heard.doubled[match[1]] = true
	}
	told := d.Detail
	if !strings.Contains(d.Summary, "left in Atlas") {
		told = strings.Join(forgotten.FindStringSubmatch(d.Detail), " ")
	}
	for _, id := range snapshotID.FindAllString(told, -1) {
		tf.heard.kept[id] = true
	}
}
