package atlassim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// fields returns the switches by their names in a control request.
func (b *Behavior) fields() map[string]any {
	return map[string]any{
		"list_lag":                  &b.ListLag,
		"get_lag":                   &b.GetLag,
		"deleted_in_list_for":       &b.DeletedInListFor,
		"deleted_readable_for":      &b.DeletedReadableFor,
		"patch_lag":                 &b.PatchLag,
		"expiry_jitter":             &b.ExpiryJitter,
		"expiry_rounding":           &b.ExpiryRounding,
		"minimum_retention":         &b.MinimumRetention,
		"patch_from":                &b.PatchFrom,
		"descriptions":              &b.Descriptions,
		"descriptions_in_list_only": &b.DescriptionsInListOnly,
		"id_before":                 &b.IDBefore,
		"no_date":                   &b.NoDate,
		"date_offset":               &b.DateOffset,
		"clock_offset":              &b.ClockOffset,
		"list_order":                &b.ListOrder,
		"no_next_link":              &b.NoNextLink,
		"no_results":                &b.NoResults,
		"free_cluster_error":        &b.FreeClusterError,
		"gzip":                      &b.Gzip,
		"expiry_before":             &b.ExpiryBefore,
		"snapshot_fields":           &b.SnapshotFields,

		"restore_list_lag":                &b.RestoreListLag,
		"restore_get_lag":                 &b.RestoreGetLag,
		"restore_purged_after":            &b.RestorePurgedAfter,
		"restore_failed_only":             &b.RestoreFailedOnly,
		"restore_of_deleted_fails":        &b.RestoreOfDeletedFails,
		"restore_target_idle":             &b.RestoreTargetIdle,
		"restore_target_busy_for":         &b.RestoreTargetBusyFor,
		"restore_blind_for":               &b.RestoreBlindFor,
		"restore_cancel_finished_refused": &b.RestoreCancelFinishedRefused,
		"point_in_time_hidden":            &b.PointInTimeHidden,
	}
}

// behaviorValues are the values of the switches that have names for them.
var behaviorValues = map[string][]string{
	"patch_from":   {"", PatchFromRequest, PatchFromCompletion, PatchFromPatch},
	"descriptions": {"", DescriptionsEscaped, DescriptionsTruncated, DescriptionsCollapsed, DescriptionsAbsent},
	"list_order":   {"", ListOldest, ListShuffled},
}

// controlBehavior sets the switches that the request names and leaves the others as they are.
func (s *Simulator) controlBehavior(_ *http.Request, body []byte) (any, error) {
	var named map[string]json.RawMessage
	if err := readControl(body, &named); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := s.behavior
	fields := changed.fields()
	for _, name := range slices.Sorted(maps.Keys(named)) {
		field, known := fields[name]
		if !known {
			return nil, fmt.Errorf("no behavior %q", name)
		}
		if err := readField(named[name], field); err != nil {
			return nil, fmt.Errorf("the value of %s cannot be read: %w", name, err)
		}
	}
	for name, allowed := range behaviorValues {
		if word, ok := fields[name].(*string); ok && !slices.Contains(allowed, *word) {
			return nil, fmt.Errorf("%s %q is none of %q", name, *word, allowed)
		}
	}
	s.behavior = changed
	return nil, nil
}

// readField decodes one value. A duration is a number of seconds or a text such as "1m30s".
func readField(raw json.RawMessage, into any) error {
	if fields, ok := into.(*map[string]json.RawMessage); ok {
		*fields = nil // a new map: decoding would add to the old one, which others hold
	}
	duration, ok := into.(*time.Duration)
	if !ok {
		return json.Unmarshal(raw, into)
	}
	var number float64
	if json.Unmarshal(raw, &number) == nil {
		*duration = seconds(number)
		return nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(text)
	*duration = parsed
	return err
}
