# What Atlas has completed in the last seven days.
data "atlasbackup_snapshots" "this_week" {
  project_id    = "32b6e34b3d91647abb20e7b8"
  cluster_name  = "production"
  status        = "completed"
  created_after = timeadd(plantimestamp(), "-168h")
}

output "stored_bytes" {
  value = sum(concat([0], data.atlasbackup_snapshots.this_week.results[*].storage_size_bytes))
}
