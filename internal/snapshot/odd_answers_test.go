package snapshot_test

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// oddFields are values that Atlas does not document, each in every body of a snapshot, and what the attribute becomes.
var oddFields = map[string]struct {
	field, value string
	attribute    string
	want         any
}{
	"policy items are objects": {"policyItems", `[{"id":"x"}]`, "policy_items", nil},
	"a size in quotes":         {"storageSizeBytes", `"1.5E9"`, "storage_size_bytes", 1.5e9},
	"a size with an exponent":  {"storageSizeBytes", `1.5E9`, "storage_size_bytes", 1.5e9},
	"a size that is a word":    {"storageSizeBytes", `"large"`, "storage_size_bytes", nil},
	"a time without T":         {"createdAt", `"2026-03-30 12:01:00"`, "created_at", nil},
	"an expiry without T":      {"expiresAt", `"2026-04-30 12:01:00"`, "expires_at", nil},
	"an expiry far away":       {"expiresAt", `"2400-01-01T00:00:00Z"`, "expires_at", "2400-01-01T00:00:00Z"},
	"an expiry at the end":     {"expiresAt", `"9999-12-31T23:59:59Z"`, "expires_at", "9999-12-31T23:59:59Z"},
	"an expiry beyond the end": {"expiresAt", `"9999-12-31T23:59:59-12:00"`, "expires_at", nil},
	"a version that is none":   {"mongodVersion", `8`, "mongod_version", nil},
	"a type of another form":   {"snapshotType", `{"cause":"onDemand"}`, "snapshot_type", nil},
}

// TestAccSnapshot_oddField takes, plans, changes, reads and destroys a snapshot one field of which is odd: only that one
// attribute is.
func TestAccSnapshot_oddField(t *testing.T) {
	t.Parallel()
	for name, c := range oddFields {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			a.SetBehavior(func(b *atlassim.Behavior) {
				b.SnapshotFields = map[string]json.RawMessage{c.field: json.RawMessage(c.value)}
			})
			tf := terraform(t, a)
			tf.Do(0, acctest.Apply...)
			tf.Do(0, acctest.Plan...)
			tf.ExpectValues(address, map[string]any{c.attribute: c.want, "status": "completed", "retention_in_days": 7.0, "replica_set_name": "Cluster0"})
			tf.Do(0, retain30...)
			tf.ExpectValues(address, map[string]any{c.attribute: c.want, "retention_in_days": 30.0})
			if err := onlyOne(a); err != nil {
				t.Error(err)
			}
			id, _ := tf.State(address).Values["snapshot_id"].(string)
			for _, arguments := range []string{`snapshot_id = "` + id + `"`, "most_recent = true"} {
				read := a.Configuration(t, oneSnapshot(arguments))
				read.Do(0, acctest.Apply...)
				read.ExpectValues(oneAddress, map[string]any{c.attribute: c.want, "snapshot_id": id})
			}
			tf.Do(0, acctest.Destroy...)
			if left := a.Existing(); len(left) > 0 {
				t.Errorf("Atlas still has %v", left)
			}
		})
	}
}

// TestAccSnapshot_oddFieldOfAnother has one snapshot of the cluster, which is not Terraform's, be odd: it is in nobody's way.
func TestAccSnapshot_oddFieldOfAnother(t *testing.T) {
	t.Parallel()
	for name, odd := range map[string]string{
		"a field":                     `{"id":"69ca00003265a83afa7bbaf0","status":"completed","policyItems":[{"id":"x"}],"expiresAt":7},`,
		"null":                        `null,`,
		"one without an id":           `{"status":"completed"},`,
		"one of another form":         `"69ca00003265a83afa7bbaf0",`,
		"one whose status is missing": `{"id":"69ca00003265a83afa7bbaf0"},`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			seeded(t, a, atlassim.Seed{})
			rewrite(a, `"results":[`, `"results":[`+odd).on.Store(true)
			tf := terraform(t, a)
			mustNotSay(t, tf.Do(0, acctest.Apply...), "Warning: ")
			tf.Do(0, acctest.Plan...)
			tf.Do(0, acctest.Destroy...)

			read := a.Configuration(t, oneSnapshot("most_recent = true"))
			read.Do(0, acctest.Apply...)
			read.ExpectValues(oneAddress, map[string]any{"snapshot_id": a.Existing()[0].ID})
			output := a.Configuration(t, allSnapshots("")).Do(0, acctest.Apply...)
			if name != "a field" && name != "one whose status is missing" {
				mustSay(t, output, "Warning: Unable to read part of the list", "Unreadable: 1.")
			}
			s := protocol(t.Context(), t, a)
			if n := len(s.list(tfprotov6.ListResourceRequest{Config: s.listing(a, nil)})); n != 2 {
				t.Errorf("%d results of the list, expected the snapshot and what is odd", n)
			}
		})
	}
}

// TestAccSnapshot_oddElementIsNotGone has Atlas call a snapshot missing and its list show something that cannot be read: it
// may be that one, so the state keeps it.
func TestAccSnapshot_oddElementIsNotGone(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	odd := rewrite(a, `"results":[`, `"results":[null,`)
	tf := terraform(t, a)
	tf.Do(0, acctest.Apply...)
	deleteEverything(t, a)
	seeded(t, a, atlassim.Seed{})
	odd.on.Store(true)
	mustSay(t, tf.Do(1, acctest.Plan...), "Error: Unable to read snapshot", "element 0 of the results cannot be read")
	odd.on.Store(false)
	mustSay(t, tf.Do(2, acctest.Plan...), "1 to add")
}

// TestAccSnapshot_emptyListWithoutResults has Atlas leave results out of an empty list: for a create, for a search and for
// what is gone that is an empty list.
func TestAccSnapshot_emptyListWithoutResults(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	a.SetBehavior(func(b *atlassim.Behavior) { b.NoResults = true })
	read := a.Configuration(t, allSnapshots(""))
	read.Do(0, acctest.Apply...)
	read.ExpectValues(allAddress, map[string]any{"results": []any{}})
	tf := terraform(t, a)
	tf.Do(0, acctest.Apply...)
	tf.Do(0, acctest.Plan...)
	deleteEverything(t, a)
	mustSay(t, tf.Do(2, acctest.Plan...), "1 to add")
	tf.Do(0, append(acctest.Destroy, "-refresh=false")...)
}

// TestAccSnapshotDataSource_orders searches for the newest in lists of every order, with links to the next page and without.
func TestAccSnapshotDataSource_orders(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]string{"newest first": "", "oldest first": atlassim.ListOldest, "shuffled": atlassim.ListShuffled} {
		for links, noNext := range map[string]bool{"with links": false, "without links": true} {
			t.Run(name+", "+links, func(t *testing.T) {
				t.Parallel()
				a := acctest.NewAtlas(t)
				ids := seedHourly(t, a)
				a.SetBehavior(func(b *atlassim.Behavior) { b.ListOrder, b.NoNextLink = order, noNext })
				tf := a.Configuration(t, oneSnapshot("most_recent = true"))
				tf.Do(0, acctest.Apply...)
				tf.ExpectValues(oneAddress, map[string]any{"snapshot_id": ids[2]})
				a.ExpectRequests(t, everyPage...)
			})
		}
	}
}
