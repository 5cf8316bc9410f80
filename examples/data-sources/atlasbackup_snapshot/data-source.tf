# The newest completed snapshot, on-demand or scheduled.
data "atlasbackup_snapshot" "latest" {
  project_id   = var.project_id
  cluster_name = "production"
  most_recent  = true
}

# The newest completed on-demand snapshot.
data "atlasbackup_snapshot" "latest_on_demand" {
  project_id    = var.project_id
  cluster_name  = "production"
  most_recent   = true
  snapshot_type = "onDemand"
}

# A snapshot with a known ID.
data "atlasbackup_snapshot" "known" {
  project_id   = var.project_id
  cluster_name = "production"
  snapshot_id  = "68d3f0a1c2b4e5f60718293a"
}
