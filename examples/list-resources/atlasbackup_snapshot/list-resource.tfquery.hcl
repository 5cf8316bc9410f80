list "atlasbackup_snapshot" "by_hand" {
  provider         = atlasbackup
  include_resource = true
  limit            = 200

  config {
    project_id    = "32b6e34b3d91647abb20e7b8"
    cluster_name  = "production"
    snapshot_type = "onDemand"
    status        = "completed"
    created_after = "2026-01-01T00:00:00Z"
  }
}
