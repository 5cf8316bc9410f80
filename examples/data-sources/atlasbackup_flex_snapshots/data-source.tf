data "atlasbackup_flex_snapshots" "all" {
  project_id   = "32b6e34b3d91647abb20e7b8"
  cluster_name = "staging"
}

# Those that Atlas could not take.
output "failed" {
  value = [for s in data.atlasbackup_flex_snapshots.all.results : s.snapshot_id if s.status == "FAILED"]
}
