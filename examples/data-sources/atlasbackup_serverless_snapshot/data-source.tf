data "atlasbackup_serverless_snapshots" "all" {
  project_id    = var.project_id
  instance_name = "orders"
}

# The newest snapshot.
data "atlasbackup_serverless_snapshot" "newest" {
  project_id    = var.project_id
  instance_name = "orders"
  snapshot_id   = data.atlasbackup_serverless_snapshots.all.results[0].snapshot_id
}
