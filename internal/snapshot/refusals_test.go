package snapshot_test

import (
	"strings"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccSnapshot_badInput tries what people get wrong, each with real Terraform: one clear error, and nothing changed.
func TestAccSnapshot_badInput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variables []string
		setUp     func(*acctest.Atlas)
		provider  string
		said      []string
		// sent allows requests: what only Atlas can know.
		sent bool
	}{
		"malformed project id":    {variables: []string{"project_id=5f"}, said: []string{"project_id", "must be 24 hexadecimal digits"}},
		"cluster name with slash": {variables: []string{"cluster_name=a/b"}, said: []string{"cluster_name", "must be a cluster's name"}},
		"cluster name up the path": {
			variables: []string{"cluster_name=.."}, said: []string{"must be a cluster's name"},
		},
		"a century and a day": {
			variables: []string{"retention_in_days=36501"}, said: []string{"retention_in_days", "must be between 1 and 36500, got: 36501"},
		},
		"no retention":       {variables: []string{"retention_in_days=0"}, said: []string{"retention_in_days", "must be between 1 and 36500"}},
		"negative retention": {variables: []string{"retention_in_days=-3"}, said: []string{"retention_in_days", "must be between 1 and 36500"}},
		"empty description":  {variables: []string{"description="}, said: []string{"description", "length must be at least 1"}},
		"wrong on_expiry":    {variables: []string{"on_expiry=forget"}, said: []string{"on_expiry", `must be one of: ["recreate" "keep"]`}},
		"a day and a half":   {variables: []string{"retention_in_days=1.5"}, said: []string{"= var.retention_in_days", "must be a whole number, got: 1.5"}},
		"wrong timeout":      {variables: []string{"create_timeout=soon"}, said: []string{`timeouts.create must be a duration longer than zero`, `got: "soon"`}},
		"no time":            {variables: []string{"create_timeout=0s"}, said: []string{`timeouts.create must be a duration longer than zero`, `got: "0s"`}},
		"less than no time":  {variables: []string{"create_timeout=-2h"}, said: []string{`timeouts.create must be a duration longer than zero`, `got: "-2h"`}},
		"unknown cluster": {
			variables: []string{"cluster_name=Nowhere"}, sent: true,
			said: []string{"with atlasbackup_snapshot.test", "cluster_name", "No cluster named Nowhere exists", "Error code: CLUSTER_NOT_FOUND", "Check cluster_name"},
		},
		"unknown project": {
			variables: []string{"project_id=0123456789abcdef01234567"}, sent: true,
			said: []string{"Error code: GROUP_NOT_FOUND", "Check project_id"},
		},
		"Flex cluster": {
			variables: []string{"cluster_name=Flex0"}, sent: true,
			said: []string{"Error code: CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "Flex clusters have no on-demand snapshots", "atlasbackup_flex_snapshots"},
		},
		"no backup": {
			variables: []string{"cluster_name=Bare"}, sent: true,
			setUp: func(a *acctest.Atlas) {
				_ = a.AddCluster(atlassim.ClusterSpec{Name: "Bare", BackupEnabled: new(bool)})
			},
			said: []string{"Error code: BACKUP_CONFIG_NOT_FOUND", "The cluster has no Cloud Backup"},
		},
		"too short for the compliance policy": {
			variables: []string{"retention_in_days=2"}, sent: true,
			setUp: func(a *acctest.Atlas) { a.SetCompliancePolicy(true, 7) },
			said:  []string{"Error code: SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY", "Raise retention_in_days"},
		},
		"address not on the access list": {
			sent: true,
			setUp: func(a *acctest.Atlas) {
				a.AddFault(atlassim.Fault{ErrorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST", Times: -1})
			},
			said: []string{"Error code: IP_ADDRESS_NOT_ON_ACCESS_LIST", "access list of the API key"},
		},
		"role missing": {
			sent:  true,
			setUp: func(a *acctest.Atlas) { a.AddFault(atlassim.Fault{Method: "POST", Status: 403}) },
			said:  []string{"Status: 403 Forbidden", "Project Backup Creator", "No snapshot was taken"},
		},
		"no credentials": {
			setUp: func(a *acctest.Atlas) { clear(a.Environment) },
			said:  []string{"Missing credentials", "MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_PUBLIC_API_KEY"},
		},
		"wrong key": {
			sent:  true,
			setUp: func(a *acctest.Atlas) { a.Environment["MONGODB_ATLAS_PRIVATE_API_KEY"] = "not-the-key" },
			said: []string{
				"Status: 401 Unauthorized", "Atlas does not accept the credentials: an API key", "No snapshot was taken",
				"public_key from MONGODB_ATLAS_PUBLIC_API_KEY, private_key from MONGODB_ATLAS_PRIVATE_API_KEY",
			},
		},
		"wrong key of two places": {
			sent: true,
			setUp: func(a *acctest.Atlas) {
				delete(a.Environment, "MONGODB_ATLAS_PRIVATE_API_KEY")
				a.Environment["MCLI_PRIVATE_API_KEY"] = "not-the-key"
			},
			provider: `public_key = "somebody"`,
			said:     []string{"Status: 401 Unauthorized", "an API key (public_key from the provider block, private_key from MCLI_PRIVATE_API_KEY)"},
		},
		"wrong service account": {
			sent: true,
			setUp: func(a *acctest.Atlas) {
				clear(a.Environment)
				a.Environment["MONGODB_ATLAS_CLIENT_ID"], a.Environment["MONGODB_ATLAS_CLIENT_SECRET"] = a.Fixture().ClientID, "not-the-key"
			},
			provider: `base_url = "{base_url}"`,
			said: []string{
				"Atlas refused the service account", "invalid_client", "No snapshot was taken",
				"a service account (client_id from MONGODB_ATLAS_CLIENT_ID, client_secret from MONGODB_ATLAS_CLIENT_SECRET)",
			},
		},
		"ended access token": {
			sent:     true,
			provider: `access_token = "not-the-key"`,
			said:     []string{"Status: 401 Unauthorized", "Atlas does not accept the credentials: an access token (access_token from the provider block)"},
		},
		"half a key pair": {
			setUp: func(a *acctest.Atlas) { delete(a.Environment, "MONGODB_ATLAS_PRIVATE_API_KEY") },
			said:  []string{"Incomplete credentials", "private_key is not set", "MONGODB_ATLAS_PRIVATE_API_KEY"},
		},
		"plain http": {
			provider: `base_url = "http://cloud.mongodb.com"`,
			said:     []string{"Invalid base_url", "in the clear", "cloud.mongodb.com"},
		},
		"two kinds of credentials": {
			provider: "public_key = \"a\"\nprivate_key = \"b\"\naccess_token = \"c\"",
			said:     []string{"Conflicting credentials", "Keep one of them"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAtlas(t)
			if c.setUp != nil {
				c.setUp(a)
			}
			tf := terraform(t, a)
			block := strings.ReplaceAll(c.provider, "{base_url}", a.Fixture().BaseURL)
			tf.Write("provider.tf", "provider \"atlasbackup\" {\n"+block+"\n}\n")
			arguments := acctest.Apply
			for _, variable := range c.variables {
				arguments = append(arguments, "-var", variable)
			}
			output := tf.Do(1, arguments...)
			mustSay(t, output, c.said...)
			if n := strings.Count(output, "Error: "); n != 1 {
				t.Errorf("Terraform shows %d errors, expected one:\n%s", n, output)
			}
			if tf.State(address) != nil || len(a.Existing()) > 0 {
				t.Errorf("the state has %v and Atlas %v, expected nothing", tf.State(address), a.Existing())
			}
			if !c.sent && len(a.Requests()) > 0 {
				t.Errorf("Atlas was asked: %v", a.Requests())
			}
			for _, secret := range []string{a.Fixture().PrivateKey, "not-the-key"} {
				mustNotSay(t, output, secret)
			}
		})
	}
}

func TestAccSnapshot_compliancePolicy(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	tf.Do(0, append(acctest.Apply, "-var", "retention_in_days=14")...)
	a.SetCompliancePolicy(true, 7)
	output := tf.Do(1, append(acctest.Apply, "-var", "retention_in_days=10")...)
	mustSay(t, output, "Error code: CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY", "Revert retention_in_days", "keeps the retention that it had")
	output = tf.Do(1, append(acctest.Destroy, "-var", "retention_in_days=14")...)
	mustSay(t, output, "Error code: CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY", "Set skip_destroy = true", "still there and in the state")
	tf.Do(0, append(acctest.Apply, "-var", "retention_in_days=14", "-var", "skip_destroy=true")...)
	tf.Do(0, append(acctest.Destroy, "-var", "retention_in_days=14")...)
	if err := onlyOne(a); err != nil {
		t.Error(err)
	}
}

func TestAccSnapshot_destroyWaits(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	interrupt(t, a, tf, 2)
	a.ClearRequests()
	tf.Do(0, acctest.Destroy...)
	if left := a.Existing(); len(left) != 0 {
		t.Errorf("destroy left %v in Atlas", left)
	}
	if deletes := count(a, "DELETE"); deletes != 1 {
		t.Errorf("%d requests to delete, expected 1, after the snapshot was completed", deletes)
	}
}

func TestAccSnapshot_destroyOfWhatIsGone(t *testing.T) {
	t.Parallel()
	a := acctest.NewAtlas(t)
	tf := terraform(t, a)
	tf.Do(0, acctest.Apply...)
	deleteEverything(t, a)
	tf.Do(0, append(acctest.Destroy, "-refresh=false")...)
}

// TestAccSnapshot_credentialsOfAnotherResource plans with credentials that only the apply will know.
func TestAccSnapshot_credentialsOfAnotherResource(t *testing.T) {
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
  base_url    = "`+fixture.BaseURL+`"
  public_key  = "`+fixture.PublicKey+`"
  private_key = terraform_data.key.output
}
`)
	tf.Do(2, acctest.Plan...)
	tf.Do(0, acctest.Apply...)
	tf.Do(0, acctest.Plan...)
}
