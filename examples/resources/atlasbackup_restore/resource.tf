# A drill: the newest snapshot onto a scratch cluster, once a week.
resource "atlasbackup_restore" "drill" {
  project_id   = var.project_id
  cluster_name = "production"
  most_recent  = true

  # Atlas erases this cluster first.
  target_cluster_name = "drill"
  erase_target        = "drill"

  # Changing a value restores again. Nothing else does.
  triggers = {
    week = var.week
  }
}
