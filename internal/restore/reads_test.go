package restore_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// request has somebody else request a restore job, and returns its ID once it has ended.
func request(t *testing.T, a *acctest.Atlas, job atlas.RestoreRequest) string {
	t.Helper()
	base, err := atlas.ParseBaseURL(a.Fixture().BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	client := atlas.New(base, atlas.Digest(a.Fixture().PublicKey, a.Fixture().PrivateKey), atlas.WithClock(a.Clock))
	if job.DeliveryType == atlas.DeliveryAutomated {
		job.TargetProjectID, job.TargetClusterName = a.Fixture().ProjectID, targetName
	}
	created, err := client.CreateRestoreJob(t.Context(), a.Fixture().ProjectID, a.Fixture().ClusterName, job)
	if err != nil {
		t.Fatal(err)
	}
	a.Clock.Advance(20 * time.Minute)
	return created.ID
}

// threeJobs requests a restore, a download and a restore that fails, and returns their IDs.
func threeJobs(t *testing.T, a *acctest.Atlas) (restored, downloaded, failed string) {
	t.Helper()
	id := a.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, 24*time.Hour)
	a.NextRestore(atlassim.RestorePlan{Duration: 230 * time.Second}, atlassim.RestorePlan{Duration: 187 * time.Second}, atlassim.RestorePlan{Fail: true})
	restored = request(t, a, atlas.RestoreRequest{DeliveryType: atlas.DeliveryAutomated, SnapshotID: id})
	downloaded = request(t, a, atlas.RestoreRequest{DeliveryType: atlas.DeliveryDownload, SnapshotID: id})
	failed = request(t, a, atlas.RestoreRequest{DeliveryType: atlas.DeliveryAutomated, SnapshotID: id})
	return restored, downloaded, failed
}

func jobs(a *acctest.Atlas, kind, arguments string) string {
	return "data \"" + kind + "\" \"test\" {\n  project_id = \"" + a.Fixture().ProjectID + "\"\n  cluster_name = \"" + a.Fixture().ClusterName + "\"\n  " + arguments + "\n}\n"
}

// TestAccRestoreJobs lists every job, newest first, and says nothing of download URLs.
func TestAccRestoreJobs(t *testing.T) {
	t.Parallel()
	for _, order := range []string{"", atlassim.ListOldest, atlassim.ListShuffled} {
		a := acctest.NewAtlas(t)
		restored, downloaded, failed := threeJobs(t, a)
		a.SetBehavior(func(b *atlassim.Behavior) { b.ListOrder = order })
		const address = "data.atlasbackup_restore_jobs.test"
		for arguments, want := range map[string][]any{
			"":                                    {failed, downloaded, restored},
			"status = \"completed\"":              {downloaded, restored},
			"status = \"failed\"":                 {failed},
			"delivery_type = \"download\"":        {downloaded},
			"target_cluster_name = \"Target0\"":   {failed, restored},
			"target_cluster_name = \"Elsewhere\"": nil,
			"requested_after = \"2026-03-30T12:10:00Z\"\n  requested_before = \"2026-03-30T12:30:00Z\"": {downloaded},
		} {
			tf := a.Configuration(t, jobs(a, "atlasbackup_restore_jobs", arguments))
			tf.Do(0, acctest.Apply...)
			tf.ExpectResults(address, "restore_job_id", want...)
			state, err := os.ReadFile(tf.Directory() + "/terraform.tfstate")
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(state), "tar.gz") || strings.Contains(string(state), "restore-"+downloaded) {
				t.Errorf("the state has a download URL:\n%s", state)
			}
		}
	}
}

// TestAccRestoreJob reads one job by its ID, or the newest completed one.
func TestAccRestoreJob(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	restored, downloaded, failed := threeJobs(t, a)
	const address = "data.atlasbackup_restore_job.test"
	for arguments, want := range map[string]map[string]any{
		"restore_job_id = \"" + restored + "\"": {
			"restore_job_id": restored, "delivery_type": "automated", "status": "completed", "target_cluster_name": targetName, "duration_seconds": float64(230),
			"data_age_seconds": float64(24 * 3600), "requested_at": "2026-03-30T12:00:00Z", "finished_at": "2026-03-30T12:03:50Z", "expires_at": nil,
			"snapshot_created_at": "2026-03-29T12:00:00Z", "target_project_id": a.Fixture().ProjectID, "point_in_time": nil, "oplog_ts": nil, "oplog_inc": nil,
		},
		"restore_job_id = \"" + failed + "\"":                     {"status": "failed"},
		"most_recent = true":                                      {"restore_job_id": downloaded, "expires_at": "2026-03-30T13:23:07Z", "finished_at": nil, "duration_seconds": nil},
		"most_recent = true\n  target_cluster_name = \"Target0\"": {"restore_job_id": restored},
		"most_recent = true\n  delivery_type = \"automated\"":     {"restore_job_id": restored},
	} {
		tf := a.Configuration(t, jobs(a, "atlasbackup_restore_job", arguments))
		tf.Do(0, acctest.Apply...)
		tf.ExpectValues(address, want)
	}
	for arguments, sentences := range map[string][]string{
		"restore_job_id = \"69ca65c03265a83afa7bbafa\"":             {"RESTORE_JOB_NOT_FOUND", "restore_job_id"},
		"most_recent = true\n  delivery_type = \"pointInTime\"":     {"has the delivery type \"pointInTime\""},
		"most_recent = true\n  restore_job_id = \"" + failed + "\"": {"Conflicting arguments"},
		"": {"Missing argument"},
	} {
		a.Configuration(t, jobs(a, "atlasbackup_restore_job", arguments)).ExpectPlanError(sentences...)
	}
}

// server is the provider as Terraform 1.14 talks to it.
type server struct {
	tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

func protocol(t *testing.T, a *acctest.Atlas) *server {
	t.Helper()
	provider, err := a.Providers()["atlasbackup"]()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{ProviderServer: provider}
	s.schemas, err = s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: object(t, s.schemas.Provider.ValueType(), nil),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured.Diagnostics)
	}
	return s
}

// object is a value with these attributes; all others are null.
func object(t *testing.T, kind tftypes.Type, attributes map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	of, ok := kind.(tftypes.Object)
	if !ok {
		t.Fatalf("%s is no object", kind)
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range of.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, attributes[name])
	}
	encoded, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

// TestList has every restore, but no download.
func TestList(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	threeJobs(t, a)
	s := protocol(t, a)
	lists, ok := s.ProviderServer.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatal("the provider serves no lists")
	}
	for limit, want := range map[int64]string{
		100: "Cluster0 onto Target0 2026-03-30 12:40 UTC (failed); Cluster0 onto Target0 2026-03-30 12:00 UTC (completed)",
		1:   "Cluster0 onto Target0 2026-03-30 12:40 UTC (failed)",
	} {
		stream, err := lists.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
			TypeName: "atlasbackup_restore", Limit: limit, IncludeResource: true,
			Config: object(t, s.schemas.ListResourceSchemas["atlasbackup_restore"].ValueType(), map[string]any{
				"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().ClusterName,
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for result := range stream.Results {
			names = append(names, result.DisplayName)
			if len(result.Diagnostics) > 0 || result.Identity == nil || result.Resource == nil {
				t.Errorf("%s: %+v", result.DisplayName, result)
			}
		}
		if got := strings.Join(names, "; "); got != want {
			t.Errorf("limit %d: %s, expected %s", limit, got, want)
		}
	}
}

// invoke runs the action to its end, and returns what it said and the errors.
func (s *server) invoke(t *testing.T, a *acctest.Atlas, arguments map[string]any) (messages, errors string) {
	t.Helper()
	actions, ok := s.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the provider serves no actions")
	}
	all := map[string]any{
		"project_id": a.Fixture().ProjectID, "cluster_name": a.Fixture().ClusterName, "target_cluster_name": targetName, "erase_target": targetName,
	}
	for name, value := range arguments {
		all[name] = value
	}
	config := object(t, s.schemas.ActionSchemas["atlasbackup_restore"].Schema.ValueType(), all)
	validated, err := actions.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: "atlasbackup_restore", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return "", validated.Diagnostics[0].Detail
	}
	stream, err := actions.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: "atlasbackup_restore", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			messages += event.Message + "\n"
		case tfprotov6.CompletedInvokeActionEventType:
			for _, d := range event.Diagnostics {
				errors += d.Summary + ": " + d.Detail + "\n"
			}
		}
	}
	return messages, errors
}

// TestAction restores each time it is invoked, and fails unless Atlas completes the restore.
func TestAction(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	data := a.Data(a.Fixture().ClusterName)
	id := a.Seed(t, atlassim.Seed{ExpiresAt: acctest.Start.AddDate(0, 0, 30)}, time.Hour)
	s := protocol(t, a)
	for n := 1; n <= 2; n++ {
		a.NextRestore(atlassim.RestorePlan{Duration: 230 * time.Second})
		messages, errors := s.invoke(t, a, map[string]any{"snapshot_id": id})
		acctest.ExpectOutput(t, messages, "Atlas runs restore job ", "in progress", "completed in 3m50s")
		if errors != "" || a.Erasures(targetName) != n || a.Data(targetName) != data {
			t.Errorf("invocation %d: %s, %d erasures", n, errors, a.Erasures(targetName))
		}
	}
	a.NextRestore(atlassim.RestorePlan{Fail: true})
	_, errors := s.invoke(t, a, map[string]any{"most_recent": true})
	acctest.ExpectOutput(t, errors, "Unable to restore", "Atlas failed restore job", "Invoke the action again to restore again")
	_, errors = s.invoke(t, a, map[string]any{"most_recent": true, "erase_target": "Target1"})
	acctest.ExpectOutput(t, errors, `erase_target is "Target1"`)
	_, errors = s.invoke(t, a, map[string]any{"snapshot_id": "69ca65c03265a83afa7bbafa"})
	acctest.ExpectOutput(t, errors, "SNAPSHOT_NOT_FOUND", "Nothing was erased")
	if got := a.Erasures(targetName); got != 3 {
		t.Errorf("the target was erased %d times", got)
	}
}
