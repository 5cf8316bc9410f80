package acctest

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-testing/config"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// Names are those of the project and the clusters to test on. All but the first two may be empty in a real one.
type Names struct {
	ProjectID, ClusterName                                      string
	ShardedClusterName, FlexClusterName, ServerlessInstanceName string
	// TargetClusterName is a replica set that restores erase.
	TargetClusterName string
}

// DescriptionPrefix begins the description of every snapshot that a test takes, so that what an interrupted run has left
// behind can be told from everything else.
const DescriptionPrefix = "atlasbackup acceptance test"

// maskedNames stand for those of a real Atlas in cassettes. The clusters are called as in the simulator.
var maskedNames = Names{
	ProjectID: "64e000000000000000000aaa", ClusterName: "Cluster0",
	ShardedClusterName: "Sharded0", FlexClusterName: "Flex0", ServerlessInstanceName: "Serverless0",
	TargetClusterName: "Target0",
}

func simulatedNames(f atlassim.Fixture) Names {
	return Names{
		ProjectID: f.ProjectID, ClusterName: f.ClusterName, ShardedClusterName: f.ShardedClusterName,
		FlexClusterName: f.FlexClusterName, ServerlessInstanceName: f.ServerlessInstanceName,
		TargetClusterName: f.TargetClusterName,
	}
}

func liveNames(getenv func(string) string) Names {
	return Names{
		ProjectID: getenv(projectVariable), ClusterName: getenv(clusterVariable),
		ShardedClusterName: getenv(shardedVariable), FlexClusterName: getenv(flexVariable),
		ServerlessInstanceName: getenv(serverlessVariable), TargetClusterName: getenv(restoreVariable),
	}
}

// Variables returns the variables of a configuration: the project, the replica set and more.
func (n Names) Variables(more config.Variables) config.Variables {
	variables := config.Variables{
		"project_id":   config.StringVariable(n.ProjectID),
		"cluster_name": config.StringVariable(n.ClusterName),
	}
	maps.Copy(variables, more)
	return variables
}
