# The most recent completed restore onto the cluster "drill".
data "atlasbackup_restore_job" "drill" {
  project_id          = var.project_id
  cluster_name        = "production"
  most_recent         = true
  target_cluster_name = "drill"
}

# A job with a known ID.
data "atlasbackup_restore_job" "known" {
  project_id     = var.project_id
  cluster_name   = "production"
  restore_job_id = "68d3f0a1c2b4e5f60718293a"
}
