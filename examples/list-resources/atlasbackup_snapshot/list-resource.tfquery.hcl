list "atlasbackup_snapshot" "on_demand" {
  provider         = atlasbackup
  include_resource = true
  limit            = 200

  config {
    project_id    = var.project_id
    cluster_name  = "production"
    snapshot_type = "onDemand"
    status        = "completed"
    created_after = "2026-01-01T00:00:00Z"
  }
}
