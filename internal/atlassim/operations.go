package atlassim

import "time"

const (
	restoreResource    = "ApiAtlasDiskBackupRestoreJobsResource"
	snapshotsResource  = "ApiAtlasDiskBackupSnapshotsResource"
	shardedResource    = "ApiAtlasDiskBackupShardedClusterSnapshotsResource"
	flexBackupResource = "ApiAtlasFlexBackupResource"
	flexResource       = "ApiAtlasFlexClusterResource"
	serverlessResource = "ApiAtlasLegacyServerlessInstanceDescriptionResource"
	serverlessBackups  = "ApiAtlasServerlessBackupSnapshotsResource"
)

const (
	restoresPath   = "clusters/{cluster}/backup/restoreJobs"
	snapshotsPath  = "clusters/{cluster}/backup/snapshots"
	flexPath       = "flexClusters/{cluster}/backup/snapshots"
	flexRestores   = "flexClusters/{cluster}/backup/restoreJobs"
	serverlessPath = "serverless/{cluster}/backup/snapshots"
)

// clustersSunset takes the two old cluster versions away.
var clustersSunset = time.Date(2027, time.July, 1, 0, 0, 0, 0, time.UTC)

func first(resource string) []apiVersion {
	return []apiVersion{{date: "2023-01-01", resource: resource}}
}

func flexVersion(resource string) []apiVersion {
	return []apiVersion{{date: "2024-11-13", resource: resource}}
}

// clusterVersions carry the deprecation and sunset that were recorded for 2023-02-01.
var clusterVersions = []apiVersion{
	{
		date: "2023-01-01", deprecation: firstClusterDeprecation, sunset: "Thu, 1 Jul 2027 00:00:00 GMT", gone: clustersSunset,
		resource: "ApiAtlasClusterDescriptionResource",
	},
	{
		date: "2023-02-01", deprecation: "Mon, 5 Aug 2024 00:00:00 GMT", sunset: "Thu, 1 Jul 2027 00:00:00 GMT",
		gone: clustersSunset, resource: "ApiAtlasClusterDescriptionV15Resource",
	},
	{date: "2024-08-05", resource: "ApiAtlasClusterDescriptionResource20240805"},
}

// serverlessVersions carry the headers of the last recordings before the sunset.
func serverlessVersions(resource string) []apiVersion {
	return []apiVersion{{
		date: "2023-01-01", resource: resource, deprecation: "Wed, 10 Dec 2025 00:00:00 GMT",
		sunset: "Thu, 15 Jan 2026 00:00:00 GMT",
	}}
}

// operations is everything the simulator can do.
var operations = []operation{
	{method: "GET", path: "clusters", versions: clusterVersions, bucket: bucketClusters, name: "getAllClusters", serve: listClusters},
	{
		method: "GET", path: "clusters/{cluster}", versions: clusterVersions, bucket: bucketClusters, name: "getCluster",
		serve: getCluster,
	},

	{
		method: "GET", path: snapshotsPath, versions: first(snapshotsResource), bucket: bucketBackup, name: "getSnapshots",
		serve: listSnapshots,
	},
	{
		method: "POST", path: snapshotsPath, versions: first(snapshotsResource), bucket: bucketBackup, name: "onDemandSnapshot",
		serve: takeSnapshot,
	},
	{
		method: "GET", path: snapshotsPath + "/{snapshot}", versions: first(snapshotsResource), bucket: bucketBackup,
		name: "getSnapshot", serve: getSnapshot,
	},
	{
		method: "PATCH", path: snapshotsPath + "/{snapshot}", versions: first(snapshotsResource), bucket: bucketBackup,
		name: "updateSnapshotRetention", serve: patchSnapshot,
	},
	{
		method: "DELETE", path: snapshotsPath + "/{snapshot}", versions: first(snapshotsResource), bucket: bucketBackup,
		name: "deleteSnapshot", serve: deleteSnapshot,
	},
	{
		method: "GET", path: snapshotsPath + "/shardedClusters", versions: first(shardedResource), bucket: bucketBackup,
		name: "getShardedClusterSnapshots", serve: listSharded,
	},
	{
		method: "GET", path: snapshotsPath + "/shardedCluster/{snapshot}", versions: first(shardedResource), bucket: bucketBackup,
		name: "getShardedClusterSnapshot", serve: getSharded,
	},
	{
		method: "DELETE", path: snapshotsPath + "/shardedCluster/{snapshot}", versions: first(shardedResource), bucket: bucketBackup,
		name: "deleteShardedClusterSnapshot", serve: deleteSnapshot,
	},

	{
		method: "GET", path: restoresPath, versions: first(restoreResource), bucket: bucketBackup, name: "getRestoreJobs",
		serve: listRestores,
	},
	{
		method: "POST", path: restoresPath, versions: first(restoreResource), bucket: bucketBackup, name: "createRestoreJob",
		serve: requestRestore,
	},
	{
		method: "GET", path: restoresPath + "/{job}", versions: first(restoreResource), bucket: bucketBackup, name: "getRestoreJob",
		serve: getRestore,
	},
	{
		method: "DELETE", path: restoresPath + "/{job}", versions: first(restoreResource), bucket: bucketBackup,
		name: "cancelRestoreJob", serve: cancelRestore,
	},

	{
		method: "GET", path: "flexClusters", versions: flexVersion(flexResource), bucket: bucketFlex, name: "getAllFlexClusters",
		serve: listFlexClusters,
	},
	{
		method: "GET", path: "flexClusters/{cluster}", versions: flexVersion(flexResource), bucket: bucketFlex,
		name: "getFlexCluster", serve: getFlexCluster,
	},
	{
		method: "GET", path: flexPath, versions: flexVersion(flexBackupResource), bucket: bucketFlexSnapshots, name: "getSnapshots",
		serve: listFlexSnapshots,
	},
	{
		method: "GET", path: flexPath + "/{snapshot}", versions: flexVersion(flexBackupResource), bucket: bucketFlexSnapshots,
		name: "getSnapshot", serve: getFlexSnapshot,
	},
	{
		method: "GET", path: flexRestores, versions: flexVersion(flexBackupResource), bucket: bucketFlexSnapshots, name: "getRestoreJobs",
		serve: listFlexRestores,
	},
	{
		method: "POST", path: flexRestores, versions: flexVersion(flexBackupResource), bucket: bucketFlexSnapshots, name: "createRestoreJob",
		serve: requestFlexRestore,
	},
	{
		method: "GET", path: flexRestores + "/{job}", versions: flexVersion(flexBackupResource), bucket: bucketFlexSnapshots,
		name: "getRestoreJob", serve: getFlexRestore,
	},

	{
		method: "GET", path: "serverless", versions: serverlessVersions(serverlessResource), name: "getAllServerlessInstances",
		serve: listServerless,
	},
	{
		method: "GET", path: "serverless/{cluster}", versions: serverlessVersions(serverlessResource),
		name: "getServerlessInstance", serve: getServerless,
	},
	{
		method: "GET", path: serverlessPath, versions: serverlessVersions(serverlessBackups), bucket: bucketBackup,
		name: "getSnapshots", serve: listServerlessSnapshots,
	},
	{
		method: "GET", path: serverlessPath + "/{snapshot}", versions: serverlessVersions(serverlessBackups), bucket: bucketBackup,
		name: "getSnapshot", serve: getServerlessSnapshot,
	},
}
