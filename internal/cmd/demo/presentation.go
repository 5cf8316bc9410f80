package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strconv"
	"sync"
	"time"
)

// presentation shows the life of a snapshot. sim is nil on a real Atlas.
type presentation struct {
	tf    *terraform
	atlas target
	sim   *simulator

	before  map[string]bool // the on-demand snapshots that were there at first
	applied bool            // there may be a snapshot that Terraform knows
	figures figures
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}

func printLine(format string, args ...any) { fmt.Printf("    "+format+"\n", args...) }

func (p *presentation) steps(ctx context.Context) error {
	began := time.Now()
	if err := p.showCluster(ctx); err != nil {
		return err
	}
	type stepOfDemo struct {
		name, title string
		do          func(context.Context) error
	}
	steps := []stepOfDemo{
		{"take", "Take a snapshot, keep it " + days(p.atlas.keepDays[0]), p.take},
		{"keep longer", "Keep it " + days(p.atlas.keepDays[1]) + ": the same snapshot, changed in place", p.keepLonger},
	}
	if p.atlas.restoreOnto != "" {
		steps = append(steps, stepOfDemo{"restore", fmt.Sprintf("Lose data, and restore it onto %q", p.atlas.restoreOnto), p.restore})
	}
	steps = append(steps,
		stepOfDemo{"plan", "Plan again: nothing to do", p.planNothing},
		stepOfDemo{"destroy", "Destroy: the snapshot goes, what was restored stays", p.destroy})
	for number, step := range steps {
		fmt.Printf("\n%d. %s\n", number+2, step.title)
		start := time.Now()
		if err := step.do(ctx); err != nil {
			return err
		}
		if err := p.figures.add(ctx, step.name, time.Since(start), p.sim); err != nil {
			return err
		}
	}
	if p.sim != nil {
		fmt.Printf("\n%d. Look for anything left behind\n", len(steps)+2)
		if err := p.audit(ctx); err != nil {
			return err
		}
	}
	fmt.Println()
	p.figures.print(time.Since(began))
	return nil
}

// showCluster shows the cluster, and records which snapshots it has already.
func (p *presentation) showCluster(ctx context.Context) error {
	fmt.Printf("\n1. The cluster\n")
	if p.sim == nil {
		printLine("%q of project %s", p.atlas.clusterName, p.atlas.projectID)
		return nil
	}
	printLine("%q of project %s", p.atlas.clusterName, p.atlas.projectID)
	printLine("on a simulated Atlas at %s, whose time runs %d times faster", p.sim.BaseURL, speed)
	all, err := p.sim.onDemand(ctx)
	p.before = map[string]bool{}
	for _, snap := range all {
		p.before[snap.ID] = true
	}
	return err
}

func (p *presentation) take(ctx context.Context) error {
	p.applied = true
	watching, unwatch := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	watcher.Go(func() { p.watch(watching) })
	outputs, _, err := p.tf.run(ctx, p.atlas.keepDays[0], "apply", "-auto-approve")
	unwatch()
	watcher.Wait()
	if err != nil {
		return err
	}
	p.figures.snapshotID, p.figures.expiresAt = outputs["snapshot_id"], outputs["expires_at"]
	printLine("snapshot %s is %s, taken %s, kept until %s", outputs["snapshot_id"], outputs["status"], outputs["created_at"], outputs["expires_at"])
	if outputs["status"] != "completed" {
		return fmt.Errorf("the snapshot is %q after the apply, not completed", outputs["status"])
	}
	return nil
}

// watch prints the status of the new snapshot until Atlas is done with it or ctx ends.
func (p *presentation) watch(ctx context.Context) {
	if p.sim == nil {
		return // Terraform's own progress lines have to do
	}
	var status string
	var began time.Time
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			snap, ok := p.newest(ctx)
			if !ok || snap.Status == status {
				continue
			}
			if status == "" {
				began = now
			}
			status = snap.Status
			printLine("    atlas: %-10s after %3.0f s of its time", status, now.Sub(began).Seconds()*speed)
			if status == "completed" || status == "failed" {
				return
			}
		}
	}
}

// newest returns the on-demand snapshot that was not there at first.
func (p *presentation) newest(ctx context.Context) (snapshot, bool) {
	all, err := p.sim.onDemand(ctx)
	if err != nil {
		return snapshot{}, false
	}
	for _, snap := range all {
		if !p.before[snap.ID] {
			return snap, true
		}
	}
	return snapshot{}, false
}

func (p *presentation) keepLonger(ctx context.Context) error {
	outputs, _, err := p.tf.run(ctx, p.atlas.keepDays[1], "apply", "-auto-approve")
	if err != nil {
		return err
	}
	if outputs["snapshot_id"] != p.figures.snapshotID {
		return fmt.Errorf("the snapshot was %s and is %s: it was replaced", p.figures.snapshotID, outputs["snapshot_id"])
	}
	if outputs["expires_at"] == p.figures.expiresAt {
		return fmt.Errorf("the snapshot is still kept until %s", p.figures.expiresAt)
	}
	printLine("still snapshot %s, now kept until %s", outputs["snapshot_id"], outputs["expires_at"])
	return nil
}

// restore shows how the data of the snapshot comes back. On a real Atlas nobody loses data for it.
func (p *presentation) restore(ctx context.Context) error {
	held := ""
	if p.sim != nil {
		var err error
		if held, _, err = p.sim.holds(ctx, p.atlas.clusterName); err != nil {
			return err
		}
		if err := p.sim.lose(ctx, p.atlas.clusterName); err != nil {
			return err
		}
		printLine("somebody drops the wrong collection: %q now holds nothing of value", p.atlas.clusterName)
	}
	p.tf.environment = append(p.tf.environment, "TF_VAR_restore_onto="+p.atlas.restoreOnto)
	outputs, _, err := p.tf.run(ctx, p.atlas.keepDays[1], "apply", "-auto-approve")
	if err != nil {
		return err
	}
	printLine("restore job %s took %s s", outputs["restore_job_id"], outputs["restore_seconds"])
	if p.sim == nil {
		return nil
	}
	data, erasures, err := p.sim.holds(ctx, p.atlas.restoreOnto)
	if err != nil {
		return err
	}
	printLine("%q was erased once, and holds %q", p.atlas.restoreOnto, data)
	if data != held || erasures != 1 {
		return fmt.Errorf("%q holds %q after %d erasures, want %q after 1", p.atlas.restoreOnto, data, erasures, held)
	}
	return nil
}

func (p *presentation) planNothing(ctx context.Context) error {
	_, code, err := p.tf.run(ctx, p.atlas.keepDays[1], "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	if code != 0 {
		return errors.New("the plan is not empty")
	}
	printLine("the plan is empty (exit code 0)")
	return nil
}

func (p *presentation) destroy(ctx context.Context) error {
	_, _, err := p.tf.run(ctx, p.atlas.keepDays[1], "destroy", "-auto-approve")
	if err != nil {
		return err
	}
	left, err := p.tf.resources()
	if err != nil {
		return err
	}
	if left > 0 {
		return fmt.Errorf("%d resources are left in the state", left)
	}
	printLine("the state is empty")
	return nil
}

// audit compares the snapshots that were taken with those that are left.
func (p *presentation) audit(ctx context.Context) error {
	all, err := p.sim.onDemand(ctx)
	if err != nil {
		return err
	}
	var made, left int
	for _, snap := range all {
		if p.before[snap.ID] {
			continue
		}
		made++
		if snap.DeletedAt.IsZero() {
			left++
		}
	}
	printLine("snapshots taken: %d, left in Atlas: %d", made, left)
	if made != 1 || left != 0 {
		return fmt.Errorf("%d snapshots were taken and %d are left, want 1 and 0", made, left)
	}
	return nil
}

// deleteWhatIsLeft destroys, after a failure or an interruption, what is in the state. left reports whether that failed.
func (p *presentation) deleteWhatIsLeft(ctx context.Context) (left bool, err error) {
	count, err := p.tf.resources()
	if !p.applied || (err == nil && count == 0) {
		return false, nil
	}
	fmt.Printf("\nDelete the snapshot that was taken (another Ctrl-C leaves it to Atlas)\n")
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), stopSignals...)
	defer stop()
	_, _, err = p.tf.run(ctx, p.atlas.keepDays[0], "destroy", "-auto-approve")
	return err != nil, err
}
