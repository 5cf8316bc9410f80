import {
  to = atlasbackup_snapshot.before_upgrade
  identity = {
    project_id   = var.project_id
    cluster_name = "production"
    snapshot_id  = "68d3f0a1c2b4e5f60718293a"
  }
}

resource "atlasbackup_snapshot" "before_upgrade" {
  project_id        = var.project_id
  cluster_name      = "production"
  description       = "before the upgrade to 8.0"
  retention_in_days = 14
}
