package atlassim

import (
	"math/rand/v2"
	"time"
)

// Fixture is what a client needs to use the simulator. Its JSON form is the line the program prints when it is ready.
type Fixture struct {
	BaseURL      string `json:"base_url"`
	PublicKey    string `json:"public_key"`
	PrivateKey   string `json:"private_key"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	ProjectID    string `json:"project_id"`
	ClusterName  string `json:"cluster_name"`
	// TargetClusterName is a second replica set, to restore onto.
	TargetClusterName      string `json:"target_cluster_name"`
	ShardedClusterName     string `json:"sharded_cluster_name"`
	FlexClusterName        string `json:"flex_cluster_name"`
	ServerlessInstanceName string `json:"serverless_instance_name"`
}

const (
	lowercase = "abcdefghijklmnopqrstuvwxyz"
	hexDigits = "0123456789abcdef"
	urlSafe   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

// fixtureAge is how long the fixture's clusters have existed when the simulator starts: long enough for eight automatic
// snapshots, and not a whole number of days, so that none of them is just being taken.
const fixtureAge = 30*day + 7*time.Hour

// newFixture makes credentials in the forms Atlas gives them.
func (s *Simulator) newFixture() Fixture {
	group := func(n int) string { return randomText(s.secrets, hexDigits, n) }
	return Fixture{
		PublicKey:              randomText(s.secrets, lowercase, 8),
		PrivateKey:             group(8) + "-" + group(4) + "-" + group(4) + "-" + group(4) + "-" + group(12),
		ClientID:               "mdb_sa_id_" + group(24),
		ClientSecret:           "mdb_sa_sk_" + randomText(s.secrets, urlSafe, 40),
		ProjectID:              s.ids.next(s.clock.now().Add(-2 * fixtureAge)),
		ClusterName:            "Cluster0",
		TargetClusterName:      "Target0",
		ShardedClusterName:     "Sharded0",
		FlexClusterName:        "Flex0",
		ServerlessInstanceName: "Serverless0",
	}
}

// seedFixture creates the fixture's clusters. The Flex cluster comes with its automatic snapshots.
func (s *Simulator) seedFixture() {
	born := s.clock.now().Add(-fixtureAge)
	s.putCluster(ClusterSpec{Name: s.fixture.ClusterName, Type: TypeReplicaSet}, born)
	s.putCluster(ClusterSpec{Name: s.fixture.ShardedClusterName, Type: TypeSharded}, born)
	s.putCluster(ClusterSpec{Name: s.fixture.FlexClusterName, Type: TypeFlex}, born)
	s.putCluster(ClusterSpec{Name: s.fixture.ServerlessInstanceName, Type: TypeServerless}, born)
	s.putCluster(ClusterSpec{Name: s.fixture.TargetClusterName, Type: TypeReplicaSet}, born)
}

func randomText(random *rand.Rand, alphabet string, length int) string {
	text := make([]byte, length)
	for i := range text {
		text[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(text)
}
