data "atlasbackup_serverless_snapshots" "all" {
  project_id    = var.project_id
  instance_name = "orders"
}

# The ID of the newest completed snapshot.
output "newest" {
  value = [
    for snapshot in data.atlasbackup_serverless_snapshots.all.results :
    snapshot.snapshot_id if snapshot.status == "completed"
  ][0]
}

# "serverless", or "flex" after the migration to a Flex cluster.
output "served_by" {
  value = data.atlasbackup_serverless_snapshots.all.served_by
}
