package snapshot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// checked is a working directory whose provider checks at plan time.
func checked(t *testing.T, a *acctest.Atlas) *acctest.Terraform {
	t.Helper()
	return checking(terraform(t, a))
}

func checking(tf *acctest.Terraform) *acctest.Terraform {
	tf.Write("provider.tf", "provider \"atlasbackup\" {\n  check_at_plan = true\n}\n")
	return tf
}

// TestAccCheck_fails has a plan fail for what only an apply would fail for otherwise, with one request.
func TestAccCheck_fails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variable string
		setUp    func(*acctest.Atlas)
		said     []string
	}{
		"unknown project": {variable: "project_id=0123456789abcdef01234567", said: []string{"project_id", "Error code: GROUP_NOT_FOUND", "Check project_id"}},
		"unknown cluster": {variable: "cluster_name=Nowhere", said: []string{"cluster_name", "Error code: CLUSTER_NOT_FOUND", "Check cluster_name"}},
		"wrong key": {
			setUp: func(a *acctest.Atlas) { a.Environment["MONGODB_ATLAS_PRIVATE_API_KEY"] = "not-the-key" },
			said:  []string{"Status: 401 Unauthorized", "private_key from MONGODB_ATLAS_PRIVATE_API_KEY"},
		},
		"role missing": {
			setUp: func(a *acctest.Atlas) {
				a.AddFault(atlassim.Fault{Status: 403, ErrorCode: "USER_CANNOT_ACCESS_GROUP", Times: -1})
			},
			said: []string{"Status: 403 Forbidden", "Project Read Only"},
		},
		"Flex cluster": {
			variable: "cluster_name=Flex0",
			said:     []string{"cluster_name", "Error code: CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "atlasbackup_flex_snapshots"},
		},
		"free cluster": {
			variable: "cluster_name=Free0",
			setUp:    func(a *acctest.Atlas) { _ = a.AddCluster(atlassim.ClusterSpec{Name: "Free0", Type: atlassim.TypeFree}) },
			said:     []string{"cluster_name", `No snapshot of cluster "Free0"`, "can be taken: it is a free cluster", "dedicated cluster (M10 or larger)"},
		},
		"no backup": {
			variable: "cluster_name=Bare",
			setUp:    func(a *acctest.Atlas) { _ = a.AddCluster(atlassim.ClusterSpec{Name: "Bare", BackupEnabled: new(bool)}) },
			said:     []string{"cluster_name", `No snapshot of cluster "Bare"`, "Cloud Backup is off", "backup_enabled = true"},
		},
		"paused": {
			variable: "cluster_name=Asleep",
			setUp:    func(a *acctest.Atlas) { _ = a.AddCluster(atlassim.ClusterSpec{Name: "Asleep", Paused: true}) },
			said:     []string{"cluster_name", `No snapshot of cluster "Asleep"`, "the cluster is paused", "paused = false"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			if c.setUp != nil {
				c.setUp(a)
			}
			tf := checked(t, a)
			arguments := acctest.Plan
			if c.variable != "" {
				arguments = with(arguments, c.variable)
			}
			output := tf.Do(1, arguments...)
			mustSay(t, output, append(c.said, "Unable to plan snapshot", "check_at_plan = true")...)
			if n := strings.Count(output, "Error: "); n != 1 {
				t.Errorf("Terraform shows %d errors, expected one:\n%s", n, output)
			}
			sent := slices.DeleteFunc(a.Requests(), func(r atlassim.Request) bool { return r.Auth == "none" })
			if len(sent) != 1 || sent[0].Method != http.MethodGet || strings.Contains(sent[0].Path, "/backup/") {
				t.Errorf("Atlas was asked for %v, expected the cluster once", sent)
			}
		})
	}
}

// TestAccCheck_once plans several snapshots of two clusters at a time: each cluster is read once, in plans that succeed and in
// plans that fail. An apply needs no more than another look.
func TestAccCheck_once(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	addCluster(t, a, "Second")
	if err := a.AddCluster(atlassim.ClusterSpec{Name: "Asleep", Paused: true}); err != nil {
		t.Fatal(err)
	}
	tf := checking(realTerraform(t, a))
	several := func(clusters string) {
		tf.Write("several.tf", `
resource "atlasbackup_snapshot" "several" {
  for_each          = { for pair in setproduct(`+clusters+`, range(6)) : "${pair[0]} ${pair[1]}" => pair[0] }
  project_id        = var.project_id
  cluster_name      = each.value
  retention_in_days = 7
  description       = each.key
}
`)
	}
	several(`["Second"]`)
	tf.Do(2, acctest.Plan...)
	a.ExpectRequests(t, "GET clusters/Cluster0", "GET clusters/Second")
	a.ClearRequests()
	several(`["Asleep"]`)
	output := tf.Do(1, acctest.Plan...)
	if n := strings.Count(output, "Error: "); n != 6 {
		t.Errorf("Terraform shows %d errors, expected one for each of six snapshots", n)
	}
	a.ExpectRequests(t, "GET clusters/Asleep", "GET clusters/Cluster0")
	a.ClearRequests()
	several(`["Cluster0"]`)
	tf.Do(0, acctest.Apply...)
	looks := 0
	for _, request := range a.RequestPaths() {
		if request == "GET clusters/Cluster0" {
			looks++
		}
	}
	if looks > 2 {
		t.Errorf("the apply read the cluster %d times, expected once for its plan and once for itself", looks)
	}
	a.ClearRequests()
	tf.Do(0, acctest.Plan...)
	for _, request := range a.RequestPaths() {
		if !strings.Contains(request, "/backup/") {
			t.Errorf("a plan that takes no snapshot asks for %s", request)
		}
	}
}

// TestAccCheck_replacement checks the cluster that a snapshot is moved to, and the cluster that a rotation takes one of.
func TestAccCheck_replacement(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := checked(t, a)
	tf.Do(0, rotating(acctest.Apply, "7")...)
	mustSay(t, tf.Do(1, rotating(acctest.Plan, "7", "-var", "cluster_name=Nowhere")...), "Unable to plan snapshot", "Error code: CLUSTER_NOT_FOUND")
	if err := a.AddCluster(atlassim.ClusterSpec{Name: a.Fixture().ClusterName, Paused: true}); err != nil {
		t.Fatal(err)
	}
	tf.Do(0, rotating(acctest.Plan, "7")...)
	mustSay(t, tf.Do(1, rotating(acctest.Plan, "8")...), "Unable to plan snapshot", "the cluster is paused")
	tf.Do(0, acctest.Destroy...)
}

// TestAccCheck_passes lets a plan be where nothing can be checked, and where nobody asked for it.
func TestAccCheck_passes(t *testing.T) {
	t.Parallel()
	t.Run("not asked for", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		for _, provider := range []string{"", "check_at_plan = false", "check_at_plan = null"} {
			tf := terraform(t, a)
			tf.Write("provider.tf", "provider \"atlasbackup\" {\n"+provider+"\n}\n")
			tf.Do(2, with(acctest.Plan, "cluster_name=Nowhere")...)
		}
		if got := a.RequestPaths(); len(got) > 0 {
			t.Errorf("Atlas was asked for %v", got)
		}
	})
	t.Run("cluster not known yet", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		tf := checking(realTerraform(t, a))
		for _, argument := range []string{"project_id", "cluster_name"} {
			other := map[string]string{"project_id": "cluster_name", "cluster_name": "project_id"}[argument]
			tf.Write("main.tf", `
variable "project_id" { type = string }

variable "cluster_name" { type = string }

resource "terraform_data" "known_later" {
  input = var.`+argument+`
}

resource "atlasbackup_snapshot" "test" {
  `+argument+` = terraform_data.known_later.output
  `+other+` = var.`+other+`
  retention_in_days = 7
}
`)
			tf.Do(2, acctest.Plan...)
		}
		if got := a.RequestPaths(); len(got) > 0 {
			t.Errorf("Atlas was asked for %v", got)
		}
	})
	t.Run("credentials not known yet", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		clear(a.Environment)
		fixture := a.Fixture()
		tf := realTerraform(t, a)
		tf.Write("provider.tf", `
resource "terraform_data" "key" {
  input = "`+fixture.PrivateKey+`"
}

provider "atlasbackup" {
  base_url      = "`+fixture.BaseURL+`"
  public_key    = "`+fixture.PublicKey+`"
  private_key   = terraform_data.key.output
  check_at_plan = true
}
`)
		mustNotSay(t, tf.Do(2, acctest.Plan...), "Warning")
		tf.Do(0, acctest.Apply...)
	})
	t.Run("Atlas fails", func(t *testing.T) {
		t.Parallel()
		a := acctest.NewAtlas(t)
		a.AddFault(atlassim.Fault{Status: 503, Times: -1})
		tf := checked(t, a)
		output := tf.Do(2, acctest.Plan...)
		mustSay(t, output, "Warning: Unable to check cluster", "503 Service Unavailable", "The plan continues without the check")
	})
}
