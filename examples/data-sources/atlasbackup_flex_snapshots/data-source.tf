data "atlasbackup_flex_snapshots" "all" {
  project_id   = var.project_id
  cluster_name = "staging"
}

# The IDs of the failed snapshots.
output "failed" {
  value = [
    for snapshot in data.atlasbackup_flex_snapshots.all.results :
    snapshot.snapshot_id if snapshot.status == "FAILED"
  ]
}
