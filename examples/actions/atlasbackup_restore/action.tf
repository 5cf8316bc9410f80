# terraform apply -invoke=action.atlasbackup_restore.refresh_staging
action "atlasbackup_restore" "refresh_staging" {
  config {
    project_id   = var.project_id
    cluster_name = "production"
    most_recent  = true

    # Atlas erases this cluster first, each time.
    target_cluster_name = "staging"
    erase_target        = "staging"
    timeout             = "6h"
  }
}
