package acctest

import "testing"

// TestMasker has everything of an account masked, and the rest left as it is.
func TestMasker(t *testing.T) {
	t.Parallel()
	m := newMasker("https://cloud-dev.mongodb.com", Names{
		ProjectID: "5efda6aea3f2ed2e7dd6ce05", ClusterName: "test", ShardedClusterName: "billing-prod", FlexClusterName: "flexible",
	})
	for raw, want := range map[string]string{
		`{"description":"atlasbackup acceptance test: x","id":"6a7944f22c88faeba59d3572"}`: `{"description":"atlasbackup acceptance test: x","id":"6a7944f20000000000000001"}`,
		`{"description":"of jane@example.com"}`:                                            `{"description":"(not a test)"}`,
		`{"replicaSetName":"test"}`:                                                        `{"replicaSetName":"Cluster0"}`,
		`{"replicaSetName":"atlas-72ck1q-shard-0"}`:                                        `{"replicaSetName":"atlas-000000-shard-0"}`,
		`{"href":"https://cloud-dev.mongodb.com/api/atlas/v2/groups/5efda6aea3f2ed2e7dd6ce05/clusters/test/backup/snapshots/6a7944f22c88faeba59d3572"}`: `{"href":"https://cloud.mongodb.com/api/atlas/v2/groups/64e000000000000000000aaa/clusters/Cluster0/backup/snapshots/6a7944f20000000000000001"}`,
		`{"detail":"No cluster named test exists, the latest.","parameters":["test","5efda6aea3f2ed2e7dd6ce05"]}`:                                       `{"detail":"No cluster named Cluster0 exists, the latest.","parameters":["Cluster0","64e000000000000000000aaa"]}`,
		`{"detail":"IP address 203.0.113.9 is not allowed to access this resource.","parameters":["203.0.113.9"]}`:                                      `{"detail":"IP address 192.0.2.1 is not allowed to access this resource.","parameters":["192.0.2.1"]}`,
		`{"masterKeyUUID":"0f8fad5b-d9cb-469f-a165-70867728950e"}`:                                                                                      `{"masterKeyUUID":"00000000-0000-0000-0000-000000000000"}`,
		`{"id":"5efda6aea3f2ed2e7dd6ce05/billing-prod/6a7944f22c88faeba59d3572"}`:                                                                       `{"id":"64e000000000000000000aaa/Sharded0/6a7944f20000000000000001"}`,
		`{"x":"eyJhbGciOiJFUzUxMiIsInR5cCI6IkpXVCJ9.e30"}`:                                                                                              `{"x":"masked"}`,
		`{"x":"mdb_sa_sk_Zm9vYmFyYmF6"}`:                                                  `{"x":"masked"}`,
		`{"x":"UNFINISHED_ON_DEMAND_SNAPSHOT_WITH_MORE"}`:                                 `{"x":"UNFINISHED_ON_DEMAND_SNAPSHOT_WITH_MORE"}`,
		`{"mongodVersion":"8.0.29","storageSizeBytes":4246601728,"totalCount":2160}`:      `{"mongodVersion":"8.0.29","storageSizeBytes":4246601728,"totalCount":2160}`,
		`<html>503 for cluster https://cloud-dev.mongodb.com/clusters/billing-prod<html>`: `<html>503 for cluster https://cloud.mongodb.com/clusters/Sharded0<html>`,
	} {
		if got := m.json(raw); got != want {
			t.Errorf("%s\nis masked as %s\nexpected     %s", raw, got, want)
		}
		if again := m.json(want); again != want {
			t.Errorf("what is masked is masked again: %s becomes %s", want, again)
		}
	}
}
