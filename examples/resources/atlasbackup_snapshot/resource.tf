# A snapshot before each release of an application, kept for two weeks.
resource "atlasbackup_snapshot" "before_release" {
  project_id        = mongodbatlas_advanced_cluster.production.project_id
  cluster_name      = mongodbatlas_advanced_cluster.production.name
  description       = "before a release"
  retention_in_days = 14

  # Changing a value takes a new snapshot.
  triggers = {
    release = var.release
  }
}
