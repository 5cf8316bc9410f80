# A snapshot before an upgrade, kept for two weeks. Another value of target_version takes a new one.
resource "atlasbackup_snapshot" "before_upgrade" {
  project_id        = "32b6e34b3d91647abb20e7b8"
  cluster_name      = "production"
  description       = "before the upgrade to 8.0"
  retention_in_days = 14

  triggers = {
    target_version = "8.0"
  }
}
