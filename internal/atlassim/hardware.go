package atlassim

import (
	"encoding/json"
	"strconv"
)

// The cloud providers.
const (
	cloudAWS   = "AWS"
	cloudAzure = "AZURE"
	cloudGCP   = "GCP"
)

// The only size of a free cluster.
const (
	freeInstanceSize = "M0"
	freeDiskSize     = json.Number("0.5")
)

func shards(of *cluster) int {
	if of.kind == TypeSharded {
		return shardCount
	}
	return 1
}

// replicationSpecs returns one spec for each shard.
func replicationSpecs(of *cluster, withEffective bool) []object {
	specs := make([]object, shards(of))
	for shard := range specs {
		config := regionConfig(of, true)
		if withEffective && of.kind != TypeFree {
			config["effectiveAnalyticsSpecs"] = hardware(of, 0, true)
			config["effectiveElectableSpecs"] = hardware(of, 3, true)
			config["effectiveReadOnlySpecs"] = hardware(of, 0, true)
		}
		specs[shard] = object{
			"id":            of.partID[:23] + strconv.Itoa(shard),
			"regionConfigs": []object{config},
			"zoneId":        of.partID,
			"zoneName":      "Zone 1",
		}
	}
	return specs
}

// symmetricSpecs returns the one spec of version 2023-02-01, which counts its shards.
func symmetricSpecs(of *cluster) []object {
	return []object{{
		"id":            of.partID[:23] + "0",
		"numShards":     shards(of),
		"regionConfigs": []object{regionConfig(of, false)},
		"zoneId":        of.partID,
		"zoneName":      "Zone 1",
	}}
}

func regionConfig(of *cluster, ownDisks bool) object {
	if of.kind == TypeFree {
		return freeRegionConfig(of)
	}
	return object{
		"analyticsSpecs": hardware(of, 0, ownDisks),
		"autoScaling": object{
			"compute": object{"enabled": false, "scaleDownEnabled": false},
			"diskGB":  object{"enabled": false},
		},
		"electableSpecs": hardware(of, 3, ownDisks),
		"priority":       7,
		"providerName":   of.cloud,
		"readOnlySpecs":  hardware(of, 0, ownDisks),
		"regionName":     region(of),
	}
}

// hardware returns that of the nodes of one kind. Only AWS was recorded: the others follow the schema.
func hardware(of *cluster, nodes int, ownDisks bool) object {
	spec := object{"instanceSize": instanceSize, "nodeCount": nodes}
	switch of.cloud {
	case cloudAWS:
		spec["diskIOPS"], spec["ebsVolumeType"] = 3000, "STANDARD"
	case cloudAzure:
		spec["diskIOPS"] = 500
	}
	if ownDisks {
		spec["diskSizeGB"] = diskSize
	}
	return spec
}

// freeRegionConfig returns that of a free cluster. It follows the schema: none was recorded.
func freeRegionConfig(of *cluster) object {
	return object{
		"backingProviderName": of.cloud,
		"electableSpecs":      object{"diskSizeGB": freeDiskSize, "instanceSize": freeInstanceSize},
		"priority":            7,
		"providerName":        "TENANT",
		"regionName":          region(of),
	}
}

// legacyHardware returns the provider's settings of version 2023-01-01.
func legacyHardware(of *cluster) object {
	settings := object{"instanceSizeName": instanceSize, "providerName": of.cloud, "regionName": region(of)}
	switch {
	case of.kind == TypeFree:
		settings["backingProviderName"], settings["instanceSizeName"] = of.cloud, freeInstanceSize
		settings["providerName"] = "TENANT"
	case of.cloud == cloudAWS:
		settings["diskIOPS"], settings["encryptEBSVolume"], settings["volumeType"] = 3000, true, "STANDARD"
	case of.cloud == cloudAzure:
		settings["diskTypeName"] = "P4"
	}
	return settings
}

// region returns where a cluster is: every cloud provider has names of its own.
func region(of *cluster) string {
	return map[string]string{cloudAWS: "US_EAST_1", cloudAzure: "US_EAST", cloudGCP: "EASTERN_US"}[of.cloud]
}
