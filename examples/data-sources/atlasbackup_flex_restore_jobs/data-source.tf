# The restores of the last ninety days.
data "atlasbackup_flex_restore_jobs" "this_quarter" {
  project_id      = var.project_id
  cluster_name    = "flex-production"
  status          = "COMPLETED"
  requested_after = timeadd(plantimestamp(), "-2160h")
}

locals {
  restores = data.atlasbackup_flex_restore_jobs.this_quarter.results
}

output "slowest_restore_seconds" {
  value = max(concat([0], local.restores[*].duration_seconds)...)
}
