# The snapshots completed in the last seven days.
data "atlasbackup_snapshots" "this_week" {
  project_id    = var.project_id
  cluster_name  = "production"
  status        = "completed"
  created_after = timeadd(plantimestamp(), "-168h")
}

locals {
  sizes = data.atlasbackup_snapshots.this_week.results[*].storage_size_bytes
}

output "stored_bytes" {
  value = sum(concat([0], local.sizes))
}
