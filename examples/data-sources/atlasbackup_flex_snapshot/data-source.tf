# The newest completed snapshot of a Flex cluster.
data "atlasbackup_flex_snapshot" "latest" {
  project_id   = var.project_id
  cluster_name = "staging"
  most_recent  = true
}
