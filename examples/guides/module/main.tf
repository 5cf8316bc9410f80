terraform {
  required_providers {
    atlasbackup = {
      source  = "atlasbackup/atlasbackup"
      version = "~> 0.1"
    }
  }
}

provider "atlasbackup" {}

variable "project_id" {
  type = string
}

variable "release" {
  type = string
}

module "snapshot" {
  source   = "./modules/cluster-snapshot"
  for_each = toset(["orders", "customers"])

  project_id   = var.project_id
  cluster_name = each.key
  release      = var.release
}

# Resources that use this value are created once all snapshots are completed.
output "snapshot_ids" {
  value = { for name, snapshot in module.snapshot : name => snapshot.snapshot_id }
}
