action "atlasbackup_take_snapshot" "before_change" {
  config {
    project_id        = var.project_id
    cluster_name      = "production"
    retention_in_days = 7
    description       = "before a change by Terraform"
    timeout           = "90m"
  }
}

# The snapshot is completed before Terraform changes the cluster.
# If the snapshot fails, the cluster stays as it is.
resource "mongodbatlas_advanced_cluster" "main" {
  project_id             = var.project_id
  name                   = "production"
  cluster_type           = "REPLICASET"
  mongo_db_major_version = "8.0"

  replication_specs = [{
    region_configs = [{
      provider_name = "AWS"
      region_name   = "EU_CENTRAL_1"
      priority      = 7
      electable_specs = {
        instance_size = "M10"
        node_count    = 3
      }
    }]
  }]

  lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.atlasbackup_take_snapshot.before_change]
    }
  }
}
