data "atlasbackup_serverless_snapshots" "all" {
  project_id    = "32b6e34b3d91647abb20e7b8"
  instance_name = "orders"
}

# The newest completed one.
output "newest" {
  value = [for s in data.atlasbackup_serverless_snapshots.all.results : s.snapshot_id if s.status == "completed"][0]
}

# Whether Atlas still has the instance, or a Flex cluster in its place.
output "served_by" {
  value = data.atlasbackup_serverless_snapshots.all.served_by
}
