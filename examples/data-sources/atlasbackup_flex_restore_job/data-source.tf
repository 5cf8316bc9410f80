# The most recent completed restore onto the cluster "flex-drill".
data "atlasbackup_flex_restore_job" "drill" {
  project_id          = var.project_id
  cluster_name        = "flex-production"
  most_recent         = true
  target_cluster_name = "flex-drill"
}

# A job with a known ID.
data "atlasbackup_flex_restore_job" "known" {
  project_id     = var.project_id
  cluster_name   = "flex-production"
  restore_job_id = "68d3f0a1c2b4e5f60718293a"
}
