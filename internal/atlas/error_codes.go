package atlas

// Error codes of Atlas that a caller may have to tell apart. The texts that come with them are Atlas's own.
const (
	CodeUnfinishedSnapshot        = "UNFINISHED_ON_DEMAND_SNAPSHOT"                                    // 400: another on-demand snapshot is queued or in progress
	CodeDeleteInProgress          = "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT"                               // 400: only a completed snapshot can be deleted
	CodeModifyInProgress          = "CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION"                     // 400: only a completed snapshot can be kept for another time
	CodeRetentionInvalid          = "BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID"                          // 400
	CodeNegativeOrZero            = "ATTRIBUTE_NEGATIVE_OR_ZERO"                                       // 400
	CodeFlexInClusterAPI          = "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"                           // 400
	CodeNonFlexInFlexAPI          = "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"                          // 400
	CodeServerlessInClusterAPI    = "CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API"                    // 400
	CodeClusterInServerlessAPI    = "CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API"                    // 400
	CodeServerlessNotFound        = "SERVERLESS_INSTANCE_NOT_FOUND"                                    // 404: no serverless instance of the name
	CodeClusterNotFound           = "CLUSTER_NOT_FOUND"                                                // 404: no cluster of the name
	CodeGroupNotFound             = "GROUP_NOT_FOUND"                                                  // 404: no such project
	CodeSnapshotNotFound          = "SNAPSHOT_NOT_FOUND"                                               // 404
	CodeBackupConfigNotFound      = "BACKUP_CONFIG_NOT_FOUND"                                          // 404: the cluster has no backup
	CodeBackupJobNotFound         = "BACKUP_JOB_NOT_FOUND"                                             // 400: the cluster has no backup
	CodeDeleteUnderCompliance     = "CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY"             // 400
	CodeShortenUnderCompliance    = "CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY" // 400
	CodeTooShortForCompliance     = "SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY"            // 400
	CodeDeleteFromClusterSnapshot = "CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT"                              // 403: one shard's part of a sharded cluster's snapshot
	CodeModifyClusterSnapshot     = "CANNOT_MODIFY_CLUSTER_SNAPSHOT"                                   // 403: a part of a sharded cluster's snapshot
	CodeModifySnapshot            = "CANNOT_MODIFY_SNAPSHOT"                                           // 403
	CodeResourcePolicy            = "ATLAS_RESOURCE_POLICIES_VIOLATION_NOT_AUTHORIZED"                 // 403: a resource policy of the organization forbids it
	CodeProviderNotSupported      = "PROVIDER_BACKUP_NOT_SUPPORTED"                                    // 400: such clusters, free ones for example, have no snapshots
	CodeIncorrectEndpoint         = "INCORRECT_BACKUP_API_ENDPOINT"                                    // 400: such a cluster's snapshots are at another endpoint
	CodePausedCluster             = "CANNOT_UPDATE_PAUSED_CLUSTER"                                     // 409
	PrefixPausedCluster           = "CLUSTER_PAUSED"                                                   // 400: begins the codes that refuse one thing each for a paused cluster
	CodeDeletionRequested         = "CLUSTER_ALREADY_REQUESTED_DELETION"                               // 400: the cluster is to be deleted
	CodeGeneral                   = "ATLAS_GENERAL_ERROR"                                              // 400: no code of its own; the text says what, such as a cluster being updated
	CodeNotOnAccessList           = "IP_ADDRESS_NOT_ON_ACCESS_LIST"                                    // 403: the address that the request came from
	CodeRequiresAccessList        = "RESOURCE_REQUIRES_ACCESS_LIST"                                    // 403: a key without an access list

	CodeRestoreJobNotFound  = "RESTORE_JOB_NOT_FOUND"                                      // 404
	CodeRestoreInProgress   = "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"                          // 409: another restore onto the same cluster
	CodeCannotRestore       = "CANNOT_RESTORE_TO_TARGET"                                   // 403: no permission on the snapshot or the target
	CodeCannotCancelRestore = "CANNOT_CANCEL_AUTOMATED_RESTORE"                            // 400: only downloads can be cancelled
	CodeRestorePaused       = "CLUSTER_PAUSED_CANNOT_RESTORE"                              // 400: the target is paused
	CodeRestoreIncomplete   = "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"   // 409
	CodeRestoreDeleted      = "CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT"              // 409
	CodeRestoreEncryption   = "INVALID_SNAPSHOT_RESTORE_ENCRYPTION"                        // 400: snapshot and target are encrypted differently
	CodeRestoreLiveImport   = "CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT" // 400
	CodeRestoreInitiation   = "RESTORE_INITIATION_FAILED"                                  // 409
	CodeRestoreShard        = "AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED"                     // 400: one shard's part of a snapshot
	CodeInvalidPointInTime  = "INVALID_PIT_RESTORE_TIME"                                   // 400
	CodeNoSnapshotBeforePIT = "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME"        // 404 (spelled so)
	CodeNoCheckpointForPIT  = "NO_CHECKPOINT_FOR_PIT_RESTORE"                              // 409

	CodeFlexRestoreNotFound    = "TENANT_RESTORE_NOT_FOUND"               // 404
	CodeFlexRestoreUnavailable = "TENANT_RESTORE_DESTINATION_UNAVAILABLE" // 400: the target cannot be restored onto now
	CodeFlexRestoreEncryption  = "TENANT_RESTORE_DESTINATION_ENCRYPTION"  // 400
	CodeFlexRestoreTopology    = "TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY"   // 400
	CodeFlexRestoreVersion     = "TENANT_RESTORE_VERSION_MISMATCH"        // 400
)
