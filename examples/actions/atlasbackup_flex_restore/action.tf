# terraform apply -invoke=action.atlasbackup_flex_restore.refresh_staging
action "atlasbackup_flex_restore" "refresh_staging" {
  config {
    project_id   = var.project_id
    cluster_name = "flex-production"
    most_recent  = true

    # Atlas erases this cluster first, each time.
    target_cluster_name = "flex-staging"
    erase_target        = "flex-staging"
    timeout             = "1h"
  }
}
