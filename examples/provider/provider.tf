terraform {
  required_providers {
    atlasbackup = {
      source = "atlasbackup/atlasbackup"
    }
  }
}

# Credentials come from MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET.
provider "atlasbackup" {}
