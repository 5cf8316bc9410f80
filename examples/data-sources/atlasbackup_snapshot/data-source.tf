# The newest snapshot that Atlas has completed, whoever took it.
data "atlasbackup_snapshot" "latest" {
  project_id   = "32b6e34b3d91647abb20e7b8"
  cluster_name = "production"
  most_recent  = true
}

# The newest one that somebody asked for.
data "atlasbackup_snapshot" "latest_manual" {
  project_id    = "32b6e34b3d91647abb20e7b8"
  cluster_name  = "production"
  most_recent   = true
  snapshot_type = "onDemand"
}

# One that is known by its id.
data "atlasbackup_snapshot" "known" {
  project_id   = "32b6e34b3d91647abb20e7b8"
  cluster_name = "production"
  snapshot_id  = "68d3f0a1c2b4e5f60718293a"
}
