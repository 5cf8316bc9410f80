package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/provider"
)

// target is the Atlas that the demo works on.
type target struct {
	projectID, clusterName string
	// restoreOnto is the cluster that the demo erases and restores onto; "" for none.
	restoreOnto string
	// keepDays is how long the snapshot is to be kept, at first and after the change.
	keepDays [2]int
	// environment is for Terraform, NAME=value each.
	environment []string
}

var errDeclined = errors.New("declined")

// liveAtlas reads the target from the environment, and names all that is missing there.
func liveAtlas(getenv func(string) string) (target, error) {
	atlas := target{
		projectID:   getenv("ATLASBACKUP_PROJECT_ID"),
		clusterName: getenv("ATLASBACKUP_CLUSTER_NAME"),
		restoreOnto: getenv("ATLASBACKUP_RESTORE_CLUSTER_NAME"),
		keepDays:    [2]int{1, 2},
	}
	var missing []string
	if atlas.projectID == "" {
		missing = append(missing, "ATLASBACKUP_PROJECT_ID, the id of the project")
	}
	if atlas.clusterName == "" {
		missing = append(missing, "ATLASBACKUP_CLUSTER_NAME, the name of a dedicated cluster with cloud backup")
	}
	missing = append(missing, missingCredentials(getenv)...)
	if len(missing) > 0 {
		return target{}, fmt.Errorf("missing in the environment:\n  - %s", strings.Join(missing, "\n  - "))
	}
	return atlas, nil
}

// missingCredentials returns "" if one kind is complete. If one kind is set in part, it names the other half.
func missingCredentials(getenv func(string) string) []string {
	var begun []string
	for _, kind := range provider.CredentialKinds() {
		var absent []string
		for _, argument := range kind.Arguments {
			if !argument.IsSet(getenv) {
				absent = append(absent, strings.Join(argument.Variables, " or "))
			}
		}
		switch len(absent) {
		case 0:
			return nil
		case len(kind.Arguments):
		default:
			begun = append(begun, strings.Join(absent, ", ")+", the other half of the credentials")
		}
	}
	if len(begun) > 0 {
		return begun
	}
	return []string{"credentials, either\n      " + provider.CredentialVariables(" or\n      ")}
}

// announce returns what will happen on a real Atlas.
func announce(atlas target) string {
	restores := "It restores nothing. To see that, too, name a cluster that may be erased in ATLASBACKUP_RESTORE_CLUSTER_NAME."
	if atlas.restoreOnto != "" {
		restores = fmt.Sprintf("It ERASES cluster %q and restores the snapshot onto it. What that cluster holds now is lost.", atlas.restoreOnto)
	}
	return fmt.Sprintf(`This works on a real cluster: %q of project %s.

  - It takes one on-demand snapshot and waits for it, some minutes. Other on-demand snapshots of the cluster wait meanwhile.
  - It keeps the snapshot for %s, then changes that to %s.
  - %s
  - It deletes the snapshot. If it cannot, Atlas deletes it after those days.

Atlas charges for the storage of the snapshot while it exists. Nothing else of the cluster changes.
`, atlas.clusterName, atlas.projectID, days(atlas.keepDays[0]), days(atlas.keepDays[1]), restores)
}

// confirm asks whether to continue; nil is a yes.
func confirm(in io.Reader) error {
	fmt.Print("\nGo on? Only \"yes\" does: ")
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(answer) != "yes" {
		fmt.Println()
		return errDeclined
	}
	return nil
}
