# A drill: the newest snapshot onto a scratch cluster, once a week.
resource "atlasbackup_flex_restore" "drill" {
  project_id   = var.project_id
  cluster_name = "flex-production"
  most_recent  = true

  # Atlas erases this cluster first.
  target_cluster_name = "flex-drill"
  erase_target        = "flex-drill"

  # Changing a value restores again. Nothing else does.
  triggers = {
    week = var.week
  }
}
