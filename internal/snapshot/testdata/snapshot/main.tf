variable "project_id" { type = string }

variable "cluster_name" { type = string }

variable "retention_in_days" {
  type    = number
  default = 7
}

variable "description" {
  type    = string
  default = "before the upgrade"
}

variable "triggers" {
  type    = map(string)
  default = null
}

variable "skip_destroy" {
  type    = bool
  default = null
}

variable "on_expiry" {
  type    = string
  default = null
}

variable "allow_immediate_expiry" {
  type    = bool
  default = null
}

variable "update_timeout" {
  type    = string
  default = null
}

variable "create_timeout" {
  type    = string
  default = null
}

resource "atlasbackup_snapshot" "test" {
  project_id             = var.project_id
  cluster_name           = var.cluster_name
  retention_in_days      = var.retention_in_days
  description            = var.description
  triggers               = var.triggers
  skip_destroy           = var.skip_destroy
  on_expiry              = var.on_expiry
  allow_immediate_expiry = var.allow_immediate_expiry

  dynamic "timeouts" {
    for_each = var.create_timeout != null || var.update_timeout != null ? [1] : []
    content {
      create = var.create_timeout
      update = var.update_timeout
    }
  }
}
