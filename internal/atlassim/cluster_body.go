package atlassim

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// The hardware of every simulated cluster.
const (
	instanceSize = "M10"
	diskSize     = json.Number("10.0") // Atlas writes the fraction
	flexDiskSize = json.Number("5.0")
	majorVersion = "8.0"
	shardCount   = 2
)

// clusterBody returns a cluster in the version asked for.
func (c *call) clusterBody(of *cluster) object {
	body := c.clusterCommon(of)
	switch c.version.date {
	case "2023-01-01":
		c.legacyCluster(of, body)
	case "2023-02-01":
		body["diskSizeGB"] = diskSize
		body["replicationSpecs"] = symmetricSpecs(of)
	default:
		currentCluster(of, body)
	}
	if of.kind == TypeFree {
		delete(body, "diskSizeGB") // less than the least that the schema allows
	}
	return body
}

// clusterCommon returns what all three versions say.
func (c *call) clusterCommon(of *cluster) object {
	body := object{
		"advancedConfiguration": object{
			"customOpensslCipherConfigTls12": []string{}, "customOpensslCipherConfigTls13": []string{},
			"minimumEnabledTlsProtocol": "TLS1_2", "tlsCipherConfigMode": "DEFAULT",
		},
		"backupEnabled":                    of.backupEnabled,
		"biConnector":                      object{"enabled": false, "readPreference": "secondary"},
		"clusterType":                      "REPLICASET",
		"connectionStrings":                connectionStrings(of),
		"createDate":                       timestamp(of.created),
		"diskWarmingMode":                  "FULLY_WARMED",
		"encryptionAtRestProvider":         "NONE",
		"globalClusterSelfManagedSharding": false,
		"groupId":                          c.group,
		"id":                               of.id,
		"labels":                           []string{},
		"links":                            c.clusterLinks("clusters", of),
		"mongoDBMajorVersion":              majorVersion,
		"mongoDBVersion":                   of.version,
		"name":                             of.name,
		"paused":                           of.paused,
		"pitEnabled":                       of.pitEnabled,
		"rootCertType":                     "ISRGROOTX1",
		"stateName":                        c.sim.stateOf(of, c.now),
		"tags":                             []string{},
		"terminationProtectionEnabled":     false,
		"versionReleaseSystem":             "LTS",
	}
	if of.kind == TypeSharded {
		body["clusterType"] = "SHARDED"
		body["configServerManagementMode"] = "ATLAS_MANAGED"
		body["configServerType"] = configServerType
	}
	return body
}

// clusterLinks returns the three links of a cluster or of a serverless instance.
func (c *call) clusterLinks(collection string, of *cluster) []object {
	self := c.apiPath(collection, of.name)
	return []object{
		link("self", self),
		link("https://cloud.mongodb.com/restoreJobs", self+"/backup/restoreJobs"),
		link("https://cloud.mongodb.com/snapshots", self+"/backup/snapshots"),
	}
}

// connectionStrings are empty until the cluster is there, but for what sharded clusters always have.
func connectionStrings(of *cluster) object {
	addresses := object{}
	if of.kind == TypeSharded {
		addresses["awsPrivateLinkSrv"] = object{}
		addresses["privateEndpoint"] = []string{}
	}
	if of.state != "CREATING" {
		addresses["standard"] = "mongodb://" + hosts(of)
		addresses["standardSrv"] = "mongodb+srv://" + domain(of, "")
	}
	return addresses
}

func domain(of *cluster, suffix string) string {
	return fmt.Sprintf("%s%s.%s.mongodb.invalid", of.name, suffix, of.id[17:])
}

func hosts(of *cluster) string {
	port, options := "27017", "ssl=true&authSource=admin&replicaSet="+replicaSet(of)
	if of.kind == TypeSharded {
		port, options = "27016", "ssl=true&authSource=admin"
	}
	var list []string
	for node := range 3 {
		list = append(list, domain(of, "-shard-00-0"+strconv.Itoa(node))+":"+port)
	}
	return strings.Join(list, ",") + "/?" + options
}

func replicaSet(of *cluster) string { return "atlas-" + of.id[18:] + "-shard-0" }

// currentCluster adds what version 2024-08-05 says.
func currentCluster(of *cluster, body object) {
	maps.Copy(body, object{
		"adaptiveCapacity":                              nil, // recorded as null
		"effectiveDatabaseEdition":                      "CORE",
		"effectiveReplicationSpecs":                     replicationSpecs(of, false),
		"featureCompatibilityVersion":                   majorVersion,
		"internalClusterRole":                           "NONE",
		"redactClientLogData":                           false,
		"replicationSpecs":                              replicationSpecs(of, true),
		"retainBackups":                                 false,
		"useAwsTimeBasedSnapshotCopyForFastInitialSync": false,
	})
}

// legacyCluster adds what version 2023-01-01 says. It follows the schema: no body of this version was recorded.
func (c *call) legacyCluster(of *cluster, body object) {
	maps.Copy(body, object{
		"autoScaling": object{
			"autoIndexingEnabled": false,
			"compute":             object{"enabled": false, "scaleDownEnabled": false}, "diskGBEnabled": false,
		},
		"diskSizeGB":            diskSize,
		"mongoURI":              "mongodb://" + hosts(of),
		"mongoURIUpdated":       timestamp(of.created),
		"mongoURIWithOptions":   "mongodb://" + hosts(of),
		"numShards":             shards(of),
		"providerBackupEnabled": of.backupEnabled,
		"providerSettings":      legacyHardware(of),
		"replicationFactor":     3,
		"replicationSpecs": []object{{
			"id": of.partID[:23] + "0", "numShards": shards(of), "zoneName": "Zone 1",
			"regionsConfig": object{region(of): object{"analyticsNodes": 0, "electableNodes": 3, "priority": 7, "readOnlyNodes": 0}},
		}},
		"srvAddress": "mongodb+srv://" + domain(of, ""),
	})
}
