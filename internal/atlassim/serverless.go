package atlassim

import (
	"slices"
	"strings"
	"time"
)

// live reports whether the serverless endpoints still do what they did before the sunset.
func (s *Simulator) live() bool { return s.options.Serverless == ServerlessLive }

// serverlessInstance finds the serverless instance of the request.
func (c *call) serverlessInstance() (*cluster, *apiError) {
	found, exists := c.sim.clusters[c.clusterName]
	switch {
	case !c.sim.live(), !exists:
		return nil, c.fail("SERVERLESS_INSTANCE_NOT_FOUND")
	case found.kind != TypeServerless:
		return nil, c.fail("CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API")
	}
	return found, nil
}

// listServerless serves GET /serverless. After the sunset the list is empty: the instances have become Flex clusters.
func listServerless(c *call) (any, *apiError) {
	wanted, refusal := c.pageOf()
	if refusal != nil {
		return nil, refusal
	}
	return pageBody(c, wanted, c.apiPath("serverless"), c.sim.clustersOfKind(TypeServerless), c.serverlessBody), nil
}

// getServerless serves GET /serverless/{cluster}, 404 for every name after the sunset.
func getServerless(c *call) (any, *apiError) {
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	found, refusal := c.serverlessInstance()
	if refusal != nil {
		return nil, refusal
	}
	return c.serverlessBody(found), nil
}

// serverlessBody returns an instance as it was last recorded: backed by Flex already.
func (c *call) serverlessBody(of *cluster) object {
	next := of.automatic.born.Add(day * time.Duration(1+int(c.now.Sub(of.automatic.born)/day)))
	return object{
		"connectionStrings": object{"standardSrv": "mongodb+srv://" + domain(of, "")},
		"createDate":        timestamp(of.created),
		"groupId":           c.group,
		"id":                of.id,
		"links":             c.clusterLinks("serverless", of),
		"mongoDBVersion":    of.version,
		"name":              of.name,
		"providerSettings": object{
			"backingProviderName": of.cloud, "effectiveDiskSizeGBLimit": 5,
			"effectiveInstanceSizeName": "FLEX", "effectiveProviderName": "TENANT", "nextBackupDate": timestamp(next),
			"providerName": "SERVERLESS", "regionName": region(of), "tenantBackupEnabled": of.backupEnabled,
		},
		"serverlessBackupOptions":      object{"serverlessContinuousBackupEnabled": false},
		"stateName":                    of.state,
		"tags":                         []string{},
		"terminationProtectionEnabled": false,
	}
}

// listServerlessSnapshots serves GET /serverless/{cluster}/backup/snapshots, newest first.
func listServerlessSnapshots(c *call) (any, *apiError) {
	if !c.sim.live() {
		return nil, c.fail(serverlessBackupsGone)
	}
	wanted, refusal := c.pageOf()
	if refusal != nil {
		return nil, refusal
	}
	of, refusal := c.serverlessInstance()
	if refusal != nil {
		return nil, refusal
	}
	found := of.automatic.at(c.now)
	slices.Reverse(found)
	found = inListOrder(c, found, (*tenantSnapshot).key)
	href := c.apiPath("serverless", of.name, "backup/snapshots")
	return pageBody(c, wanted, href, found, func(one *tenantSnapshot) object { return c.replaceFields(one.serverlessBody(c, of)) }), nil
}

// getServerlessSnapshot serves GET /serverless/{cluster}/backup/snapshots/{snapshot}.
func getServerlessSnapshot(c *call) (any, *apiError) {
	if !c.sim.live() {
		return nil, c.fail(serverlessBackupsGone)
	}
	if refusal := c.checkQuery(plainQuery...); refusal != nil {
		return nil, refusal
	}
	of, refusal := c.serverlessInstance()
	if refusal != nil {
		return nil, refusal
	}
	found, refusal := c.tenantSnapshot(of)
	if refusal != nil {
		return nil, refusal
	}
	return c.replaceFields(found.serverlessBody(c, of)), nil
}

// serverlessBody follows the schema: no serverless snapshot was recorded.
func (t *tenantSnapshot) serverlessBody(c *call, of *cluster) object {
	home := c.apiPath("serverless", of.name)
	body := object{
		"expiresAt":     timestamp(t.expiresAt),
		"frequencyType": "daily",
		"id":            t.id,
		"links": []object{
			link("self", home+"/backup/snapshots/"+t.id),
			link("https://cloud.mongodb.com/cluster", home),
		},
		"mongodVersion":          of.version,
		"serverlessInstanceName": of.name,
		"snapshotType":           "scheduled",
		"storageSizeBytes":       int64(0),
	}
	switch status := t.statusAt(c.now); status {
	case "PENDING", "QUEUED":
		body["status"] = statusQueued
	case "RUNNING":
		body["status"] = statusInProgress
	case "COMPLETED":
		body["createdAt"] = timestamp(t.start)
		body["status"] = statusCompleted
		body["storageSizeBytes"] = t.size
	default:
		body["status"] = strings.ToLower(status)
	}
	return body
}
