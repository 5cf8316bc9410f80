list "atlasbackup_flex_restore" "onto_staging" {
  provider         = atlasbackup
  include_resource = true
  limit            = 200

  config {
    project_id          = var.project_id
    cluster_name        = "production"
    target_cluster_name = "staging"
    status              = "COMPLETED"
    requested_after     = "2026-01-01T00:00:00Z"
  }
}
