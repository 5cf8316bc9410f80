import {
  to = atlasbackup_flex_restore.back
  id = "${var.project_id}/flex-production/68d3f0a1c2b4e5f60718293a"
}

resource "atlasbackup_flex_restore" "back" {
  project_id          = var.project_id
  cluster_name        = "flex-production"
  snapshot_id         = "68d3eb1fc2b4e5f607182934"
  target_cluster_name = "flex-staging"
  erase_target        = "flex-staging"
}
