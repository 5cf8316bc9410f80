data "atlasbackup_serverless_snapshots" "all" {
  project_id    = "32b6e34b3d91647abb20e7b8"
  instance_name = "orders"
}

# The newest of them.
data "atlasbackup_serverless_snapshot" "newest" {
  project_id    = "32b6e34b3d91647abb20e7b8"
  instance_name = "orders"
  snapshot_id   = data.atlasbackup_serverless_snapshots.all.results[0].snapshot_id
}
