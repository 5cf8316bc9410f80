# The newest snapshot of a Flex cluster that Atlas has completed.
data "atlasbackup_flex_snapshot" "latest" {
  project_id   = "32b6e34b3d91647abb20e7b8"
  cluster_name = "staging"
  most_recent  = true
}
